-- : outbox
SELECT * FROM outgoing WHERE n > ? ORDER BY n LIMIT ?

-- : stuck
SELECT * FROM outgoing WHERE state IN ('queued', 'tried') AND attempts > 0
  OR state NOT IN ('queued', 'tried', 'receipted', 'acknowledged', 'superseded') ORDER BY n LIMIT 1000

-- : waiting_for
SELECT count(*) FROM outgoing WHERE state IN ('queued', 'tried') AND partner = ?

-- : count_outgoing
SELECT partner, state, count(*) AS n FROM outgoing GROUP BY partner, state ORDER BY partner, state

-- : count_incoming
SELECT partner, verdict, count(*) AS n FROM incoming GROUP BY partner, verdict ORDER BY partner, verdict
