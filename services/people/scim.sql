-- name: claim
INSERT INTO keys.account (tenant, subject, user_name, external_id) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant, subject) DO UPDATE
  SET user_name = excluded.user_name, external_id = excluded.external_id

-- name: release
DELETE FROM keys.account WHERE tenant = $1 AND subject = $2

-- name: userName
SELECT subject FROM keys.account WHERE tenant = $1 AND user_name = $2

-- name: externalId
SELECT subject FROM keys.account WHERE tenant = $1 AND external_id = $2

-- name: count
SELECT count(*) FROM keys.account WHERE tenant = $1

-- name: page
SELECT subject FROM keys.account WHERE tenant = $1 ORDER BY subject LIMIT $2 OFFSET $3
