-- : setting
SELECT value FROM setting WHERE name = ?

-- : set_setting
INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value

-- : world
SELECT version, base FROM world WHERE one = 1

-- : begin_world
INSERT INTO world (one, version, base) VALUES (1, 1, ?) ON CONFLICT (one) DO UPDATE SET version = version + 1, base = excluded.base

-- : bump_world
UPDATE world SET version = version + 1 WHERE one = 1

-- : insert_instrument
INSERT INTO instrument (id, accord, digest, text, record, came, known, received)
VALUES (:id, :accord, :digest, :text, :record, :came, :known, :received)

-- : instrument
SELECT * FROM instrument WHERE accord = ? AND id = ?

-- : instruments_after
SELECT * FROM instrument WHERE n > ? ORDER BY n

-- : instruments_of
SELECT * FROM instrument WHERE accord = ? ORDER BY n

-- : set_received
UPDATE instrument SET received = ? WHERE n = ?

-- : insert_hold
INSERT INTO hold (id, text, known) VALUES (?, ?, ?)

-- : holds
SELECT * FROM hold ORDER BY n

-- : end_hold
UPDATE hold SET ended = ? WHERE id = ? AND ended IS NULL

-- : insert_approval
INSERT INTO approval (request, officer, raw, at) VALUES (?, ?, ?, ?)
ON CONFLICT (request, officer) DO UPDATE SET raw = excluded.raw, at = excluded.at

-- : approvals
SELECT * FROM approval WHERE request = ? ORDER BY n
