-- name: publish
INSERT INTO record.feed (tenant, position, log_position, type, ordering)
SELECT $1, coalesce((SELECT max(position) FROM record.feed WHERE tenant = $1), 0) + place,
       log_position, type, ordering
  FROM unnest($2::bigint[], $3::text[], $4::uuid[]) WITH ORDINALITY
    AS told(log_position, type, ordering, place)

-- name: tell
SELECT pg_notify('cairn_feed', $1)

-- name: register_endpoint
INSERT INTO record.endpoint (tenant, webhook, active, types, taken, heard)
VALUES ($1, $2, true, $3, $4, 1) ON CONFLICT DO NOTHING

-- name: change_endpoint
UPDATE record.endpoint SET types = $3 WHERE tenant = $1 AND webhook = $2

-- name: switch_endpoint
UPDATE record.endpoint SET active = $3 WHERE tenant = $1 AND webhook = $2

-- name: remove_endpoint
DELETE FROM record.endpoint WHERE tenant = $1 AND webhook = $2

-- name: read
SELECT f.position AS feed_position, e.*
  FROM record.feed f
  JOIN record.event e ON e.tenant = f.tenant AND e.position = f.log_position
 WHERE f.tenant = $1 AND f.position > $2 AND (cardinality($3::text[]) = 0 OR f.type = ANY ($3))
 ORDER BY f.position LIMIT $4

-- name: events_at
SELECT f.position AS feed_position, e.*
  FROM record.feed f
  JOIN record.event e ON e.tenant = f.tenant AND e.position = f.log_position
 WHERE f.tenant = $1 AND f.position = ANY ($2::bigint[])
 ORDER BY f.position

-- name: newest
SELECT coalesce(max(position), 0) FROM record.feed WHERE tenant = $1

-- name: reached
SELECT position FROM record.checkpoint WHERE tenant = $1 AND follower = 'feed'

-- name: endpoints
SELECT webhook, types FROM record.endpoint WHERE tenant = $1 AND active
