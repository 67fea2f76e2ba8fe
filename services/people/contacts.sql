-- name: create
-- Of those who are there: whoever leaves takes the offer along, also where they come back.
CREATE TABLE IF NOT EXISTS mentoring_offer (
  tenant   text COLLATE "C" NOT NULL,
  mentor   uuid NOT NULL,
  skills   text[] NOT NULL,
  capacity int  NOT NULL,
  PRIMARY KEY (tenant, mentor)
);

-- name: offer
INSERT INTO mentoring_offer (tenant, mentor, skills, capacity) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant, mentor) DO UPDATE SET skills = excluded.skills, capacity = excluded.capacity

-- name: withdraw
DELETE FROM mentoring_offer WHERE tenant = $1 AND mentor = $2

-- name: offering
SELECT o.mentor
  FROM mentoring_offer o JOIN person p ON p.tenant = o.tenant AND p.subject = o.mentor
 WHERE o.tenant = $1 AND o.mentor = ANY ($2::uuid[]) AND p.status = 'active' AND p.left_on IS NULL

-- name: mentors_for
SELECT o.mentor, o.skills, o.capacity
  FROM mentoring_offer o JOIN person p ON p.tenant = o.tenant AND p.subject = o.mentor
 WHERE o.tenant = $1 AND o.skills && $2::text[] AND p.status = 'active' AND p.left_on IS NULL
 ORDER BY o.mentor LIMIT 500
