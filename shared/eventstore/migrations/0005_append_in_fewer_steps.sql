-- The append with less to do for each call: the caller names each tenant once, in the order of their
-- names, and says of each event which tenant it is of and how far behind that tenant's log it goes.

DROP FUNCTION record.append;

-- Append many events of many tenants and their receipts in one statement, which is one commit.
-- `t_tenant` is in the order of its names, in which the tenants are locked; the events of tenant n have
-- e_tenant = n and take e_place = 1, 2 … behind its log. Answers the database's clock.
CREATE FUNCTION record.append(
  t_tenant text[], t_events int[],
  e_tenant int[], e_place int[], e_stream uuid[], e_version int[], e_type text[], e_schema smallint[],
  e_at timestamptz[], e_recorded timestamptz[], e_id uuid[], e_key uuid[],
  e_meta bytea[], e_facts bytea[], e_words bytea[], e_hash bytea[], e_leaf bytea[],
  r_tenant text[], r_principal text[], r_key text[], r_fingerprint bytea[],
  r_status smallint[], r_answer bytea[]
) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  sizes bigint[] := '{}';
  size  bigint;
BEGIN
  FOR n IN 1 .. cardinality(t_tenant) LOOP
    UPDATE record.tenant SET log_size = log_size + t_events[n] WHERE tenant = t_tenant[n]
      RETURNING log_size - t_events[n] INTO size;
    sizes := sizes || size;  -- an unknown tenant has none: NOT NULL refuses its positions
  END LOOP;
  IF cardinality(r_key) > 0 THEN
    INSERT INTO record.receipt (tenant, principal, key, fingerprint, status, answer)
      SELECT * FROM unnest(r_tenant, r_principal, r_key, r_fingerprint, r_status, r_answer);
  END IF;
  IF cardinality(e_id) > 0 THEN
    INSERT INTO record.event
      SELECT t_tenant[tenant], sizes[tenant] + place, stream, version, type, schema_version, at,
             recorded_at, event_id, key_id, meta, facts, words, words_hash, leaf
        FROM unnest(e_tenant, e_place, e_stream, e_version, e_type, e_schema, e_at, e_recorded, e_id,
                    e_key, e_meta, e_facts, e_words, e_hash, e_leaf)
          AS e(tenant, place, stream, version, type, schema_version, at, recorded_at, event_id,
               key_id, meta, facts, words, words_hash, leaf);
  END IF;
  RETURN clock_timestamp();
END $$;

GRANT CREATE ON SCHEMA record TO cairn_append;
ALTER FUNCTION record.append OWNER TO cairn_append;
REVOKE CREATE ON SCHEMA record FROM cairn_append;
REVOKE EXECUTE ON FUNCTION record.append FROM PUBLIC;
GRANT EXECUTE ON FUNCTION record.append TO cairn_app;
