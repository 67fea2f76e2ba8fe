-- name: create
CREATE TABLE IF NOT EXISTS insight_person (
  tenant       text COLLATE "C" NOT NULL,
  person       uuid NOT NULL,
  department   text,
  location     text,
  legal_entity text,
  partner      uuid,
  employed     bool NOT NULL,
  waits_since  timestamptz,
  away         tstzmultirange NOT NULL,
  standing     bytea NOT NULL,
  PRIMARY KEY (tenant, person)
);

-- How many people each place has: a department at a location of a legal entity.
CREATE TABLE IF NOT EXISTS insight_place (
  tenant       text COLLATE "C" NOT NULL,
  department   text COLLATE "C",
  location     text COLLATE "C",
  legal_entity text COLLATE "C",
  people       int NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant, department, location, legal_entity)
) WITH (fillfactor = 70);

-- How many people of each group stand where: kept up with each event, so that coverage is read at once.
CREATE TABLE IF NOT EXISTS insight_tally (
  tenant       text COLLATE "C" NOT NULL,
  dimension    text COLLATE "C" NOT NULL,
  "group"      text COLLATE "C",
  bucket       text COLLATE "C" NOT NULL,
  ended_in     date,
  concluded_in date,
  people       int NOT NULL,
  UNIQUE NULLS NOT DISTINCT (tenant, dimension, "group", bucket, ended_in, concluded_in)
) WITH (fillfactor = 70);

CREATE TABLE IF NOT EXISTS insight_offer (
  tenant        text COLLATE "C" NOT NULL,
  conversation  uuid NOT NULL,
  person        uuid NOT NULL,
  offered_at    timestamptz NOT NULL,
  on_time       bool NOT NULL,
  guide         text NOT NULL,
  guide_version int NOT NULL,
  meeting       text,
  partner       uuid,
  outcome       text NOT NULL DEFAULT 'open',
  ended_at      timestamptz,
  PRIMARY KEY (tenant, conversation)
);

CREATE TABLE IF NOT EXISTS insight_plan (
  tenant   text COLLATE "C" NOT NULL,
  plan     uuid NOT NULL,
  person   uuid NOT NULL,
  practice bytea NOT NULL,
  PRIMARY KEY (tenant, plan)
);

CREATE TABLE IF NOT EXISTS insight_action (
  tenant      text COLLATE "C" NOT NULL,
  plan        uuid NOT NULL,
  action      text COLLATE "C" NOT NULL,
  person      uuid NOT NULL,
  method      text NOT NULL,
  owner       text NOT NULL,
  mentored    bool NOT NULL,
  promise     text,
  partner     uuid,
  in_force_at timestamptz NOT NULL,
  PRIMARY KEY (tenant, plan, action)
);

-- name: index
CREATE INDEX IF NOT EXISTS insight_person_waiting
    ON insight_person (tenant, waits_since) WHERE employed AND waits_since IS NOT NULL;
CREATE INDEX IF NOT EXISTS insight_offer_by_day ON insight_offer (tenant, offered_at);
CREATE INDEX IF NOT EXISTS insight_action_by_day ON insight_action (tenant, in_force_at);

-- name: standings
SELECT standing FROM insight_person WHERE tenant = $1 AND person = ANY ($2::uuid[])

-- name: put_standing
INSERT INTO insight_person
  (tenant, person, department, location, legal_entity, partner, employed, waits_since, away, standing)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (tenant, person) DO UPDATE SET
  department = excluded.department, location = excluded.location,
  legal_entity = excluded.legal_entity, partner = excluded.partner, employed = excluded.employed,
  waits_since = excluded.waits_since, away = excluded.away, standing = excluded.standing

-- name: forget
WITH gone AS (DELETE FROM insight_person WHERE tenant = $1 AND person = $2),
     offers AS (DELETE FROM insight_offer WHERE tenant = $1 AND person = $2),
     plans AS (DELETE FROM insight_plan WHERE tenant = $1 AND person = $2)
