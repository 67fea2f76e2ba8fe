-- The ledger: a tree over each tenant's leaves, its signed heads, and the keys that sign them.

-- `pending` are the leaves of the tile that isn't full yet.
CREATE TABLE record.ledger (
  tenant  text COLLATE "C" PRIMARY KEY REFERENCES record.tenant,
  size    bigint  NOT NULL,
  peaks   bytea[] NOT NULL,
  pending bytea   NOT NULL
);

-- The ledger's own copy of the leaves, 256 a row: it tells which event was altered, not only that one was.
CREATE TABLE record.tile (
  tenant text COLLATE "C" NOT NULL,
  index  bigint NOT NULL,
  leaves bytea  NOT NULL CHECK (octet_length(leaves) = 256 * 32),
  PRIMARY KEY (tenant, index)
);
ALTER TABLE record.tile ALTER leaves SET STORAGE EXTERNAL;  -- hashes can't be compressed

-- Every eighth level of the tree; what lies between is computed from these and the tiles.
CREATE TABLE record.tree_node (
  tenant text COLLATE "C" NOT NULL,
  level  smallint NOT NULL CHECK (level > 0),
  index  bigint   NOT NULL,
  hash   bytea    NOT NULL CHECK (octet_length(hash) = 32),
  PRIMARY KEY (tenant, level, index)
);

CREATE TABLE record.signed_checkpoint (
  tenant    text COLLATE "C" NOT NULL,
  size      bigint NOT NULL,
  epoch     int    NOT NULL,
  note      text   NOT NULL,
  signed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant, size, epoch)
);

-- A public key stays for ever; the private one is forgotten when the next epoch begins.
CREATE TABLE keys.ledger_key (
  tenant     text COLLATE "C" NOT NULL,
  epoch      int   NOT NULL,
  public_key bytea NOT NULL CHECK (octet_length(public_key) = 32),
  wrapped    bytea,
  since      timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant, epoch)
);

-- A person's key names the tenant key that it is under: none is lost in a rotation.
ALTER TABLE keys.subject_key ADD FOREIGN KEY (tenant, epoch) REFERENCES keys.tenant_key;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON record.tile
  FOR EACH ROW EXECUTE FUNCTION record.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON record.tile
  FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON record.tree_node
  FOR EACH ROW EXECUTE FUNCTION record.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON record.tree_node
  FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON record.signed_checkpoint
  FOR EACH ROW EXECUTE FUNCTION record.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON record.signed_checkpoint
  FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();

GRANT SELECT, INSERT, UPDATE ON record.ledger, keys.ledger_key TO cairn_app;
GRANT SELECT, INSERT ON record.tile, record.tree_node, record.signed_checkpoint TO cairn_app;

DO $$
DECLARE guarded regclass;
BEGIN
  FOREACH guarded IN ARRAY ARRAY['record.ledger', 'record.tile', 'record.tree_node', 'record.signed_checkpoint',
                                 'keys.ledger_key']::regclass[]
  LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', guarded);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', guarded);
    EXECUTE format('CREATE POLICY own_tenant ON %s TO cairn_app
                    USING (tenant = current_setting(''cairn.tenant''))
                    WITH CHECK (tenant = current_setting(''cairn.tenant''))', guarded);
  END LOOP;
END $$;
