-- Who is logged in to the pages. A row is known by the hash of its cookie's secret, never the secret.

CREATE SCHEMA console;

-- `opened` is NULL for a link that nobody has used yet.
CREATE TABLE console.session (
  tenant  text COLLATE "C" NOT NULL,
  id      bytea       NOT NULL CHECK (octet_length(id) = 32),
  subject uuid,
  name    text        NOT NULL,
  roles   text[]      NOT NULL,
  began   timestamptz NOT NULL,
  seen    timestamptz NOT NULL,
  opened  timestamptz,
  PRIMARY KEY (tenant, id)
);
CREATE INDEX session_by_age ON console.session (tenant, seen);

-- What somebody was writing when their session had ended, under their own key, until they are back.
CREATE TABLE console.kept (
  tenant  text COLLATE "C" NOT NULL,
  id      uuid        NOT NULL,
  subject uuid        NOT NULL,
  words   bytea       NOT NULL,
  at      timestamptz NOT NULL,
  PRIMARY KEY (tenant, id),
  FOREIGN KEY (tenant, subject) REFERENCES keys.subject_key ON DELETE CASCADE
);
CREATE INDEX kept_by_subject ON console.kept (tenant, subject);

GRANT USAGE ON SCHEMA console TO cairn_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON console.session, console.kept TO cairn_app;

DO $$
DECLARE guarded regclass;
BEGIN
  FOREACH guarded IN ARRAY ARRAY['console.session', 'console.kept']::regclass[] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', guarded);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', guarded);
    EXECUTE format('CREATE POLICY own_tenant ON %s TO cairn_app
                    USING (tenant = current_setting(''cairn.tenant''))
                    WITH CHECK (tenant = current_setting(''cairn.tenant''))', guarded);
  END LOOP;
END $$;