DELETE FROM insight_action WHERE tenant = $1 AND person = $2

-- name: settle
INSERT INTO insight_place (tenant, department, location, legal_entity, people)
SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::int[])
ON CONFLICT (tenant, department, location, legal_entity)
DO UPDATE SET people = insight_place.people + excluded.people

-- name: tally
INSERT INTO insight_tally (tenant, dimension, "group", bucket, ended_in, concluded_in, people)
SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::date[], $6::date[], $7::int[])
ON CONFLICT (tenant, dimension, "group", bucket, ended_in, concluded_in)
DO UPDATE SET people = insight_tally.people + excluded.people
RETURNING ctid, people

-- name: sweep
DELETE FROM insight_tally WHERE ctid = ANY ($1::tid[])

-- name: offer
INSERT INTO insight_offer
  (tenant, conversation, person, partner, offered_at, on_time, guide, guide_version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING

-- name: meet
UPDATE insight_offer SET meeting = $3 WHERE tenant = $1 AND conversation = $2

-- name: end
UPDATE insight_offer SET outcome = $3, ended_at = $4 WHERE tenant = $1 AND conversation = $2

-- name: practices
SELECT practice FROM insight_plan WHERE tenant = $1 AND plan = ANY ($2::uuid[])

-- name: put_practice
INSERT INTO insight_plan (tenant, plan, person, practice) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant, plan) DO UPDATE SET practice = excluded.practice

-- name: forget_actions
DELETE FROM insight_action WHERE tenant = $1 AND plan = ANY ($2::uuid[])

