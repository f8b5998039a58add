-- : insert_group
INSERT INTO signed_group (digest, raw) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING

-- : group_n
SELECT n FROM signed_group WHERE digest = ?

-- : group
SELECT raw FROM signed_group WHERE n = ?

-- : insert_box
INSERT INTO box (digest, head, sealed, kept) VALUES (?, ?, ?, ?) ON CONFLICT (digest) DO NOTHING

-- : box_n
SELECT n FROM box WHERE digest = ?

-- : box
SELECT * FROM box WHERE n = ?

-- : insert_statement
INSERT INTO statement (digest, item, raw, group_n, place, proof)
VALUES (:digest, :item, :raw, :group_n, :place, :proof) ON CONFLICT (digest) DO NOTHING

-- : statement
SELECT * FROM statement WHERE digest = ?

-- : statement_n
SELECT * FROM statement WHERE n = ?

-- : statements_of
SELECT * FROM statement WHERE item = ? ORDER BY n

-- : insert_outgoing
INSERT INTO outgoing (digest, kind, item, partner, accord, rank, state, header, statement, request,
  group_n, place, proof, box_n, length, cipher, spooled, leaf, world, good, submitted, deadline, next)
VALUES (:digest, :kind, :item, :partner, :accord, :rank, :state, :header, :statement, :request,
  :group_n, :place, :proof, :box_n, :length, :cipher, :spooled, :leaf, :world, :good, :submitted, :deadline, :next)

-- : insert_outgoing_body
INSERT INTO outgoing_body (n, data) VALUES (?, ?)

-- : outgoing_body
SELECT data FROM outgoing_body WHERE n = ?

-- : drop_outgoing_body
DELETE FROM outgoing_body WHERE n = ?

-- : outgoing
SELECT * FROM outgoing WHERE n = ?

-- : outgoing_by_digest
SELECT * FROM outgoing WHERE digest = ?

-- : outgoing_of_item
SELECT * FROM outgoing WHERE item = ? ORDER BY n

-- : due
SELECT * FROM outgoing WHERE state IN ('queued', 'tried') AND partner = ? AND rank = ? AND next <= ? ORDER BY n LIMIT ?

-- : due_ranks
SELECT rank, min(next) AS next FROM outgoing WHERE state IN ('queued', 'tried') AND partner = ? GROUP BY rank ORDER BY rank

-- : due_partners
SELECT DISTINCT partner FROM outgoing WHERE state IN ('queued', 'tried')

-- : waiting_instruments
SELECT count(*) FROM outgoing WHERE state IN ('queued', 'tried') AND kind = 'instrument' AND partner = ? AND accord = ?

-- : waiting
SELECT * FROM outgoing WHERE state IN ('queued', 'tried') ORDER BY n LIMIT ?

-- : settle
UPDATE outgoing SET state = ?, settled = ?, trouble = ? WHERE n = ?

-- : put_off
UPDATE outgoing SET state = 'tried', next = ?, attempts = attempts + 1, trouble = ? WHERE n = ? AND state IN ('queued', 'tried')

-- : insert_answer
INSERT INTO answer_to (n, verdict, raw, group_n, place, proof) VALUES (:n, :verdict, :raw, :group_n, :place, :proof) ON CONFLICT (n) DO NOTHING

-- : answer
SELECT * FROM answer_to WHERE n = ?

-- : insert_incoming
INSERT INTO incoming (digest, kind, item, content, partner, accord, rank, state, header, statement,
  group_n, place, proof, box_n, length, cipher, spooled, leaf, arrived, handling, verdict,
  answer, answer_group, answer_place, answer_proof)
VALUES (:digest, :kind, :item, :content, :partner, :accord, :rank, :state, :header, :statement,
  :group_n, :place, :proof, :box_n, :length, :cipher, :spooled, :leaf, :arrived, :handling, :verdict,
  :answer, :answer_group, :answer_place, :answer_proof)

-- : insert_incoming_body
INSERT INTO incoming_body (n, data) VALUES (?, ?)

-- : incoming_body
SELECT data FROM incoming_body WHERE n = ?

-- : drop_incoming_body
DELETE FROM incoming_body WHERE n = ?

-- : incoming
SELECT * FROM incoming WHERE n = ?

-- : incoming_by_digest
SELECT * FROM incoming WHERE digest = ?

-- : incoming_same
SELECT * FROM incoming WHERE item = ? AND partner = ? AND verdict = 'receipt' ORDER BY n

-- : incoming_of_item
SELECT * FROM incoming WHERE item = ? ORDER BY n

-- : inbox
SELECT * FROM incoming WHERE kind = 'item' AND verdict = 'receipt' AND n > ? ORDER BY n LIMIT ?

-- : set_incoming_state
UPDATE incoming SET state = ? WHERE n = ?

-- : next_due
SELECT next FROM outgoing WHERE state IN ('queued', 'tried') AND n NOT IN (SELECT value FROM json_each(?)) ORDER BY next LIMIT 1

-- : drop_kept
UPDATE box SET kept = NULL WHERE n = ? AND NOT EXISTS (SELECT 1 FROM outgoing WHERE box_n = ? AND state IN ('queued', 'tried'))

-- : seal_anew
UPDATE outgoing SET world = 0 WHERE n = ?

-- : all_outgoing
SELECT * FROM outgoing ORDER BY n

-- : all_tried
UPDATE outgoing SET state = 'tried' WHERE state = 'queued'

-- : insert_acknowledged
INSERT INTO acknowledged (n, raw, group_n, place, proof) VALUES (:n, :raw, :group_n, :place, :proof) ON CONFLICT (n) DO NOTHING

-- : acknowledged
SELECT * FROM acknowledged WHERE n = ?

-- : insert_word
INSERT INTO word (incoming_n, partner, raw, group_n, place, proof, at)
VALUES (:incoming_n, :partner, :raw, :group_n, :place, :proof, :at)

-- : word_of
SELECT * FROM word WHERE incoming_n = ?

-- : words_waiting
SELECT * FROM word WHERE told = 0 AND partner = ? ORDER BY n LIMIT 256

-- : word_told
UPDATE word SET told = 1 WHERE n = ?

-- : word_again
UPDATE word SET told = 0 WHERE incoming_n = ?

-- : fate_unknown
SELECT * FROM outgoing WHERE state = 'fate_unknown' AND partner = ? ORDER BY n LIMIT 256

-- : talk_partners
SELECT partner FROM word WHERE told = 0 UNION SELECT partner FROM outgoing WHERE state = 'fate_unknown' AND next <= ?

-- : ask_later
UPDATE outgoing SET next = ? WHERE partner = ? AND state = 'fate_unknown'

-- : disown
INSERT INTO disowned (digest, partner, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING

-- : disowned
SELECT * FROM disowned WHERE digest = ? AND partner = ?

-- : wait_more
UPDATE outgoing SET next = ?, trouble = ? WHERE n = ?

-- : items_out
SELECT * FROM outgoing WHERE kind = 'item' AND accord = ? ORDER BY n

-- : items_in
SELECT * FROM incoming WHERE kind = 'item' AND verdict = 'receipt' AND statement IS NOT NULL AND accord = ? ORDER BY n
