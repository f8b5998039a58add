"""Bundles of evidence from what a node has kept."""

from __future__ import annotations

from comity.errors import NotKnown
from comity.exchange.acts import Acts
from comity.exchange.custody import HOUSE
from comity.exchange.rows import grouped, statement_at
from comity.exchange.site import Site
from comity.log.checkpoint import read_checkpoint
from comity.log.note import read_note
from comity.log.proof import write_proof
from comity.signed import text
from comity.store import Row
from comity.wire.evidence import Evidence, make_bundle
from comity.wire.group import Grouped, Signed
from comity.wire.header import read_header


class Proving:
    """Makes the bundles of exchanges."""

    def __init__(self, site: Site, acts: Acts) -> None:
        self._site = site
        self._acts = acts

    def bundle(self, digest: bytes) -> bytes:
        """Return the bundle of one envelope, ours or a partner's.

        Raises:
            NotKnown: no such envelope here, or the partner has not cosigned our log of it
                yet: it does at the next contact.
        """
        database = self._site.database
        row = database.one("outgoing_by_digest", (digest,))
        if row is not None:
            answer = database.one("answer", (row["n"],))
            said = database.one("acknowledged", (row["n"],))
            return self._made(
                row,
                None
                if answer is None
                else (
                    Signed(answer["verdict"]),
                    self._grouped(answer["raw"], answer),
                ),
                None if said is None else self._grouped(said["raw"], said),
            )
        row = database.one("incoming_by_digest", (digest,))
        if row is None:
            raise NotKnown(
                "the node knows no such envelope",
                hint="`comity inbox` and `comity why-stuck` name envelopes by their digest",
                code="no-envelope",
            )
        word = database.one("word_of", (row["n"],))
        answered = grouped(
            database,
            row["answer"],
            row["answer_group"],
            row["answer_place"],
            row["answer_proof"],
        )
        return self._made(
            row,
            (Signed(row["verdict"]), answered),
            None if word is None else self._grouped(word["raw"], word),
        )

    def _made(
        self, row: Row, answer: tuple[Signed, Grouped] | None, said: Grouped | None
    ) -> bytes:
        site, database = self._site, self._site.database
        header = read_header(bytes(row["header"]))
        cipher = bytes(row["cipher"])
        stated = (
            None if row["statement"] is None else statement_at(database, row["statement"])
        )
        accord = row["accord"]
        entry, proof = self._proof(accord or HOUSE, row["leaf"], row["partner"])
        parties = {site.party, row["partner"]}
        world = site.world.now().world
        texts = [] if not accord else [world.accord(accord)]
        releasing = header.header.releasing
        if stated is not None and releasing is not None:
            by = text.read(stated.thing).get("by")
            parties.add(str(by))
        return make_bundle(
            Evidence(
                maker=site.party,
                header=header.raw,
                cipher=cipher,
                envelope=grouped(
                    database,
                    header.digest + cipher,
                    row["group_n"],
                    row["place"],
                    row["proof"],
                ),
                statement=stated,
                answer=answer,
                acknowledgement=said,
                entry=entry,
                proof=proof,
                accord=texts[0].document.raw if texts else None,
                amendments=self._amendments(header.header.version or ""),
                instruments=[
                    bytes(one["record"])
                    for one in database.all("instruments_of", (accord,))
                    if one["record"] is not None and self._acts.shown(one, row["partner"])
                ],
                lists={
                    party: [
                        bytes(one["raw"])
                        for one in database.all("key_lists")
                        if one["party"] == party
                    ]
                    for party in sorted(parties)
                },
            )
        )

    def _proof(self, accord: str, leaf: int | None, partner: str) -> tuple[bytes, bytes]:
        """Return an entry of our log, and its proof under a checkpoint that is cosigned."""
        database = self._site.database
        log = database.one("log_of", (accord,))
        found = None if log is None else database.one("cosigned_by", (log["n"], partner))
        if leaf is None or found is None or found["size"] <= leaf:
            raise NotKnown(
                f"`{partner}` has not cosigned this node's log of it yet",
                hint="it does so at the next contact; ask for the bundle again then",
                code="not-cosigned",
            )
        note = bytes(found["note"])
        size = read_checkpoint(read_note(note).text).size
        kept = self._site.custody.leaf(accord, leaf)
        path = self._site.custody.prove(accord, leaf, size)
        return kept.entry, write_proof(kept.salt, leaf, path, note)

    def _amendments(self, version: str) -> list[bytes]:
        """Return the amendments that a version names, in its order."""
        by_digest = {
            text.digest_of(raw): raw
            for raw in self._site.world.now().world.amendments.values()
        }
        return [by_digest[one] for one in version.split("+")[1:] if one in by_digest]

    def _grouped(self, thing: bytes, row: Row) -> Grouped:
        return grouped(
            self._site.database, thing, row["group_n"], row["place"], row["proof"]
        )
