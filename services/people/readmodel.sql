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
  PRIMARY KEY (tenant, subject)
);
CREATE UNIQUE INDEX IF NOT EXISTS person_by_id ON person (tenant, person);

-- name: put_profile
INSERT INTO person
  (tenant, subject, person, position, version, status, department, location, legal_entity)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (tenant, subject) DO UPDATE SET
  position = excluded.position, version = excluded.version, status = excluded.status,
  department = excluded.department, location = excluded.location,
  legal_entity = excluded.legal_entity

-- name: set_partner
UPDATE person SET partner = $3, version = $4 WHERE tenant = $1 AND subject = $2

-- name: forget
DELETE FROM person WHERE tenant = $1 AND subject = $2

-- name: list_people
SELECT p.person, p.version AS newest, p.partner, e.*
  FROM person p
  JOIN record.event e ON e.tenant = p.tenant AND e.position = p.position
 WHERE p.tenant = $1 AND p.person > $2
   AND ($4::text IS NULL OR p.department = $4)
   AND ($5::text IS NULL OR p.status = $5)
 ORDER BY p.person LIMIT $3
