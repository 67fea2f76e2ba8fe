-- name: create
CREATE TABLE IF NOT EXISTS api_client (
  tenant text COLLATE "C" NOT NULL,
  name   text COLLATE "C" NOT NULL,
  stream uuid NOT NULL,
  PRIMARY KEY (tenant, name)
);

-- name: add
INSERT INTO api_client (tenant, name, stream) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING

-- name: remove
DELETE FROM api_client WHERE tenant = $1 AND stream = $2

-- name: list_clients
SELECT stream FROM api_client WHERE tenant = $1 AND name > $2 ORDER BY name LIMIT $3

-- name: last_uses
SELECT client, number, used_at FROM record.key_use WHERE tenant = $1 AND client = ANY ($2::text[])
