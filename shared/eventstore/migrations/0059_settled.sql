-- When a delivery was settled, taken or given up: thirty days later it is forgotten. Of one that waits it is when it was made.
ALTER TABLE record.delivery ADD COLUMN settled_at timestamptz NOT NULL DEFAULT now();
