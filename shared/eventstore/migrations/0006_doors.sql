-- What the doors to other systems keep: sealed secrets, when a client's key was last used, the feed of
-- what concerns the outside, and what was delivered of it to whom.

-- Something of a tenant's that isn't a person's: sealed under the tenant's key of that epoch.
CREATE TABLE keys.secret (
  tenant text COLLATE "C" NOT NULL,
  name   text COLLATE "C" NOT NULL,
  epoch  int   NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (tenant, name),
  FOREIGN KEY (tenant, epoch) REFERENCES keys.tenant_key
);

-- By which names an identity provider finds a person: keyed hashes, so that they can't be read here.
CREATE TABLE keys.account (
  tenant      text COLLATE "C" NOT NULL,
  subject     uuid  NOT NULL,
  user_name   bytea NOT NULL,
  external_id bytea,
  PRIMARY KEY (tenant, subject),
  UNIQUE (tenant, user_name)
);
CREATE INDEX account_external_id ON keys.account (tenant, external_id);

CREATE TABLE record.key_use (
  tenant  text COLLATE "C" NOT NULL,
  client  text COLLATE "C" NOT NULL,
  number  int  NOT NULL,
  used_at timestamptz NOT NULL,
  PRIMARY KEY (tenant, client, number)
);

-- The feed numbers what concerns the outside, without a gap, once and for ever: a later release may
-- tell more, but what was told keeps its place. `ordering` is the person, or else the stream.
CREATE TABLE record.feed (
  tenant       text COLLATE "C" NOT NULL,
  position     bigint NOT NULL CHECK (position > 0),
  log_position bigint NOT NULL,
  type         text COLLATE "C" NOT NULL,
  ordering     uuid   NOT NULL,
  PRIMARY KEY (tenant, position),
  UNIQUE (tenant, log_position)
);
CREATE INDEX feed_by_type ON record.feed (tenant, type, position);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON record.feed
  FOR EACH ROW EXECUTE FUNCTION record.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON record.feed
  FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();

-- A webhook's place in the feed: what comes after `taken` has no delivery yet. `heard` is the version
-- of its stream up to which what people asked for was done. An empty `types` is all.
CREATE TABLE record.endpoint (
  tenant   text COLLATE "C" NOT NULL,
  webhook  uuid   NOT NULL,
  active   boolean NOT NULL,
  types    text[] NOT NULL,
  taken    bigint NOT NULL,
  heard    int    NOT NULL,
  failures int    NOT NULL DEFAULT 0,
  next_at  timestamptz,
  PRIMARY KEY (tenant, webhook)
);

CREATE TABLE record.delivery (
  tenant          text COLLATE "C" NOT NULL,
  webhook         uuid   NOT NULL,
  position        bigint NOT NULL,
  event_id        uuid   NOT NULL,
  type            text   NOT NULL,
  ordering        uuid   NOT NULL,
  state           text   NOT NULL CHECK (state IN ('waiting', 'delivered', 'skipped')),
  attempts        int    NOT NULL DEFAULT 0,
  next_at         timestamptz,
  failing_since   timestamptz,
  last_attempt_at timestamptz,
  last_status     int,
  last_failure    text,
  milliseconds    int,
  PRIMARY KEY (tenant, webhook, position),
  FOREIGN KEY (tenant, webhook) REFERENCES record.endpoint ON DELETE CASCADE
);
CREATE INDEX delivery_waiting ON record.delivery (tenant, webhook, position) WHERE state = 'waiting';

GRANT SELECT, INSERT ON record.feed TO cairn_app;
GRANT SELECT, INSERT, UPDATE, DELETE
   ON keys.secret, keys.account, record.key_use, record.endpoint, record.delivery TO cairn_app;

DO $$
DECLARE guarded regclass;
BEGIN
  FOREACH guarded IN ARRAY ARRAY['keys.secret', 'keys.account', 'record.key_use', 'record.feed', 'record.endpoint',
                                 'record.delivery']::regclass[]
  LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', guarded);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', guarded);
    EXECUTE format('CREATE POLICY own_tenant ON %s TO cairn_app
                    USING (tenant = current_setting(''cairn.tenant''))
                    WITH CHECK (tenant = current_setting(''cairn.tenant''))', guarded);
  END LOOP;
END $$;

-- All webhooks of all tenants that something is to be delivered to: what a relay wakes when it starts.
CREATE FUNCTION record.active_endpoints() RETURNS TABLE (tenant text, webhook uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT e.tenant, e.webhook FROM record.endpoint e WHERE e.active ORDER BY e.tenant, e.webhook
$$;
GRANT USAGE, CREATE ON SCHEMA record TO cairn_append;
GRANT SELECT ON record.endpoint TO cairn_append;
CREATE POLICY wake ON record.endpoint FOR SELECT TO cairn_append USING (true);
ALTER FUNCTION record.active_endpoints OWNER TO cairn_append;
REVOKE CREATE ON SCHEMA record FROM cairn_append;
REVOKE EXECUTE ON FUNCTION record.active_endpoints FROM PUBLIC;
GRANT EXECUTE ON FUNCTION record.active_endpoints TO cairn_app;
