-- : partners
SELECT * FROM partner ORDER BY party

-- : partner
SELECT * FROM partner WHERE party = ?

-- : put_partner
INSERT INTO partner (party, fingerprint, confirmed, at) VALUES (:party, :fingerprint, :confirmed, :at)
ON CONFLICT (party) DO UPDATE SET fingerprint = excluded.fingerprint, confirmed = excluded.confirmed, at = excluded.at

-- : hold_partner
UPDATE partner SET held = ? WHERE party = ?

-- : key_lists
SELECT * FROM key_list ORDER BY party, version

-- : key_list
SELECT * FROM key_list WHERE party = ? ORDER BY version DESC LIMIT 1

-- : insert_key_list
INSERT INTO key_list (party, version, raw, known) VALUES (?, ?, ?, ?)

-- : term_keys
SELECT * FROM term_key WHERE party = ? AND accord = ? ORDER BY since

-- : all_term_keys
SELECT * FROM term_key ORDER BY n

-- : insert_term_key
INSERT INTO term_key (party, accord, term, key, raw, since, before, known)
VALUES (:party, :accord, :term, :key, :raw, :since, :before, :known) ON CONFLICT (party, accord, key) DO NOTHING

-- : destroyed_term_key
UPDATE term_key SET destroyed = ? WHERE party = ? AND key = ?

-- : insert_token
INSERT INTO token (name, hash, scope, since) VALUES (?, ?, ?, ?)

-- : token
SELECT * FROM token WHERE hash = ?

-- : tokens
SELECT name, scope, since FROM token ORDER BY name

-- : delete_token
DELETE FROM token WHERE name = ?
