-- When a webhook last took something, to a few minutes: who took nothing for days is switched off.
ALTER TABLE record.endpoint ADD COLUMN last_taken_at timestamptz;
