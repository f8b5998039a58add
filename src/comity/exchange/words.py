"""Words about envelopes that crossed before: acknowledgements, and the fate of what was tried.

An acknowledgement is a named officer's, signed by its node, and travels back by itself.
What was tried and may no longer go is not sent again: its sender asks the recipient whether
it arrived, and gets the answer that is kept, or the word that there is no such envelope.
"""

from __future__ import annotations

from comity.accords.times import Instant
from comity.errors import InvalidInput
from comity.exchange.custody import HOUSE, entry
from comity.exchange.register import Register
from comity.exchange.rows import grouped, keep_group
from comity.exchange.site import Site
from comity.signed import text
from comity.store import Database, Row
from comity.wire.consignment import Verdict
from comity.wire.conversation import Met, Ours, Step, Theirs, met, sent
from comity.wire.fields import refuse
from comity.wire.group import Groups, Signed, sign_group
from comity.wire.receipt import (
    Acknowledgement,
    read_acknowledgement,
    require_about,
    require_answers,
    write_acknowledgement,
)


class Words:
    """Says and hears what is not a first answer."""

    def __init__(self, site: Site, register: Register) -> None:
        self._site = site
        self._register = register

    def acknowledge(self, n: int, row: Row, officer: str, place: str) -> Acknowledgement:
        """Record that a named officer has an item in the registry, and tell its sender.

        In a transaction. The same officer again changes nothing.

        Raises:
            InvalidInput: another acknowledged it, it was not opened, or no officer is named.
            NotKnown: it is not in the register.
        """
        site = self._site
        copy = self._register.acknowledge(n, officer, place)
        now = site.now()
        said = Acknowledgement(
            envelope=text.digest_text(bytes(row["digest"])),
            item=row["item"],
            sender=row["partner"],
            recipient=site.party,
            accord=row["accord"] or None,
            officer=officer,
            registry=f"{copy.serial}/{copy.copy}",
            at=now,
        )
        if site.database.one("word_of", (n,)) is not None:
            return said
        after = met(Theirs(row["state"]), Met.ACKNOWLEDGE)
        site.database.run("set_incoming_state", (str(after), n))
        thing = write_acknowledgement(said)
        signed = sign_group(
            Signed.ACKNOWLEDGEMENT, [thing], site.party, site.keys.envelope
        )[0]
        site.database.run(
            "insert_word",
            {
                "incoming_n": n,
                "partner": row["partner"],
                "raw": thing,
                "group_n": keep_group(site.database, signed.group),
                "place": signed.index,
                "proof": signed.proof,
                "at": now,
            },
        )
        site.custody.append(
            row["accord"] or HOUSE,
            [
                entry(
                    "ConsignmentAcceptance",
                    now,
                    envelope=said.envelope,
                    registry=said.registry,
                )
            ],
        )
        return said

    def waiting(self, party: str) -> tuple[tuple[int, Verdict], ...]:
        """Return the words that a partner has not got yet, with their rows."""
        database = self._site.database
        return tuple(
            (
                row["n"],
                Verdict(
                    Signed.ACKNOWLEDGEMENT,
                    grouped(
                        database, row["raw"], row["group_n"], row["place"], row["proof"]
                    ),
                ),
            )
            for row in database.all("words_waiting", (party,))
        )

    def again(self, n: int) -> None:
        """Say the word on an envelope once more: its sender had no receipt when it came."""
        self._site.database.run("word_again", (n,))

    def told(self, rows: tuple[int, ...]) -> None:
        """Record that a partner has got words; in a transaction."""
        self._site.database.many("word_told", [(n,) for n in rows])

    def heard(self, party: str, word: Verdict, groups: Groups, now: Instant) -> None:
        """Record a partner's acknowledgement of an envelope of ours; in a transaction.

        One that is about no envelope of ours, or signed by another, is passed over: it
        changes nothing here.
        """
        database = self._site.database
        if word.kind is not Signed.ACKNOWLEDGEMENT:
            return
        try:
            by = groups.verify(word.said, word.kind)
            said = read_acknowledgement(word.said.thing)
            row = database.one("outgoing_by_digest", (text.read_digest(said.envelope),))
            if row is None or row["partner"] != party:
                refuse("an acknowledgement is of no envelope of ours")
            require_answers(said, said.envelope, self._site.party, by)
            require_about(said, row["item"], row["accord"] or None)
            state = sent(Ours(row["state"]), Step.ACKNOWLEDGEMENT)
        except InvalidInput:
            return
        database.run("settle", (str(state), now, "", row["n"]))
        database.run(
            "insert_acknowledged",
            {
                "n": row["n"],
                "raw": word.said.thing,
                "group_n": keep_group(database, word.said.group),
                "place": word.said.index,
                "proof": word.said.proof,
            },
        )
        self._site.custody.append(
            row["accord"] or HOUSE,
            [
                entry(
                    "AcknowledgementReceived",
                    now,
                    envelope=said.envelope,
                    answer=text.digest_of(word.said.thing),
                )
            ],
        )

    def asking(self, party: str) -> tuple[str, ...]:
        """Return the envelopes after whose fate a partner is to be asked."""
        rows = self._site.database.all("fate_unknown", (party,))
        return tuple(text.digest_text(bytes(row["digest"])) for row in rows)

    def fate(
        self, party: str, asked: tuple[str, ...]
    ) -> tuple[tuple[Verdict, ...], tuple[str, ...]]:
        """Return the kept answers to a partner's envelopes, and those that are not here.

        Of these it is recorded that we said so: whatever comes of them later is refused. In
        a transaction.
        """
        database = self._site.database
        words, unknown = [], []
        for digest in asked:
            row = database.one("incoming_by_digest", (text.read_digest(digest),))
            if row is None or row["partner"] != party:
                unknown.append(digest)
                now = self._site.now()
                database.run("disown", (text.read_digest(digest), party, now))
            else:
                words.append(kept_answer(database, row))
                self.again(row["n"])
        return tuple(words), tuple(unknown)


def kept_answer(database: Database, row: Row) -> Verdict:
    """Return the answer that something got when it came; every repeat gets the same bytes."""
    said = grouped(
        database,
        row["answer"],
        row["answer_group"],
        row["answer_place"],
        row["answer_proof"],
    )
    return Verdict(Signed(row["verdict"]), said)
