-- name: create
CREATE TABLE IF NOT EXISTS person (
  tenant       text COLLATE "C" NOT NULL,
  subject      uuid NOT NULL,
  person       text COLLATE "C" NOT NULL,
  position     bigint NOT NULL,
  version      int  NOT NULL,
  status       text NOT NULL,
  department   text,
  location     text,
  legal_entity text,
  partner      uuid,
  end_date     date,
  left_on      date,
  PRIMARY KEY (tenant, subject)
);
ALTER TABLE person ADD COLUMN IF NOT EXISTS end_date date;
ALTER TABLE person ADD COLUMN IF NOT EXISTS left_on date;
CREATE UNIQUE INDEX IF NOT EXISTS person_by_id ON person (tenant, person);

-- Who was forgotten, by the random key alone: they are nobody's partner any more.
CREATE TABLE IF NOT EXISTS forgotten (
  tenant  text COLLATE "C" NOT NULL,
  subject uuid NOT NULL,
  PRIMARY KEY (tenant, subject)
);

-- What a roster feed closes in a legal entity, and whether that waits for a person.
CREATE TABLE IF NOT EXISTS feed (
  tenant       text COLLATE "C" NOT NULL,
  stream       uuid NOT NULL,
  legal_entity text,
  stopped_on   date,
  closings     int NOT NULL DEFAULT 0,
  people       int NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant, stream)
);

-- name: index
CREATE INDEX IF NOT EXISTS person_by_partner ON person (tenant, partner);
CREATE INDEX IF NOT EXISTS person_by_entity ON person (tenant, legal_entity);
CREATE INDEX IF NOT EXISTS person_by_department ON person (tenant, department, person);
CREATE INDEX IF NOT EXISTS person_ending ON person (tenant, end_date) WHERE left_on IS NULL;

-- name: put_profile
INSERT INTO person
  (tenant, subject, person, position, version, status, department, location, legal_entity, end_date)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (tenant, subject) DO UPDATE SET
  position = excluded.position, version = excluded.version, status = excluded.status,
  department = excluded.department, location = excluded.location,
  legal_entity = excluded.legal_entity, end_date = excluded.end_date

-- name: set_partner
UPDATE person SET partner = $3, version = $4 WHERE tenant = $1 AND subject = $2

-- name: set_left
UPDATE person SET left_on = $3, version = $4 WHERE tenant = $1 AND subject = $2

-- name: set_version
UPDATE person SET version = $3 WHERE tenant = $1 AND subject = $2

-- name: forget
WITH gone AS (DELETE FROM person WHERE tenant = $1 AND subject = $2)
INSERT INTO forgotten (tenant, subject) VALUES ($1, $2) ON CONFLICT DO NOTHING

-- name: watch_feed
INSERT INTO feed (tenant, stream, legal_entity) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING

-- name: stop_feed
UPDATE feed SET stopped_on = $3, closings = $4, people = $5 WHERE tenant = $1 AND stream = $2

-- name: stopped_feeds
SELECT legal_entity, stopped_on, closings, people FROM feed
 WHERE tenant = $1 AND stopped_on IS NOT NULL ORDER BY legal_entity NULLS FIRST

-- name: departments
WITH RECURSIVE found AS (
  (SELECT department FROM person
    WHERE tenant = $1 AND department IS NOT NULL ORDER BY department LIMIT 1)
  UNION ALL
  SELECT (SELECT p.department FROM person p
           WHERE p.tenant = $1 AND p.department > found.department ORDER BY p.department LIMIT 1)
    FROM found WHERE found.department IS NOT NULL
)
SELECT department FROM found WHERE department IS NOT NULL ORDER BY department

-- name: count_active
SELECT count(*) FROM person
 WHERE tenant = $1 AND legal_entity IS NOT DISTINCT FROM $2::text
   AND status = 'active' AND left_on IS NULL

-- name: reports_of
SELECT subject FROM person WHERE tenant = $1 AND partner = $2 ORDER BY subject

-- name: out_of_step
SELECT subject, partner FROM (
  SELECT subject, NULL::uuid AS partner FROM person
   WHERE tenant = $1 AND left_on IS NULL AND end_date < (now() AT TIME ZONE INTERVAL '-12:00')::date
  UNION ALL
  SELECT p.subject, p.partner FROM person p
    JOIN person gone ON gone.tenant = p.tenant AND gone.subject = p.partner
   WHERE p.tenant = $1 AND gone.left_on IS NOT NULL
  UNION ALL
  SELECT p.subject, p.partner FROM person p
    JOIN forgotten gone ON gone.tenant = p.tenant AND gone.subject = p.partner
   WHERE p.tenant = $1
) AS found
 WHERE subject > $2
 ORDER BY subject FETCH FIRST ($3) ROWS WITH TIES

-- name: list_people
SELECT p.person, p.version AS newest, p.partner, p.left_on, e.*
  FROM person p
  JOIN record.event e ON e.tenant = p.tenant AND e.position = p.position
 WHERE p.tenant = $1 AND p.person > $2
   AND ($4::text IS NULL OR p.department = $4)
   AND ($5::text IS NULL OR p.status = $5)
 ORDER BY p.person LIMIT $3
