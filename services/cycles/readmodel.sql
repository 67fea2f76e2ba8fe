-- name: create
-- Of a steady cycle, `waiting_for` says who has the conversation that was brought back, also while it was
-- being laid to rest.
CREATE TABLE IF NOT EXISTS cycle (
  tenant      text COLLATE "C" NOT NULL,
  cycle       uuid NOT NULL,
  person      uuid NOT NULL,
  state       text NOT NULL,
  waiting_for text NOT NULL,
  department  text,
  partner     uuid,
  due         timestamptz,
  progress    bytea NOT NULL,
  PRIMARY KEY (tenant, cycle)
);
CREATE INDEX IF NOT EXISTS cycle_by_person ON cycle (tenant, person);

-- Mails that cycles have given rise to; `outcome` is empty until one was sent or refused for good.
CREATE TABLE IF NOT EXISTS notice (
  tenant  text COLLATE "C" NOT NULL,
  event   uuid NOT NULL,
  "to"    text NOT NULL,
  cycle   uuid NOT NULL,
  person  uuid NOT NULL,
  kind    text NOT NULL,
  at      timestamptz NOT NULL,
  outcome text NOT NULL DEFAULT '',
  PRIMARY KEY (tenant, event, "to")
);

-- name: index
CREATE INDEX IF NOT EXISTS cycle_by_partner ON cycle (tenant, partner);
-- Mail that waits, or is lost: most of what wasn't sent was rightly not, and is asked for by nobody.
CREATE INDEX IF NOT EXISTS notice_undelivered ON notice (tenant, at) WHERE outcome NOT IN (
  'sent', 'left', 'away', 'erased', 'too_late', 'outdated', 'nobody', 'declined', 'told_today');
CREATE INDEX IF NOT EXISTS notice_sent ON notice (tenant, "to", person, at) WHERE outcome = 'sent';
CREATE INDEX IF NOT EXISTS notice_sent_to_hr ON notice (tenant, at)
  WHERE outcome = 'sent' AND "to" = 'hr';

-- name: affected
SELECT progress FROM cycle
 WHERE tenant = $1 AND (cycle = ANY($2::uuid[]) OR (person = ANY($3::uuid[]) AND state <> 'closed'))

-- name: put
INSERT INTO cycle
  (tenant, cycle, person, state, waiting_for, department, partner, due, progress)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (tenant, cycle) DO UPDATE SET
  state = excluded.state, waiting_for = excluded.waiting_for, department = excluded.department,
  partner = excluded.partner, due = excluded.due, progress = excluded.progress

-- name: earliest_due
SELECT min(due) FROM cycle WHERE tenant = $1 AND state <> 'closed'

-- name: list_cycles
SELECT progress FROM cycle
 WHERE tenant = $1 AND cycle > $2
   AND ($4::uuid IS NULL OR person = $4)
   AND ($5::text IS NULL OR state = $5)
   AND ($6::text IS NULL OR waiting_for = $6)
   AND ($7::text IS NULL OR department = $7)
   AND ($8::uuid IS NULL OR partner = $8)
   AND ($9::uuid IS NULL OR person = $9 OR partner = $9)
   AND (NOT $10::bool OR partner IS NULL)
 ORDER BY cycle LIMIT $3

-- name: count_waiting
SELECT count(*) FROM cycle
 WHERE tenant = $1
   AND ((person = $2 AND waiting_for = 'employee') OR (partner = $2 AND waiting_for = 'partner'))

-- name: open_cycles
SELECT progress FROM cycle
 WHERE tenant = $1 AND cycle > $2 AND state <> 'closed' ORDER BY cycle LIMIT $3

-- name: put_notice
INSERT INTO notice (tenant, event, "to", cycle, person, kind, at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING

-- name: set_outcome
UPDATE notice SET outcome = $4 WHERE tenant = $1 AND event = $2 AND "to" = $3

-- name: unsent_since
SELECT DISTINCT person FROM notice WHERE tenant = $1 AND outcome = '' AND at < $2

-- name: earliest_unsent
SELECT min(at) FROM notice WHERE tenant = $1 AND outcome = ''

-- name: lost_notices
SELECT event, "to", cycle, person, kind, at, outcome FROM notice
 WHERE tenant = $1 AND outcome <> 'sent' AND (event, "to") > ($2, $5)
   AND ($4::text IS NULL OR (outcome = '') = ($4 = 'waiting'))
 ORDER BY event, "to" LIMIT $3

-- name: undelivered
-- What was rightly not sent is left out, as in the index. A later mail that arrived says that the address
-- is right again; HR is one address for everybody.
SELECT event, "to", cycle, person, kind, at, outcome FROM notice lost
 WHERE tenant = $1 AND outcome <> '' AND outcome NOT IN (
   'sent', 'left', 'away', 'erased', 'too_late', 'outdated', 'nobody', 'declined', 'told_today')
   AND NOT EXISTS (
     SELECT FROM notice later
      WHERE later.tenant = $1 AND later."to" = lost."to" AND later.person = lost.person
        AND later.at > lost.at AND later.outcome = 'sent')
   AND (lost."to" <> 'hr' OR lost.at >= COALESCE((
     SELECT max(later.at) FROM notice later
      WHERE later.tenant = $1 AND later."to" = 'hr' AND later.outcome = 'sent'), '-infinity'))
 ORDER BY at DESC, event, "to" LIMIT $2
