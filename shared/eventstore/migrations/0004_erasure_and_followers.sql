-- Erasure: the one change that a row of the record ever sees, by one function alone.

DO $$
BEGIN
  CREATE ROLE cairn_erase NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;

CREATE OR REPLACE FUNCTION record.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND TG_TABLE_SCHEMA = 'record' AND TG_TABLE_NAME LIKE 'event%'
     AND current_user = 'cairn_erase' THEN
    IF NEW.words IS NULL AND to_jsonb(NEW) - 'words' = to_jsonb(OLD) - 'words' THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'the record is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END $$;

-- Destroy a person's data key and delete the bodies that were under it. Answers how many those
-- were. Headers, hashes and leaves stay, so that the record still verifies; the tombstone that
-- covers the missing bodies is an event, recorded before this is called.
CREATE FUNCTION record.erase(of_tenant text, of_subject uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  erased uuid;
  bodies bigint;
BEGIN
  DELETE FROM keys.subject_key k WHERE k.tenant = of_tenant AND k.subject = of_subject
    RETURNING k.key_id INTO erased;
  UPDATE record.event e SET words = NULL
   WHERE e.tenant = of_tenant AND e.key_id = erased AND e.words IS NOT NULL;
  GET DIAGNOSTICS bodies = ROW_COUNT;
  RETURN bodies;
END $$;

-- Which tenants of a shard a follower has not yet read to the end.
DROP FUNCTION record.tenants_behind(text);
CREATE FUNCTION record.tenants_behind(of_follower text, shard int, shards int)
RETURNS TABLE (tenant text, reached bigint, log_size bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT t.tenant, coalesce(c.position, 0), t.log_size
    FROM record.tenant t
    LEFT JOIN record.checkpoint c ON c.tenant = t.tenant AND c.follower = of_follower
   WHERE t.log_size > coalesce(c.position, 0)
     AND (hashtextextended(t.tenant, 0) % shards + shards) % shards = shard
   ORDER BY t.tenant
$$;

-- Tenants whose log is shorter than what followers have read or the ledger has hashed: acknowledged
-- events are gone, as after a fail-over to a copy that was behind.
CREATE FUNCTION record.tenants_rewound() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT t.tenant FROM record.tenant t
   WHERE t.log_size < (SELECT max(c.position) FROM record.checkpoint c WHERE c.tenant = t.tenant)
      OR t.log_size < (SELECT l.size FROM record.ledger l WHERE l.tenant = t.tenant)
$$;

CREATE FUNCTION record.events_in_all() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(sum(t.log_size), 0)::bigint FROM record.tenant t
$$;

-- Give a follower the checkpoints of another, which ends; both stand still meanwhile.
CREATE FUNCTION record.replace_follower(old text, new text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  LOCK TABLE record.checkpoint IN EXCLUSIVE MODE;
  DELETE FROM record.checkpoint c WHERE c.follower = old;
  UPDATE record.checkpoint c SET follower = old WHERE c.follower = new;
END $$;

CREATE FUNCTION record.forget_follower(name text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM record.checkpoint c WHERE c.follower = name
$$;

GRANT USAGE, CREATE ON SCHEMA record TO cairn_append, cairn_erase;
GRANT USAGE ON SCHEMA keys TO cairn_erase;
GRANT SELECT, DELETE ON keys.subject_key TO cairn_erase;
GRANT SELECT, UPDATE (words) ON record.event TO cairn_erase;
GRANT SELECT ON record.ledger TO cairn_append;
GRANT UPDATE, DELETE ON record.checkpoint TO cairn_append;
ALTER FUNCTION record.erase OWNER TO cairn_erase;
ALTER FUNCTION record.tenants_behind OWNER TO cairn_append;
ALTER FUNCTION record.tenants_rewound OWNER TO cairn_append;
ALTER FUNCTION record.events_in_all OWNER TO cairn_append;
ALTER FUNCTION record.replace_follower OWNER TO cairn_append;
ALTER FUNCTION record.forget_follower OWNER TO cairn_append;
REVOKE CREATE ON SCHEMA record FROM cairn_append, cairn_erase;
REVOKE EXECUTE ON FUNCTION record.erase, record.tenants_behind, record.tenants_rewound,
  record.events_in_all, record.replace_follower, record.forget_follower FROM PUBLIC;
GRANT EXECUTE ON FUNCTION record.erase, record.tenants_behind, record.tenants_rewound TO cairn_app;

CREATE POLICY erase ON keys.subject_key TO cairn_erase USING (true);
CREATE POLICY erase ON record.event TO cairn_erase USING (true) WITH CHECK (true);
DROP POLICY lag ON record.checkpoint;
CREATE POLICY followers ON record.checkpoint TO cairn_append USING (true) WITH CHECK (true);
CREATE POLICY lag ON record.ledger FOR SELECT TO cairn_append USING (true);
