-- name: create
CREATE TABLE IF NOT EXISTS conversation (
  tenant   text COLLATE "C" NOT NULL,
  id       uuid NOT NULL,
  person   uuid NOT NULL,
  cycle    uuid NOT NULL,
  round    int  NOT NULL,
  kind     text NOT NULL,
  state    text NOT NULL,
  version  int  NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (tenant, id)
);

-- name: index
CREATE INDEX IF NOT EXISTS conversation_by_person ON conversation (tenant, person);

-- name: open
INSERT INTO conversation
  (tenant, id, person, cycle, round, kind, state, version, position)
VALUES ($1, $2, $3, $4, $5, $6, 'open', 1, $7)
ON CONFLICT (tenant, id) DO NOTHING

-- name: move
UPDATE conversation SET version = $3, state = coalesce($4, state)
 WHERE tenant = $1 AND id = $2

-- name: conversations_of
SELECT id, cycle, round, kind, state, version, position FROM conversation
 WHERE tenant = $1 AND person = $2 AND position > $3
 ORDER BY position LIMIT $4
