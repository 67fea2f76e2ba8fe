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
CREATE INDEX IF NOT EXISTS plan_by_person ON plan (tenant, person);

-- name: draft
INSERT INTO plan (tenant, id, person, cycle, round, state, proposed, version, position)
VALUES ($1, $2, $3, $4, $5, 'draft', false, 1, $6)
ON CONFLICT (tenant, id) DO NOTHING

-- name: move
UPDATE plan
   SET version = $3, state = coalesce($4, state), proposed = proposed OR $5
 WHERE tenant = $1 AND id = $2

-- name: plans_of
SELECT id, cycle, round, state, version, position FROM plan
 WHERE tenant = $1 AND person = $2 AND position > $3 AND (proposed OR $5)
 ORDER BY position LIMIT $4
