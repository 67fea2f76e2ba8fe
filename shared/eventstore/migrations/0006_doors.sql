-- What the doors to other systems keep beside the record: when a client's key was last used.

CREATE TABLE record.key_use (
  tenant  text COLLATE "C" NOT NULL,
  client  text COLLATE "C" NOT NULL,
  number  int  NOT NULL,
  used_at timestamptz NOT NULL,
  PRIMARY KEY (tenant, client, number)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON record.key_use TO cairn_app;

DO $$
DECLARE guarded regclass;
BEGIN
  FOREACH guarded IN ARRAY ARRAY['record.key_use']::regclass[]
  LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', guarded);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', guarded);
    EXECUTE format('CREATE POLICY own_tenant ON %s TO cairn_app
                    USING (tenant = current_setting(''cairn.tenant''))
                    WITH CHECK (tenant = current_setting(''cairn.tenant''))', guarded);
  END LOOP;
END $$;
