-- Reads in one round trip: each sets the tenant for its own statement, and row-level security decides.

CREATE FUNCTION record.read_stream(of_tenant text, of_stream uuid, to_version int, to_moment timestamptz)
RETURNS SETOF record.event LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM set_config('cairn.tenant', of_tenant, true);
  RETURN QUERY SELECT * FROM record.event e
    WHERE e.tenant = of_tenant AND e.stream = of_stream
      AND e.version <= coalesce(to_version, 2147483647)
      AND (to_moment IS NULL OR e.recorded_at <= to_moment)
    ORDER BY e.version;
END $$;

CREATE FUNCTION record.read_log(of_tenant text, after_position bigint, up_to int)
RETURNS SETOF record.event LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM set_config('cairn.tenant', of_tenant, true);
  RETURN QUERY SELECT * FROM record.event e
    WHERE e.tenant = of_tenant AND e.position > after_position
    ORDER BY e.position LIMIT up_to;
END $$;

CREATE FUNCTION record.read_receipt(of_tenant text, of_principal text, of_key text)
RETURNS SETOF record.receipt LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM set_config('cairn.tenant', of_tenant, true);
  RETURN QUERY SELECT * FROM record.receipt r
    WHERE r.tenant = of_tenant AND r.principal = of_principal AND r.key = of_key;
END $$;

REVOKE EXECUTE ON FUNCTION record.read_stream, record.read_log, record.read_receipt FROM PUBLIC;
GRANT EXECUTE ON FUNCTION record.read_stream, record.read_log, record.read_receipt TO cairn_app;