-- name: put_action
INSERT INTO insight_action
  (tenant, plan, action, person, method, owner, mentored, promise, partner, in_force_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- name: places
SELECT department, location, legal_entity, people FROM insight_place WHERE tenant = $1 AND people > 0

-- name: coverage
-- What ended before the window is as if it had not been offered.
SELECT "group", sum(people)::int AS people,
       coalesce(sum(people) FILTER (WHERE bucket = 'not_offered' OR ended_in < $3), 0)::int AS not_offered,
       coalesce(sum(people) FILTER (WHERE bucket = 'offered' AND within), 0)::int AS offered,
       coalesce(sum(people) FILTER (WHERE bucket = 'under_way' AND within), 0)::int AS under_way,
       coalesce(sum(people) FILTER (WHERE bucket = 'resting' AND within), 0)::int AS resting,
       coalesce(sum(people) FILTER (WHERE bucket = 'concluded' AND within), 0)::int AS concluded,
       coalesce(sum(people) FILTER (WHERE concluded_in >= $3), 0)::int AS concluded_within
  FROM (SELECT *, ended_in IS NULL OR ended_in >= $3 AS within
          FROM insight_tally WHERE tenant = $1 AND dimension = $2) AS found
 GROUP BY "group"

-- name: offered
-- With whom they talked when it was offered, whoever their partner is by now.
SELECT department, location, legal_entity, count(DISTINCT person)::int AS people,
       count(DISTINCT person) FILTER (WHERE outcome = 'concluded')::int AS concluded,
       count(DISTINCT person) FILTER (WHERE meeting = 'held')::int AS met,
       count(DISTINCT person) FILTER (WHERE meeting = 'waived')::int AS without_meeting,
       array_agg(DISTINCT o.partner) FILTER (WHERE o.partner IS NOT NULL) AS partners
  FROM insight_offer AS o JOIN insight_person USING (tenant, person)
 WHERE tenant = $1 AND offered_at >= $2 AND employed GROUP BY 1, 2, 3

-- name: promised
-- Whose promise it is, whoever is the partner by now.
SELECT department, location, legal_entity, count(DISTINCT person)::int AS people,
       array_agg(DISTINCT a.partner) FILTER (WHERE a.partner IS NOT NULL) AS partners
  FROM insight_action AS a JOIN insight_person USING (tenant, person)
 WHERE tenant = $1 AND in_force_at >= $2 AND employed AND promise IS NOT NULL GROUP BY 1, 2, 3

-- name: consistency
-- Within, since what stands outside a list that is rolled up can't be looked up by below its guard.
SELECT "group", GROUPING("group") = 1 AS is_total,
       count(DISTINCT person)::int AS people,
       count(*)::int AS offers,
       count(*) FILTER (WHERE on_time)::int AS on_time,
       count(*) FILTER (WHERE outcome = 'concluded')::int AS concluded,
       count(*) FILTER (WHERE outcome IN ('declined', 'rested', 'closed'))::int AS ended_otherwise,
       count(*) FILTER (WHERE meeting = 'held')::int AS met,
       count(*) FILTER (WHERE meeting = 'waived')::int AS without_meeting,
       percentile_disc(0.5) WITHIN GROUP (ORDER BY ended_at::date - offered_at::date)
         FILTER (WHERE outcome = 'concluded') AS days_to_conversation,
       array_agg(DISTINCT guide || '/' || guide_version) AS guides
  FROM (SELECT *, CASE $3 WHEN 'department' THEN department WHEN 'location' THEN location
                              ELSE legal_entity END AS "group"
          FROM insight_offer JOIN insight_person USING (tenant, person)
         WHERE tenant = $1 AND offered_at >= $2 AND employed) AS found
 GROUP BY ROLLUP ("group")

-- name: owed
-- Nothing was owed to whoever was away for some of the time, or still is. Who waits does so with the
-- partner of today.
SELECT department, location, legal_entity, count(DISTINCT person)::int AS people,
       count(*) FILTER (WHERE forgotten)::int AS forgotten,
       array_agg(DISTINCT partner) FILTER (WHERE partner IS NOT NULL) AS partners
  FROM (SELECT person, department, location, legal_entity, partner, true AS forgotten
          FROM insight_person
         WHERE tenant = $1 AND employed AND waits_since < $3 AND NOT away && tstzrange($3, $4)
         UNION ALL
        SELECT person, department, location, legal_entity, o.partner, false
          FROM insight_offer AS o JOIN insight_person USING (tenant, person)
         WHERE tenant = $1 AND offered_at >= $2 AND employed) AS found
 GROUP BY 1, 2, 3

-- name: methods
SELECT department, location, legal_entity,
       count(DISTINCT person)::int AS people,
       count(DISTINCT person) FILTER (WHERE method = 'job_enrichment')::int AS job_enrichment,
       count(DISTINCT person) FILTER (WHERE method = 'stretch_assignment')::int AS stretch_assignment,
       count(DISTINCT person) FILTER (WHERE method = 'mentoring')::int AS mentoring,
       count(DISTINCT person) FILTER (WHERE method = 'coaching')::int AS coaching,
       count(DISTINCT person) FILTER (WHERE method = 'other')::int AS other,
       count(DISTINCT person) FILTER (WHERE mentored)::int AS with_a_mentor
  FROM insight_action JOIN insight_person USING (tenant, person)
 WHERE tenant = $1 AND in_force_at >= $2 AND employed GROUP BY 1, 2, 3

-- name: promises
SELECT "group", GROUPING("group") = 1 AS is_total,
       count(DISTINCT person)::int AS people,
       count(*)::int AS promised,
       count(*) FILTER (WHERE promise = 'open')::int AS open,
       count(*) FILTER (WHERE promise = 'kept')::int AS kept,
       count(*) FILTER (WHERE promise = 'broken')::int AS broken,
       count(*) FILTER (WHERE promise = 'released')::int AS released,
       count(*) FILTER (WHERE promise = 'carried_over')::int AS carried_over
  FROM (SELECT *, CASE $3 WHEN 'department' THEN department WHEN 'location' THEN location
                              ELSE legal_entity END AS "group"
          FROM insight_action JOIN insight_person USING (tenant, person)
         WHERE tenant = $1 AND in_force_at >= $2 AND employed AND promise IS NOT NULL) AS found
 GROUP BY ROLLUP ("group")
