-- name: endpoint
SELECT taken, heard, failures, next_at FROM record.endpoint
 WHERE tenant = $1 AND webhook = $2 FOR UPDATE

-- name: take
WITH news AS (
  SELECT f.position, f.type, f.ordering, e.event_id
    FROM record.feed f
    JOIN record.event e ON e.tenant = f.tenant AND e.position = f.log_position
   WHERE f.tenant = $1 AND f.position > $3 AND f.position <= $4
     AND (cardinality($5::text[]) = 0 OR f.type = ANY ($5))
)
INSERT INTO record.delivery (tenant, webhook, position, event_id, type, ordering, state)
SELECT $1, $2, position, event_id, type, ordering, 'waiting' FROM news
ON CONFLICT (tenant, webhook, position) DO UPDATE
  SET state = 'waiting', attempts = 0, next_at = NULL, failing_since = NULL

-- name: taken
UPDATE record.endpoint SET taken = $3, heard = $4 WHERE tenant = $1 AND webhook = $2

-- name: retry
UPDATE record.delivery SET state = 'waiting', next_at = NULL, failing_since = NULL
 WHERE tenant = $1 AND webhook = $2 AND position = $3

-- name: skip
UPDATE record.delivery SET state = 'skipped', next_at = NULL, settled_at = $4
 WHERE tenant = $1 AND webhook = $2 AND position = $3 AND state = 'waiting'

-- name: go_on
UPDATE record.endpoint SET failures = 0, next_at = NULL WHERE tenant = $1 AND webhook = $2

-- name: waiting_afresh
UPDATE record.delivery SET next_at = NULL, failing_since = NULL
 WHERE tenant = $1 AND webhook = $2 AND state = 'waiting'

-- name: waiting
SELECT position, event_id, type, ordering, attempts, next_at
  FROM record.delivery
 WHERE tenant = $1 AND webhook = $2 AND state = 'waiting' AND position > $3
 ORDER BY position LIMIT $4

-- name: delivered
UPDATE record.delivery
   SET state = 'delivered', attempts = attempts + 1, next_at = NULL, failing_since = NULL,
       last_attempt_at = $4, last_status = $5, last_failure = NULL, milliseconds = $6,
       settled_at = $4
 WHERE tenant = $1 AND webhook = $2 AND position = $3

-- name: failed
UPDATE record.delivery
   SET attempts = attempts + 1, next_at = $7, failing_since = coalesce(failing_since, $4),
       last_attempt_at = $4, last_status = $5, last_failure = $6
 WHERE tenant = $1 AND webhook = $2 AND position = $3

-- name: endpoint_well
UPDATE record.endpoint SET failures = 0, next_at = NULL, last_taken_at = $3
 WHERE tenant = $1 AND webhook = $2
   AND (failures > 0 OR last_taken_at IS NULL OR last_taken_at < $4)

-- name: endpoint_ill
UPDATE record.endpoint SET failures = failures + 1, next_at = $3
 WHERE tenant = $1 AND webhook = $2

-- name: takes_nothing
SELECT EXISTS (SELECT FROM record.delivery
                WHERE tenant = $1 AND webhook = $2 AND state = 'waiting' AND failing_since <= $3)
   AND NOT EXISTS (SELECT FROM record.endpoint
                    WHERE tenant = $1 AND webhook = $2 AND last_taken_at > $3)

-- name: prune
DELETE FROM record.delivery
 WHERE tenant = $1 AND webhook = $2 AND state <> 'waiting' AND settled_at < $3

-- name: list
SELECT position, event_id, type, state, attempts, next_at, failing_since, last_attempt_at,
       last_status, last_failure, milliseconds
  FROM record.delivery
 WHERE tenant = $1 AND webhook = $2 AND position < $3 AND ($4::text IS NULL OR state = $4)
 ORDER BY position DESC LIMIT $5

-- name: has
SELECT EXISTS (SELECT FROM record.delivery WHERE tenant = $1 AND webhook = $2 AND position = $3)

-- name: standing
SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting,
       min(failing_since) FILTER (WHERE state = 'waiting') AS failing_since
  FROM record.delivery WHERE tenant = $1 AND webhook = $2 AND state = 'waiting'

-- name: waiting_since
SELECT w.webhook, told.recorded_at
  FROM record.endpoint w
  CROSS JOIN LATERAL (
    SELECT least(
      (SELECT min(position) FROM record.delivery
        WHERE tenant = $1 AND webhook = w.webhook AND state = 'waiting'),
      (SELECT min(position) FROM record.feed
        WHERE tenant = $1 AND position > w.taken AND cardinality(w.types) = 0),
      (SELECT min(news.position) FROM unnest(w.types) AS wanted(type)
        CROSS JOIN LATERAL (SELECT min(position) AS position FROM record.feed
                             WHERE tenant = $1 AND type = wanted.type AND position > w.taken) news)
    ) AS position
  ) oldest
  CROSS JOIN LATERAL (
    SELECT e.recorded_at
      FROM record.feed f
      JOIN record.event e ON e.tenant = $1 AND e.position = f.log_position
     WHERE f.tenant = $1 AND f.position = oldest.position
     LIMIT 1  -- looked up for each webhook, instead of the whole feed being joined
  ) told
 WHERE w.tenant = $1 AND w.active

-- name: endpoints
SELECT webhook FROM record.endpoint WHERE tenant = $1 AND webhook > $2 ORDER BY webhook LIMIT $3
