"""What has to hold between the databases of two nodes, whatever happened to them.

It needs nothing but the databases, so it looks at those of real processes too:
``python history.py NORTH.db SOUTH.db``.
"""

import json
import sqlite3
import sys

from comity.log.commitment import commit
from comity.log.merkle import leaf_hash
from comity.signed import text


def problems(name, one, other_name, other):
    """Return what does not hold of what ``one`` sent to ``other``, and of one's logs."""
    return [*_sent(name, one, other_name, other), *_logged(name, one)]


def _sent(name, one, other_name, other):
    for row in one.execute(
        "SELECT o.*, a.raw AS said FROM outgoing o JOIN answer_to a ON a.n = o.n"
        " WHERE o.partner = ? ORDER BY o.n", (other_name,),
    ).fetchall():  # fmt: skip
        said = json.loads(row["said"])
        there = other.execute(
            "SELECT * FROM incoming WHERE digest = ?", (text.read_digest(said["envelope"]),)
        ).fetchone()
        if there is None:
            yield "answered by nobody", name, f"{row['item']}: {said['event']}"
        elif bytes(there["answer"]) != bytes(row["said"]):
            yield "another answer than was given", name, row["item"]
        elif there["item"] not in (row["item"], ""):
            yield "an answer about another item", name, row["item"]
    for row in one.execute(
        "SELECT item, digest FROM outgoing WHERE partner = ? AND state = 'never_left'",
        (other_name,),
    ).fetchall():
        if other.execute(
            "SELECT 1 FROM incoming WHERE digest = ? AND verdict = 'receipt'",
            (row["digest"],),
        ).fetchone():
            yield "never left, but it arrived", name, row["item"]
    for row in other.execute(
        "SELECT item, content, count(*) AS times FROM incoming WHERE partner = ?"
        " AND kind = 'item' AND verdict = 'receipt' GROUP BY item, content HAVING times > 1",
        (name,),
    ).fetchall():
        yield "there twice", other_name, row["item"]


def _logged(name, one):
    events = {}
    for log in one.execute("SELECT * FROM log ORDER BY n").fetchall():
        leaves = one.execute(
            "SELECT * FROM leaf WHERE log_n = ? ORDER BY place", (log["n"],)
        ).fetchall()
        if [leaf["place"] for leaf in leaves] != list(range(log["size"])):
            yield "a log with gaps", name, log["origin"]
            continue
        for leaf in leaves:
            if leaf_hash(commit(leaf["salt"], leaf["entry"])) != bytes(leaf["hash"]):
                yield "a leaf of something else", name, f"{log['origin']} {leaf['place']}"
            said = json.loads(leaf["entry"])
            events.setdefault((said["event"], said.get("envelope")), []).append(
                (log["origin"], leaf["place"])
            )
    for row in one.execute("SELECT * FROM incoming WHERE verdict = 'receipt'").fetchall():
        receipt = json.loads(row["answer"])
        found = events.get(("RelayAcceptance", receipt["envelope"]), [])
        if (receipt["log"], receipt["index"]) not in found or len(found) != 1:
            yield "a receipt that its log does not have once", name, row["item"]
    for row in one.execute("SELECT * FROM outgoing WHERE kind = 'item'").fetchall():
        key = ("SubmissionAcceptance", text.digest_text(bytes(row["digest"])))
        if len(events.get(key, [])) != 1:
            yield "sent, and not in the log once", name, row["item"]
    known = {
        text.digest_text(bytes(row["digest"]))
        for row in one.execute("SELECT digest FROM outgoing")
    }
    for event, envelope in events:
        if event == "SubmissionAcceptance" and envelope not in known:
            yield "in the log, and not in the outbox", name, envelope


def main(paths):
    """Look at the databases of two nodes; the file's name is the party's."""
    opened = {}
    for path in paths:
        party = path.rpartition("/")[2].rpartition(".")[0]
        opened[party] = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        opened[party].row_factory = sqlite3.Row
    wrong = [
        found
        for name, one in opened.items()
        for other_name, other in opened.items()
        if name != other_name
        for found in problems(name, one, other_name, other)
    ]
    print(*wrong, f"{len(wrong)} things do not hold", sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
