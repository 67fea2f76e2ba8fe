-- name: create
CREATE TABLE IF NOT EXISTS timeline (
  tenant   text COLLATE "C" NOT NULL,
  position bigint NOT NULL,
  person   uuid,
  cycle    uuid,
  actor    text NOT NULL,
  at       timestamptz NOT NULL,
  PRIMARY KEY (tenant, position)
);
CREATE INDEX IF NOT EXISTS timeline_by_person ON timeline (tenant, person, position);
CREATE INDEX IF NOT EXISTS timeline_by_cycle ON timeline (tenant, cycle, position);

-- name: add
INSERT INTO timeline (tenant, position, person, cycle, actor, at)
SELECT $1, * FROM unnest($2::bigint[], $3::uuid[], $4::uuid[], $5::text[], $6::timestamptz[])
ON CONFLICT (tenant, position) DO NOTHING

-- name: disclosures
SELECT e.* FROM timeline t
  JOIN record.event e ON e.tenant = t.tenant AND e.position = t.position
 WHERE t.tenant = $1 AND t.person = $2 AND t.position < $3 AND e.type = 'disclosures.words_read'
 ORDER BY t.position DESC LIMIT $4

-- name: timeline
SELECT e.* FROM timeline t
  JOIN record.event e ON e.tenant = t.tenant AND e.position = t.position
 WHERE t.tenant = $1 AND t.position > $2
   AND ($4::uuid IS NULL OR t.person = $4)
   AND ($5::uuid IS NULL OR t.cycle = $5)
   AND ($6::text IS NULL OR t.actor = $6)
   AND ($7::timestamptz IS NULL OR t.at >= $7)
   AND ($8::timestamptz IS NULL OR t.at < $8)
 ORDER BY t.position LIMIT $3
