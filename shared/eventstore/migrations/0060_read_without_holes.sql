-- Two processes may give versions moments in another order than their own. What there was at a moment is every version
-- up to the last one that was recorded by then: a stream without holes.

CREATE OR REPLACE FUNCTION
record.read_stream(of_tenant text, of_stream uuid, to_version int, to_moment timestamptz)
RETURNS SETOF record.event LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM set_config('cairn.tenant', of_tenant, true);
  RETURN QUERY SELECT * FROM record.event e
    WHERE e.tenant = of_tenant AND e.stream = of_stream
      AND e.version <= coalesce(to_version, 2147483647)
      AND (to_moment IS NULL
           OR e.version <= (SELECT max(b.version) FROM record.event b
                             WHERE b.tenant = of_tenant AND b.stream = of_stream
                               AND b.recorded_at <= to_moment))
    ORDER BY e.version;
END $$;
