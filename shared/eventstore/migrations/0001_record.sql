-- The record in its final row format: rows are inserted by record.append and never change.

DO $$
DECLARE wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['cairn_owner', 'cairn_append', 'cairn_app'] LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
  END LOOP;
END $$;

CREATE SCHEMA record;
CREATE SCHEMA keys;
CREATE SCHEMA readmodel;

-- One row a tenant: log_size is the sequencer of its positions, taken in the append itself.
CREATE TABLE record.tenant (
  tenant     text COLLATE "C" PRIMARY KEY CHECK (tenant ~ '^[A-Za-z0-9._@+-]{1,128}$'),
  log_size   bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 20);

CREATE TABLE record.event (
  tenant         text COLLATE "C" NOT NULL,
  position       bigint      NOT NULL CHECK (position > 0),
  stream         uuid        NOT NULL,
  version        int         NOT NULL CHECK (version > 0),
  type           text COLLATE "C" NOT NULL CHECK (type ~ '^[a-z_]+\.[a-z_]+$'),
  schema_version smallint    NOT NULL,
  at             timestamptz NOT NULL,
  recorded_at    timestamptz NOT NULL,
  event_id       uuid        NOT NULL,
  key_id         uuid,
  meta           bytea       NOT NULL,
  facts          bytea       NOT NULL,
  words          bytea,
  words_hash     bytea       NOT NULL CHECK (octet_length(words_hash) = 32),
  leaf           bytea       NOT NULL CHECK (octet_length(leaf) = 32),
  PRIMARY KEY (tenant, stream, version)
) PARTITION BY HASH (tenant);

DO $$
BEGIN
  FOR n IN 0..7 LOOP
    EXECUTE format('CREATE TABLE record.event_%s PARTITION OF record.event
                    FOR VALUES WITH (MODULUS 8, REMAINDER %s)', n, n);
  END LOOP;
END $$;

CREATE UNIQUE INDEX event_position ON record.event (tenant, position);
CREATE UNIQUE INDEX event_id ON record.event (tenant, event_id);

-- The first answer to each Idempotency-Key, for ever: ids, codes and versions, never words.
CREATE TABLE record.receipt (
  tenant      text COLLATE "C" NOT NULL,
  principal   text COLLATE "C" NOT NULL,
  key         text COLLATE "C" NOT NULL,
  fingerprint bytea    NOT NULL,
  status      smallint NOT NULL,
  answer      bytea    NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT receipt_pkey PRIMARY KEY (tenant, principal, key)
);

-- How far each follower has come in each tenant's log, written with what it derived.
CREATE TABLE record.checkpoint (
  follower text NOT NULL,
  tenant   text COLLATE "C" NOT NULL REFERENCES record.tenant,
  position bigint NOT NULL,
  PRIMARY KEY (follower, tenant)
);

CREATE TABLE keys.tenant_key (
  tenant  text COLLATE "C" NOT NULL,
  epoch   int   NOT NULL,
  wrapped bytea NOT NULL,
  since   timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant, epoch)
);

-- The only place that joins a customer's id of a person with the random key that the record uses.
CREATE TABLE keys.subject (
  tenant  text COLLATE "C" NOT NULL,
  person  text COLLATE "C" NOT NULL,
  subject uuid  NOT NULL,
  PRIMARY KEY (tenant, person),
  UNIQUE (tenant, subject)
);

CREATE TABLE keys.subject_key (
  tenant  text COLLATE "C" NOT NULL,
  subject uuid  NOT NULL,
  key_id  uuid  NOT NULL,
  epoch   int   NOT NULL,
  wrapped bytea NOT NULL,
  PRIMARY KEY (tenant, subject),
  UNIQUE (tenant, key_id)
);

CREATE FUNCTION record.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the record is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON record.event
  FOR EACH ROW EXECUTE FUNCTION record.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON record.event
  FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON record.receipt
  FOR EACH ROW EXECUTE FUNCTION record.refuse_change();
CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON record.receipt
  FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();

