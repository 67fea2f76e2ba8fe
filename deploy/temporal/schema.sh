#!/bin/sh
# Makes Temporal's two databases and brings their schemas up to date; safe to run at any time.
set -eu
export SQL_PASSWORD="$(cat /run/secrets/temporal_password)"
tool() { temporal-sql-tool --plugin postgres12 --ep postgres-temporal -p 5432 -u temporal "$@"; }
for database in temporal temporal_visibility; do
  kind=temporal
  [ "$database" = temporal ] || kind=visibility
  tool --db "$database" create || true
  tool --db "$database" setup-schema -v 0.0 || true
  tool --db "$database" update-schema -d "/etc/temporal/schema/postgresql/v12/$kind/versioned"
done
