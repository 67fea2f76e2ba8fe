-- Every process hears at once of whom is forgotten: by a notification in the transaction that forgets.
CREATE OR REPLACE FUNCTION record.erase(of_tenant text, of_subject uuid) RETURNS bigint
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
  PERFORM pg_notify('cairn_forgotten', of_tenant || ' ' || of_subject::text);
  RETURN bodies;
END $$;