-- Append many events of many tenants and their receipts in one statement, which is one commit.
-- Tenants are locked in the order of their names; positions continue each tenant's log without a
-- gap, in the order of the arrays. Answers the new size of each log and the database's clock.
CREATE FUNCTION record.append(
  e_tenant text[], e_stream uuid[], e_version int[], e_type text[], e_schema smallint[],
  e_at timestamptz[], e_recorded timestamptz[], e_id uuid[], e_key uuid[],
  e_meta bytea[], e_facts bytea[], e_words bytea[], e_hash bytea[], e_leaf bytea[],
  r_tenant text[], r_principal text[], r_key text[], r_fingerprint bytea[],
  r_status smallint[], r_answer bytea[]
) RETURNS TABLE (appended_tenant text, log_size bigint, clock timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
  PERFORM 1 FROM record.tenant t WHERE t.tenant = ANY (e_tenant) ORDER BY t.tenant FOR UPDATE;
  INSERT INTO record.receipt (tenant, principal, key, fingerprint, status, answer)
    SELECT * FROM unnest(r_tenant, r_principal, r_key, r_fingerprint, r_status, r_answer);
  RETURN QUERY
  WITH head AS (
    UPDATE record.tenant t SET log_size = t.log_size + n.events
      FROM (SELECT tenant, count(*) AS events FROM unnest(e_tenant) AS u(tenant) GROUP BY tenant) n
     WHERE t.tenant = n.tenant
    RETURNING t.tenant, t.log_size, t.log_size - n.events AS start
  ), inserted AS (
    INSERT INTO record.event
    SELECT e.tenant, h.start + row_number() OVER (PARTITION BY e.tenant ORDER BY e.place),
           e.stream, e.version, e.type, e.schema_version, e.at, e.recorded_at, e.event_id,
           e.key_id, e.meta, e.facts, e.words, e.words_hash, e.leaf
      FROM unnest(e_tenant, e_stream, e_version, e_type, e_schema, e_at, e_recorded, e_id, e_key,
                  e_meta, e_facts, e_words, e_hash, e_leaf) WITH ORDINALITY
        AS e(tenant, stream, version, type, schema_version, at, recorded_at, event_id, key_id,
             meta, facts, words, words_hash, leaf, place)
      LEFT JOIN head h ON h.tenant = e.tenant  -- an unknown tenant has no position: NOT NULL refuses
  )
  SELECT h.tenant, h.log_size, clock_timestamp() FROM head h
  UNION ALL SELECT NULL, 0, clock_timestamp() WHERE cardinality(e_tenant) = 0;
END $$;

-- Which tenants a follower has not yet read to the end; the one look across tenants there is.
CREATE FUNCTION record.tenants_behind(of_follower text)
RETURNS TABLE (tenant text, reached bigint, log_size bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT t.tenant, coalesce(c.position, 0), t.log_size
    FROM record.tenant t
    LEFT JOIN record.checkpoint c ON c.tenant = t.tenant AND c.follower = of_follower
   WHERE t.log_size > coalesce(c.position, 0)
   ORDER BY t.tenant
$$;

CREATE FUNCTION record.create_tenant(new_tenant text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO record.tenant (tenant) VALUES (new_tenant) ON CONFLICT DO NOTHING
$$;

GRANT USAGE ON SCHEMA record TO cairn_append, cairn_app;
GRANT USAGE ON SCHEMA keys, readmodel TO cairn_app;
GRANT CREATE ON SCHEMA record TO cairn_append;
GRANT INSERT ON record.event, record.receipt TO cairn_append;
GRANT SELECT ON record.tenant, record.checkpoint TO cairn_append;
GRANT INSERT (tenant), UPDATE (log_size) ON record.tenant TO cairn_append;
ALTER FUNCTION record.append OWNER TO cairn_append;
ALTER FUNCTION record.tenants_behind OWNER TO cairn_append;
ALTER FUNCTION record.create_tenant OWNER TO cairn_append;
REVOKE CREATE ON SCHEMA record FROM cairn_append;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA record FROM PUBLIC;
GRANT EXECUTE ON FUNCTION record.append, record.tenants_behind, record.create_tenant TO cairn_app;

GRANT SELECT ON record.tenant, record.event, record.receipt TO cairn_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON record.checkpoint TO cairn_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON keys.tenant_key, keys.subject, keys.subject_key TO cairn_app;

-- Row-level security, forced: without a tenant set in the transaction a reader gets an error or nothing.
DO $$
DECLARE guarded regclass;
BEGIN
  FOR guarded IN
    SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname IN ('record', 'keys') AND c.relkind IN ('r', 'p')
  LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', guarded);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', guarded);
    EXECUTE format('CREATE POLICY own_tenant ON %s TO cairn_app
                    USING (tenant = current_setting(''cairn.tenant''))
                    WITH CHECK (tenant = current_setting(''cairn.tenant''))', guarded);
  END LOOP;
END $$;
CREATE POLICY append ON record.event FOR INSERT TO cairn_append WITH CHECK (true);
CREATE POLICY append ON record.receipt FOR INSERT TO cairn_append WITH CHECK (true);
CREATE POLICY sequence ON record.tenant TO cairn_append USING (true) WITH CHECK (true);
CREATE POLICY lag ON record.checkpoint FOR SELECT TO cairn_append USING (true);
