-- name: create
CREATE TABLE IF NOT EXISTS plan (
  tenant   text COLLATE "C" NOT NULL,
  id       uuid NOT NULL,
  person   uuid NOT NULL,
  cycle    uuid NOT NULL,
  round    int  NOT NULL,
  state    text NOT NULL,
  proposed boolean NOT NULL,
  version  int  NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (tenant, id)
);

-- What partners and organisation have promised.
CREATE TABLE IF NOT EXISTS promise (
  tenant      text COLLATE "C" NOT NULL,
  plan        uuid NOT NULL,
  action      text COLLATE "C" NOT NULL,
  person      uuid NOT NULL,
  owner       text NOT NULL,
  promised_by uuid,
  since       timestamptz NOT NULL,
  due         date,
  method      text NOT NULL,
  state       text NOT NULL,
  PRIMARY KEY (tenant, plan, action)
);

-- Who mentors in which action of a plan in force.
CREATE TABLE IF NOT EXISTS mentorship (
  tenant text COLLATE "C" NOT NULL,
  mentor uuid NOT NULL,
  plan   uuid NOT NULL,
  action text COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant, mentor, plan, action)
);
CREATE INDEX IF NOT EXISTS mentorship_by_plan ON mentorship (tenant, plan);

-- name: index
CREATE INDEX IF NOT EXISTS plan_by_person ON plan (tenant, person);
CREATE INDEX IF NOT EXISTS promise_by_person ON promise (tenant, person);
CREATE INDEX IF NOT EXISTS promise_by_partner ON promise (tenant, promised_by);

-- name: draft
INSERT INTO plan (tenant, id, person, cycle, round, state, proposed, version, position)
VALUES ($1, $2, $3, $4, $5, 'draft', false, 1, $6)
ON CONFLICT (tenant, id) DO NOTHING

-- name: move
UPDATE plan SET version = $3, state = $4, proposed = $5 WHERE tenant = $1 AND id = $2

-- name: plans_of
SELECT id, cycle, round, state, version, position FROM plan
 WHERE tenant = $1 AND person = $2 AND position > $3 AND (proposed OR $5)
 ORDER BY position LIMIT $4

-- name: forget_promises
DELETE FROM promise WHERE tenant = $1 AND plan = ANY ($2::uuid[])

-- name: put_promise
INSERT INTO promise (tenant, plan, action, person, owner, promised_by, since, due, method, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- name: forget_mentorships
DELETE FROM mentorship WHERE tenant = $1 AND plan = ANY ($2::uuid[])

-- name: put_mentorship
INSERT INTO mentorship (tenant, mentor, plan, action) VALUES ($1, $2, $3, $4)

-- name: mentees_of
SELECT mentor, count(*) AS mentees FROM mentorship
 WHERE tenant = $1 AND mentor = ANY ($2::uuid[]) GROUP BY mentor

-- name: promises
SELECT plan, action, person, owner, promised_by, since, due, method, state FROM promise
 WHERE tenant = $1 AND (plan, action) > ($2, $3)
   AND ($5::uuid IS NULL OR person = $5)
   AND ($6::uuid IS NULL OR promised_by = $6)
   AND ($7::text IS NULL OR owner = $7)
   AND ($8::text IS NULL OR state = $8)
   AND ($9::uuid IS NULL OR person = $9 OR promised_by = $9)
 ORDER BY plan, action LIMIT $4
