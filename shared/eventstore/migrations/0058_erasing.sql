-- An erasure in steps: the key goes at once, in a transaction of its own; then, some positions at a time, the bodies
-- that a tombstone covers. What was written after the tombstone keeps its body, which nobody can read, until a further
-- tombstone covers it: no body is ever missing without one, whoever writes meanwhile.

-- Whose key was destroyed while something under it isn't deleted yet: what a crash leaves to be finished.
CREATE TABLE keys.erasing (
  tenant  text COLLATE "C" NOT NULL,
  subject uuid NOT NULL,
  since   timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant, subject)
);
ALTER TABLE keys.erasing ENABLE ROW LEVEL SECURITY;
ALTER TABLE keys.erasing FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON keys.erasing TO cairn_app
  USING (tenant = current_setting('cairn.tenant'))
  WITH CHECK (tenant = current_setting('cairn.tenant'));
CREATE POLICY erase ON keys.erasing TO cairn_erase USING (true) WITH CHECK (true);
GRANT SELECT, DELETE ON keys.erasing TO cairn_app;
GRANT SELECT, INSERT ON keys.erasing TO cairn_erase;

-- Destroy a person's data key, and note that what was under it is to be deleted. Answers whether anything is. Of a copy
-- of the record that is older than the keys the person's own stream tells: a whole erasure leaves no body in it.
CREATE FUNCTION record.destroy_key(of_tenant text, of_subject uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM keys.subject_key k WHERE k.tenant = of_tenant AND k.subject = of_subject;
  IF FOUND OR EXISTS (SELECT FROM record.event e
                       WHERE e.tenant = of_tenant AND e.stream = of_subject AND e.words IS NOT NULL) THEN
    INSERT INTO keys.erasing (tenant, subject) VALUES (of_tenant, of_subject) ON CONFLICT DO NOTHING;
  END IF;
  PERFORM pg_notify('cairn_forgotten', of_tenant || ' ' || of_subject::text);
  RETURN EXISTS (SELECT FROM keys.erasing g WHERE g.tenant = of_tenant AND g.subject = of_subject);
END $$;

-- Delete the bodies of a person between two positions, as far as their newest tombstone covers them; answers how many.
CREATE FUNCTION record.delete_words(of_tenant text, of_subject uuid, after_position bigint, up_to bigint)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  known_by  uuid[];
  tombstone bigint;
  bodies    bigint;
BEGIN
  SELECT array_agg(DISTINCT e.key_id) FILTER (WHERE e.key_id IS NOT NULL),
         max(e.position) FILTER (WHERE e.type = 'people.erased')
    INTO known_by, tombstone
    FROM record.event e WHERE e.tenant = of_tenant AND e.stream = of_subject;
  UPDATE record.event e SET words = NULL
   WHERE e.tenant = of_tenant AND e.position > after_position AND e.position <= up_to
     AND e.position < tombstone  -- where there is none nothing is
     AND e.key_id = ANY (known_by) AND e.words IS NOT NULL;
  GET DIAGNOSTICS bodies = ROW_COUNT;
  RETURN bodies;
END $$;

-- For processes of the release before, in one transaction as they know it.
CREATE OR REPLACE FUNCTION record.erase(of_tenant text, of_subject uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  bodies bigint;
BEGIN
  PERFORM record.destroy_key(of_tenant, of_subject);
  bodies := record.delete_words(of_tenant, of_subject, 0, 9223372036854775807);
  DELETE FROM keys.erasing g WHERE g.tenant = of_tenant AND g.subject = of_subject;
  RETURN bodies;
END $$;

GRANT DELETE ON keys.erasing TO cairn_erase;
GRANT CREATE ON SCHEMA record TO cairn_erase;
ALTER FUNCTION record.destroy_key OWNER TO cairn_erase;
ALTER FUNCTION record.delete_words OWNER TO cairn_erase;
REVOKE CREATE ON SCHEMA record FROM PUBLIC, cairn_erase;
REVOKE EXECUTE ON FUNCTION record.destroy_key, record.delete_words FROM PUBLIC;
GRANT EXECUTE ON FUNCTION record.destroy_key, record.delete_words TO cairn_app;
