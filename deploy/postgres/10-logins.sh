#!/bin/sh
# Run by the image of PostgreSQL when its data directory is made.
set -eu
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" \
  -v serving="$(cat /run/secrets/serving_password)" \
  -v backup="$(cat /run/secrets/backup_password)" \
  -f /etc/cairn/logins.sql
