-- : next_serial
SELECT coalesce(max(serial), 0) + 1 FROM register

-- : insert_copy
INSERT INTO register (serial, copy, item, accord, incoming_n, direction, partner, holder, place, state, entered)
VALUES (:serial, :copy, :item, :accord, :incoming_n, :direction, :partner, :holder, :place, :state, :entered)

-- : copies_of
SELECT * FROM register WHERE item = ? ORDER BY serial, copy

-- : copies_that_came
SELECT * FROM register WHERE incoming_n = ? ORDER BY serial, copy

-- : copy
SELECT * FROM register WHERE serial = ? AND copy = ?

-- : copies
SELECT * FROM register ORDER BY serial, copy

-- : set_copy
UPDATE register SET holder = :holder, place = :place, state = :state, acknowledged = :acknowledged,
  mustered = :mustered, ended = :ended, certificate = :certificate WHERE n = :n

-- : insert_register_event
INSERT INTO register_event (reg_n, what, who, said, at) VALUES (?, ?, ?, ?, ?)

-- : register_events
SELECT * FROM register_event WHERE reg_n = ? ORDER BY n

-- : insert_disclosure
INSERT INTO disclosure (item, accord, partner, ours, theirs, at, decision)
VALUES (:item, :accord, :partner, :ours, :theirs, :at, :decision)

-- : disclosures
SELECT * FROM disclosure ORDER BY n

-- : disclosure
SELECT * FROM disclosure WHERE item = ? AND partner = ? AND at = ?

-- : set_disclosure
UPDATE disclosure SET ours = ?, theirs = ? WHERE n = ?
