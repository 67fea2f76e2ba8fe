-- name: create
CREATE TABLE IF NOT EXISTS keeping (
  tenant       text COLLATE "C" NOT NULL,
  subject      uuid NOT NULL,
  legal_entity text,
  left_on      date,
  erased       text,
  hold         text,
  hold_owner   uuid,
  hold_since   timestamptz,
  hold_review  date,
  PRIMARY KEY (tenant, subject)
);

-- name: index
CREATE INDEX IF NOT EXISTS keeping_left ON keeping (tenant, left_on) WHERE left_on IS NOT NULL AND erased IS DISTINCT FROM 'link';
-- Not by coalesce, which PostgreSQL doesn't let through below the guard of a tenant's rows.
CREATE INDEX IF NOT EXISTS keeping_held
    ON keeping (tenant, (CASE WHEN hold_review IS NULL THEN '-infinity' ELSE hold_review END), subject)
 WHERE hold IS NOT NULL;

-- name: put_entity
INSERT INTO keeping (tenant, subject, legal_entity) VALUES ($1, $2, $3)
ON CONFLICT (tenant, subject) DO UPDATE SET legal_entity = excluded.legal_entity

-- name: set_left
UPDATE keeping SET left_on = $3 WHERE tenant = $1 AND subject = $2

-- name: set_hold
UPDATE keeping SET hold = $3, hold_owner = $4, hold_since = $5, hold_review = $6
 WHERE tenant = $1 AND subject = $2

-- name: set_erased
UPDATE keeping SET erased = $3 WHERE tenant = $1 AND subject = $2

-- name: entities
SELECT DISTINCT legal_entity FROM keeping
 WHERE tenant = $1 AND left_on IS NOT NULL AND erased IS DISTINCT FROM 'link'
 ORDER BY legal_entity NULLS FIRST

-- name: over
SELECT subject FROM keeping
 WHERE tenant = $1 AND legal_entity IS NOT DISTINCT FROM $2::text AND left_on <= $3 AND hold IS NULL
   AND CASE WHEN $4 = 'words' THEN erased IS NULL ELSE erased IS DISTINCT FROM 'link' END
 ORDER BY left_on, subject LIMIT $5

-- name: count_over
SELECT count(*) FILTER (WHERE hold IS NULL) AS over, count(*) FILTER (WHERE hold IS NOT NULL) AS held
  FROM keeping
 WHERE tenant = $1 AND legal_entity IS NOT DISTINCT FROM $2::text AND left_on <= $3
   AND CASE WHEN $4 = 'words' THEN erased IS NULL ELSE erased IS DISTINCT FROM 'link' END

-- name: holds
SELECT subject, hold, hold_owner, hold_since, hold_review FROM keeping
 WHERE tenant = $1 AND hold IS NOT NULL
   AND (CASE WHEN hold_review IS NULL THEN '-infinity' ELSE hold_review END, subject) > ($2::date, $3::uuid)
 ORDER BY CASE WHEN hold_review IS NULL THEN '-infinity' ELSE hold_review END, subject LIMIT $4

-- name: unfinished
SELECT subject FROM keys.erasing WHERE tenant = $1
UNION
SELECT k.subject FROM keeping k
 WHERE k.tenant = $1 AND k.erased IS NOT NULL
   AND (EXISTS (SELECT FROM keys.subject_key s WHERE s.tenant = k.tenant AND s.subject = k.subject)
     OR k.erased = 'link'
        AND EXISTS (SELECT FROM keys.subject s WHERE s.tenant = k.tenant AND s.subject = k.subject))
