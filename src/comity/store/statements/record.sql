-- : entries
SELECT leaf.n, leaf.place, leaf.entry, log.accord, log.origin FROM leaf JOIN log ON log.n = leaf.log_n WHERE leaf.n > ? ORDER BY leaf.n LIMIT ?

-- : entry_at
SELECT leaf.n, leaf.place, leaf.entry, log.accord, log.origin FROM leaf JOIN log ON log.n = leaf.log_n WHERE leaf.n = ?

-- : entry_number
SELECT leaf.n FROM leaf JOIN log ON log.n = leaf.log_n WHERE log.origin = ? AND leaf.place = ?
