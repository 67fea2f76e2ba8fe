-- What watches the record sees sizes, positions and times of all tenants, and nothing else of them.

DO $$
BEGIN
  CREATE ROLE cairn_watch NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;

-- How far each follower is behind, over all tenants, and since when the oldest event waits for it.
CREATE FUNCTION record.follower_lag(of_followers text[])
RETURNS TABLE (follower text, events bigint, tenants bigint, oldest timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT f.name, coalesce(sum(b.events), 0)::bigint, count(b.events), min(b.recorded_at)
    FROM unnest(of_followers) AS f(name)
    LEFT JOIN LATERAL (
      SELECT t.log_size - coalesce(c.position, 0) AS events, e.recorded_at
        FROM record.tenant t
        LEFT JOIN record.checkpoint c ON c.tenant = t.tenant AND c.follower = f.name
        LEFT JOIN record.event e
          ON e.tenant = t.tenant AND e.position = coalesce(c.position, 0) + 1
       WHERE t.log_size > coalesce(c.position, 0)
    ) b ON true
   GROUP BY f.name
$$;

-- All tenants, the size of each log and how much of it the ledger has taken in.
CREATE FUNCTION record.tenants() RETURNS TABLE (tenant text, log_size bigint, ledger_size bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT t.tenant, t.log_size, coalesce(l.size, 0)
    FROM record.tenant t LEFT JOIN record.ledger l ON l.tenant = t.tenant
   ORDER BY t.tenant
$$;

GRANT USAGE, CREATE ON SCHEMA record TO cairn_watch;
GRANT SELECT ON record.tenant, record.checkpoint TO cairn_watch;
GRANT SELECT (tenant, size) ON record.ledger TO cairn_watch;
GRANT SELECT (tenant, position, recorded_at) ON record.event TO cairn_watch;
ALTER FUNCTION record.follower_lag OWNER TO cairn_watch;
ALTER FUNCTION record.tenants OWNER TO cairn_watch;
REVOKE CREATE ON SCHEMA record FROM cairn_watch;
REVOKE EXECUTE ON FUNCTION record.follower_lag, record.tenants FROM PUBLIC;
GRANT EXECUTE ON FUNCTION record.follower_lag, record.tenants TO cairn_app;

CREATE POLICY watch ON record.tenant FOR SELECT TO cairn_watch USING (true);
CREATE POLICY watch ON record.checkpoint FOR SELECT TO cairn_watch USING (true);
CREATE POLICY watch ON record.ledger FOR SELECT TO cairn_watch USING (true);
CREATE POLICY watch ON record.event FOR SELECT TO cairn_watch USING (true);
