-- name: save
INSERT INTO drafts.draft AS d (tenant, stream, author, part, subject, version, text, saved_at)
VALUES ($1, $2, $3, $4, $5, 1, $6, $7)
ON CONFLICT (tenant, stream, author, part) DO UPDATE SET
  version = d.version + 1, text = excluded.text, saved_at = excluded.saved_at
  WHERE $8::int IS NULL OR d.version = $8
RETURNING version

-- name: read
SELECT author, part, version, text, saved_at FROM drafts.draft
 WHERE tenant = $1 AND stream = $2 AND author = $3 AND ($4::text IS NULL OR part = $4)
 ORDER BY part

-- name: own
SELECT stream, subject, part, text, version, saved_at FROM drafts.draft
 WHERE tenant = $1 AND author = $2 ORDER BY saved_at

-- name: throw_away
DELETE FROM drafts.draft
 WHERE tenant = $1 AND stream = $2 AND author = $3 AND part = $4 AND ($5::int IS NULL OR version = $5)

-- name: is_there
SELECT true FROM drafts.draft WHERE tenant = $1 AND stream = $2 AND author = $3 AND part = $4

-- name: forget
SELECT drafts.forget($1, $2, $3, $4, $5)
