-- name: create
CREATE TABLE IF NOT EXISTS candidate (
  tenant       text COLLATE "C" NOT NULL,
  subject      uuid NOT NULL,
  place        bigint NOT NULL,
  department   text,
  location     text,
  legal_entity text,
  gone         bool NOT NULL DEFAULT false,
  PRIMARY KEY (tenant, subject)
);

CREATE TABLE IF NOT EXISTS batch (
  tenant   text COLLATE "C" NOT NULL,
  batch    uuid NOT NULL,
  position bigint NOT NULL,
  ended    bool NOT NULL DEFAULT false,
  PRIMARY KEY (tenant, batch)
);

-- name: index
CREATE INDEX IF NOT EXISTS candidate_by_place ON candidate (tenant, place);

-- name: put
INSERT INTO candidate (tenant, subject, place, department, location, legal_entity)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (tenant, subject) DO UPDATE SET
  department = excluded.department, location = excluded.location,
  legal_entity = excluded.legal_entity

-- name: set_gone
UPDATE candidate SET gone = $3 WHERE tenant = $1 AND subject = $2

-- name: open_batch
INSERT INTO batch (tenant, batch, position) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING

-- name: end_batch
UPDATE batch SET ended = true WHERE tenant = $1 AND batch = $2

-- name: open_batches
SELECT batch FROM batch WHERE tenant = $1 AND NOT ended ORDER BY position

-- name: ended_batches
SELECT batch, position FROM batch
 WHERE tenant = $1 AND ended AND position < $2 ORDER BY position DESC LIMIT $3

-- name: places
SELECT array_agg(DISTINCT department ORDER BY department) FILTER (WHERE department IS NOT NULL) AS departments,
       array_agg(DISTINCT location ORDER BY location) FILTER (WHERE location IS NOT NULL) AS locations,
       array_agg(DISTINCT legal_entity ORDER BY legal_entity) FILTER (WHERE legal_entity IS NOT NULL)
         AS legal_entities
  FROM candidate WHERE tenant = $1 AND NOT gone

-- name: knows
SELECT EXISTS (SELECT FROM batch WHERE tenant = $1 AND batch = $2)

-- name: count
SELECT count(*) FROM candidate
 WHERE tenant = $1 AND NOT gone
   AND ($2::text IS NULL OR department = $2)
   AND ($3::text IS NULL OR location = $3)
   AND ($4::text IS NULL OR legal_entity = $4)

-- name: after
SELECT place, subject FROM candidate
 WHERE tenant = $1 AND NOT gone AND place > $5
   AND ($2::text IS NULL OR department = $2)
   AND ($3::text IS NULL OR location = $3)
   AND ($4::text IS NULL OR legal_entity = $4)
 ORDER BY place LIMIT $6
