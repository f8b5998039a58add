-- : log_of
SELECT * FROM log WHERE accord = ? AND ended IS NULL

-- : log_by_origin
SELECT * FROM log WHERE origin = ?

-- : logs
SELECT * FROM log ORDER BY n

-- : insert_log
INSERT INTO log (accord, origin, size, frontier) VALUES (?, ?, 0, x'')

-- : grow_log
UPDATE log SET size = ?, frontier = ? WHERE n = ?

-- : end_log
UPDATE log SET ended = ? WHERE n = ?

-- : insert_leaf
INSERT INTO leaf (log_n, place, hash, salt, entry) VALUES (?, ?, ?, ?, ?)

-- : leaf
SELECT * FROM leaf WHERE log_n = ? AND place = ?

-- : leaves
SELECT * FROM leaf WHERE log_n = ? AND place >= ? AND place < ? ORDER BY place

-- : insert_node_hash
INSERT INTO node_hash (log_n, level, place, hash) VALUES (?, ?, ?, ?)

-- : node_hashes
SELECT hash FROM node_hash WHERE log_n = ? AND level = ? AND place >= ? AND place < ? ORDER BY place

-- : leaf_hashes
SELECT hash FROM leaf WHERE log_n = ? AND place >= ? AND place < ? ORDER BY place

-- : seen
SELECT * FROM seen WHERE origin = ?

-- : seen_of
SELECT * FROM seen WHERE party = ? AND accord = ?

-- : put_seen
INSERT INTO seen (origin, party, accord, size, root, note, at)
VALUES (:origin, :party, :accord, :size, :root, :note, :at)
ON CONFLICT (party, origin) DO UPDATE SET size = excluded.size, root = excluded.root, note = excluded.note, at = excluded.at

-- : insert_cosigned
INSERT INTO cosigned (log_n, size, party, note, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING

-- : cosigned
SELECT * FROM cosigned WHERE log_n = ? AND size >= ? ORDER BY size, party

-- : highest_cosigned
SELECT party, max(size) AS size, note, at FROM cosigned WHERE log_n = ? GROUP BY party

-- : insert_fork
INSERT INTO fork (origin, party, first, second, at) VALUES (?, ?, ?, ?, ?)

-- : forks
SELECT * FROM fork ORDER BY n

-- : put_contact
INSERT INTO contact (party, raw, at, differs) VALUES (?, ?, ?, ?)
ON CONFLICT (party) DO UPDATE SET raw = excluded.raw, at = excluded.at, differs = excluded.differs

-- : contacts
SELECT * FROM contact ORDER BY party

-- : contact
SELECT * FROM contact WHERE party = ?

-- : cosigned_by
SELECT * FROM cosigned WHERE log_n = ? AND party = ? ORDER BY size DESC LIMIT 1

-- : insert_succession
INSERT INTO succession (party, accord, old, new, raw, at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING

-- : successions_of
SELECT * FROM succession WHERE party = ? ORDER BY n

-- : succession_from
SELECT * FROM succession WHERE party = ? AND old = ?

-- : forget_seen
DELETE FROM seen WHERE party = ? AND origin = ?

-- : incoming_from
SELECT * FROM incoming WHERE partner = ? AND verdict = 'receipt' ORDER BY n

-- : answers_by
SELECT o.*, a.verdict AS answer_verdict, a.raw AS answer_raw, a.group_n AS answer_group, a.place AS answer_place, a.proof AS answer_proof
FROM outgoing o JOIN answer_to a ON a.n = o.n WHERE o.partner = ? ORDER BY o.n

-- : all_seen
SELECT * FROM seen ORDER BY party, accord
