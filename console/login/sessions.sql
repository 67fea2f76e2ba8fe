-- name: begin
INSERT INTO console.session (tenant, id, subject, name, roles, began, seen, opened)
VALUES ($1, $2, $3, $4, $5, $6, $6, $7)

-- name: find
SELECT id, subject, name, roles, began, seen FROM console.session
 WHERE tenant = $1 AND id = $2 AND opened IS NOT NULL

-- name: touch
UPDATE console.session SET seen = $3 WHERE tenant = $1 AND id = $2

-- name: open_link
UPDATE console.session SET id = $3, began = $4, seen = $4, opened = $4
 WHERE tenant = $1 AND id = $2 AND opened IS NULL AND began > $5
RETURNING id, subject, name, roles, began, seen

-- name: end_all
DELETE FROM console.session WHERE tenant = $1 AND subject = $2

-- name: held_of
SELECT began, seen, roles FROM console.session
 WHERE tenant = $1 AND subject = $2 AND opened IS NOT NULL ORDER BY began

-- name: end
DELETE FROM console.session WHERE tenant = $1 AND id = $2

-- name: forget_old
DELETE FROM console.session WHERE tenant = $1 AND seen < $2

-- name: keep
INSERT INTO console.kept (tenant, id, subject, words, at) VALUES ($1, $2, $3, $4, $5)

-- name: kept_of
SELECT id, words, at FROM console.kept WHERE tenant = $1 AND subject = $2 ORDER BY at

-- name: let_go
DELETE FROM console.kept WHERE tenant = $1 AND subject = $2 AND id = $3
