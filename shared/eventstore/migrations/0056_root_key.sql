-- Which root key all keys are under, by a name that says nothing of it; no row as long as it is the first.
CREATE TABLE keys.root (
  single boolean     PRIMARY KEY DEFAULT true CHECK (single),
  name   text        NOT NULL CHECK (name ~ '^[0-9a-f]{16}$'),
  since  timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT SELECT, INSERT, UPDATE ON keys.root TO cairn_app;
