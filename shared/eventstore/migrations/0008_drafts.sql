-- Half-written thoughts: no part of the record, and private to whoever writes them.

CREATE SCHEMA drafts;

-- A draft is under the key of the person that it is about, and goes when that key or its author's goes.
CREATE TABLE drafts.draft (
  tenant   text COLLATE "C" NOT NULL,
  stream    uuid NOT NULL,
  author   uuid NOT NULL,
  part     text COLLATE "C" NOT NULL,
  subject  uuid NOT NULL,
  version  int  NOT NULL,
  text     bytea NOT NULL,
  saved_at timestamptz NOT NULL,
  PRIMARY KEY (tenant, stream, author, part),
  FOREIGN KEY (tenant, subject) REFERENCES keys.subject_key ON DELETE CASCADE,
  FOREIGN KEY (tenant, author) REFERENCES keys.subject_key ON DELETE CASCADE
) WITH (fillfactor = 70);
CREATE INDEX draft_by_subject ON drafts.draft (tenant, subject);
CREATE INDEX draft_by_author ON drafts.draft (tenant, author);

-- Delete many drafts of many tenants in one round trip, each within its own tenant.
CREATE FUNCTION drafts.forget(of_tenant text[], of_stream uuid[], of_author uuid[], of_part text[], up_to timestamptz[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE one text;
BEGIN
  FOR one IN SELECT DISTINCT unnest(of_tenant) LOOP
    PERFORM set_config('cairn.tenant', one, true);
    DELETE FROM drafts.draft d USING unnest(of_tenant, of_stream, of_author, of_part, up_to)
        AS gone(tenant, stream, author, part, at)
     WHERE gone.tenant = one AND d.tenant = one AND d.stream = gone.stream AND d.author = gone.author
       AND d.part = gone.part AND d.saved_at <= gone.at;
  END LOOP;
END $$;

GRANT USAGE ON SCHEMA drafts TO cairn_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON drafts.draft TO cairn_app;
REVOKE EXECUTE ON FUNCTION drafts.forget FROM PUBLIC;
GRANT EXECUTE ON FUNCTION drafts.forget TO cairn_app;

ALTER TABLE drafts.draft ENABLE ROW LEVEL SECURITY;
ALTER TABLE drafts.draft FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON drafts.draft TO cairn_app
  USING (tenant = current_setting('cairn.tenant'))
  WITH CHECK (tenant = current_setting('cairn.tenant'));
