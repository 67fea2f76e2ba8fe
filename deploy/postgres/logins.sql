-- The logins of a deployment, made once by the database's owner: psql -v serving=… -v backup=… -f logins.sql
-- Whoever serves may do what the role cairn_app may, and nothing else: neither make tables nor see
-- across tenants. Whoever backs up reads everything and writes nothing. The owner is a superuser, or a role that
-- may make roles, bypasses row-level security and may grant pg_read_all_data (docs/operations.md, 'On Kubernetes').
\set ON_ERROR_STOP on
SET createrole_self_grant = 'set, inherit';
SELECT 'CREATE ROLE cairn_app NOLOGIN'
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'cairn_app') \gexec
CREATE ROLE cairn_serving LOGIN PASSWORD :'serving' IN ROLE cairn_app;
CREATE ROLE cairn_backup LOGIN PASSWORD :'backup' BYPASSRLS IN ROLE pg_read_all_data;
