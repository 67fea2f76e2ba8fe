-- name: create
CREATE TABLE IF NOT EXISTS timeline (
  tenant   text COLLATE "C" NOT NULL,
  position bigint NOT NULL,
  person   uuid,
  cycle    uuid,
  actor    text NOT NULL,
  type     text COLLATE "C" NOT NULL,
  at       timestamptz NOT NULL,
  PRIMARY KEY (tenant, position)
);

-- Who is named in what is about somebody else, or about the company.
CREATE TABLE IF NOT EXISTS naming (
  tenant   text COLLATE "C" NOT NULL,
  person   uuid NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (tenant, person, position)
);

-- name: index
CREATE INDEX IF NOT EXISTS timeline_by_person ON timeline (tenant, person, position);
CREATE INDEX IF NOT EXISTS timeline_by_cycle ON timeline (tenant, cycle, position);
CREATE INDEX IF NOT EXISTS timeline_by_actor ON timeline (tenant, actor, position);
CREATE INDEX IF NOT EXISTS timeline_by_type ON timeline (tenant, type, position);

-- name: add
INSERT INTO timeline (tenant, position, person, cycle, actor, type, at)
SELECT $1, * FROM unnest($2::bigint[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::timestamptz[])
ON CONFLICT (tenant, position) DO NOTHING

-- name: name
INSERT INTO naming (tenant, person, position) SELECT $1, * FROM unnest($2::uuid[], $3::bigint[])
ON CONFLICT (tenant, person, position) DO NOTHING

-- name: naming
SELECT e.* FROM naming n
  JOIN record.event e ON e.tenant = n.tenant AND e.position = n.position
 WHERE n.tenant = $1 AND n.person = $2
 ORDER BY n.position

-- name: disclosures
SELECT e.* FROM timeline t
  JOIN record.event e ON e.tenant = t.tenant AND e.position = t.position
 WHERE t.tenant = $1 AND t.person = $2 AND t.position < $3 AND t.type = 'disclosures.words_read'
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
   AND ($9::text IS NULL OR t.type = $9 OR starts_with(t.type, $9 || '.'))
 ORDER BY t.position LIMIT $3

-- name: newest
SELECT e.* FROM timeline t
  JOIN record.event e ON e.tenant = t.tenant AND e.position = t.position
 WHERE t.tenant = $1 AND t.type = $2 AND t.position < $3
   AND NOT EXISTS (SELECT FROM record.event later
                    WHERE later.tenant = e.tenant AND later.stream = e.stream
                      AND later.type = ANY ($5::text[]))
 ORDER BY t.position DESC LIMIT $4

-- name: streams_of
SELECT e.stream, split_part(e.type, '.', 1) AS kind FROM timeline t
  JOIN record.event e ON e.tenant = t.tenant AND e.position = t.position
 WHERE t.tenant = $1 AND t.person = $2 AND e.version = 1 AND e.recorded_at <= $3
 ORDER BY t.position
