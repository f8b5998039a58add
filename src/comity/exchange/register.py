"""The register of items: each copy by serial and number, who holds it, and where.

An item that arrives is entered at once, held by nobody. A named officer acknowledges it:
that is the receipt that an accord's transmission article means, beside the node's own.
Copies are made, handed on, mustered, returned and destroyed, each with the officer's name;
a certificate of destruction lists copies one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from comity.accords.times import Instant
from comity.errors import InvalidInput, NotKnown
from comity.exchange.custody import HOUSE, entry
from comity.exchange.site import Site
from comity.store import Row

HELD = ("entered", "held")
"""The states in which a copy is here."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of an item, as registered.

    Attributes:
        serial, copy: its numbers.
        holder, place: who has it and where; empty until somebody took it.
        state: ``entered``, ``held``, ``returned``, ``destroyed`` or ``lost``.
        acknowledged: the officer who acknowledged it, or empty.
        mustered: when it was last seen, or None.
        certificate: of its destruction or return, or empty.
    """

    serial: int
    copy: int
    item: str
    accord: str
    partner: str
    holder: str
    place: str
    state: str
    entered: Instant
    acknowledged: str
    mustered: Instant | None
    ended: Instant | None
    certificate: str


class Register:
    """Keeps the register; every change is an event with the name of who made it."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def enter(self, n: int, item: str, accord: str, partner: str, now: Instant) -> int:
        """Enter an item that arrived as copy 1 of a new serial; in its transaction."""
        database = self._site.database
        serial = int(database.value("next_serial"))
        row = database.run(
            "insert_copy",
            {
                "serial": serial,
                "copy": 1,
                "item": item,
                "accord": accord,
                "incoming_n": n,
                "direction": "in",
                "partner": partner,
                "holder": "",
                "place": "",
                "state": "entered",
                "entered": now,
            },
        )
        database.run("insert_register_event", (row, "entered", "", "", now))
        return serial

    def lost(self, n: int, item: str, accord: str, partner: str, now: Instant) -> None:
        """Enter an item whose sealed copy was lost with the database: ask for another."""
        serial = self.enter(n, item, accord, partner, now)
        row = self._site.database.one("copy", (serial, 1))
        assert row is not None  # noqa: S101 - just entered
        _ = self._change(
            row, "lost", "the node", "with the database", state="lost", ended=now
        )

    def copies(self, item: str | None = None) -> tuple[Copy, ...]:
        """Return every copy, or those of one item."""
        database = self._site.database
        rows = (
            database.all("copies") if item is None else database.all("copies_of", (item,))
        )
        return tuple(_copy(row) for row in rows)

    def came(self, n: int) -> tuple[Copy, ...]:
        """Return the copies of what came by one envelope: of an item of that id, no other's."""
        return tuple(
            _copy(row) for row in self._site.database.all("copies_that_came", (n,))
        )

    def acknowledge(self, n: int, officer: str, place: str) -> Copy:
        """Record that a named officer has what came in the registry; in a transaction.

        ``n`` is its place in the inbox: one item may have come from two partners.

        Raises:
            NotKnown: no such item here.
            InvalidInput: another has acknowledged it, or the officer has no name.
        """
        copies = self.came(n)
        if not copies:
            raise _no_copy(f"the number {n} of the inbox")
        row = self._row(copies[0].serial, copies[0].copy)
        if row["acknowledged"] and row["acknowledged"] != officer:
            raise InvalidInput(
                f"`{row['item']}` was acknowledged by {row['acknowledged']}",
                hint="hand it on with `comity register`; the acknowledgement stands",
                code="acknowledged",
            )
        return self._change(
            row, "acknowledged", officer, place,
            state="held", holder=officer, place=place or row["place"], acknowledged=officer,
        )  # fmt: skip

    def hand(self, serial: int, copy: int, to: str, place: str, by: str) -> Copy:
        """Record that a copy has another holder or place; in a transaction."""
        return self._change(
            self._row(serial, copy), "handed", by, f"to {to}, {place}",
            state="held", holder=to, place=place,
        )  # fmt: skip

    def duplicate(self, serial: int, by: str, holder: str, place: str) -> Copy:
        """Record a further copy of an item; in a transaction.

        Raises:
            NotKnown: no copy of that serial is here.
            InvalidInput: no officer is named.
        """
        site = self._site
        now = site.now()
        rows = [row for row in site.database.all("copies") if row["serial"] == serial]
        here = [row for row in rows if row["state"] in HELD]
        if not here:
            raise _no_copy(str(serial))
        first = here[0]
        number = 1 + max(row["copy"] for row in rows)
        site.database.run(
            "insert_copy",
            {
                "serial": serial,
                "copy": number,
                "item": first["item"],
                "accord": first["accord"],
                "incoming_n": first["incoming_n"],
                "direction": first["direction"],
                "partner": first["partner"],
                "holder": holder,
                "place": place,
                "state": "held",
                "entered": now,
            },
        )
        return self._change(self._row(serial, number), "copied", by, "")

    def muster(self, seen: Sequence[tuple[int, int]], by: str) -> tuple[Copy, ...]:
        """Record which copies were seen, and return those that should be here and were not."""
        site = self._site
        now = site.now()
        there = set(seen)
        for serial, copy in there:
            _ = self._change(self._row(serial, copy), "mustered", by, "", mustered=now)
        return tuple(
            one
            for one in self.copies()
            if one.state in HELD and (one.serial, one.copy) not in there
        )

    def end(self, serial: int, copy: int, how: str, by: str, certificate: str) -> Copy:
        """Record that a copy was ``destroyed`` or ``returned``; in a transaction.

        The certificate is the id of the instrument that says so, or of the paper.

        Raises:
            InvalidInput: another end, a copy that has ended, or no officer.
            NotKnown: no such copy.
        """
        if how not in ("destroyed", "returned"):
            raise InvalidInput(
                f"a copy does not end as `{how}`",
                hint="`destroyed` or `returned`",
                code="bad-end",
            )
        return self._change(
            self._row(serial, copy), how, by, certificate,
            state=how, ended=self._site.now(), certificate=certificate,
        )  # fmt: skip

    # -- inside -----------------------------------------------------------------------

    def _row(self, serial: int, copy: int) -> Row:
        row = self._site.database.one("copy", (serial, copy))
        if row is None:
            raise _no_copy(f"{serial}/{copy}")
        if row["state"] not in HELD:
            raise InvalidInput(
                f"copy {row['serial']}/{row['copy']} of `{row['item']}` was {row['state']}",
                hint="see `comity register`",
                code="copy-ended",
            )
        return row

    def _change(self, row: Row, what: str, who: str, said: str, **new: object) -> Copy:
        if not who.strip():
            raise InvalidInput(
                "who does it is not said", hint="name the officer", code="no-officer"
            )
        site = self._site
        now = site.now()
        keys = (
            "holder",
            "place",
            "state",
            "acknowledged",
            "mustered",
            "ended",
            "certificate",
        )
        values = {key: new.get(key, row[key]) for key in keys}
        site.database.run("set_copy", {**values, "n": row["n"]})
        site.database.run("insert_register_event", (row["n"], what, who, said, now))
        site.custody.append(
            row["accord"] or HOUSE,
            [
                entry(
                    "Register", now,
                    item=row["item"], serial=row["serial"], copy=row["copy"], what=what,
                )
            ],
        )  # fmt: skip
        found = site.database.one("copy", (row["serial"], row["copy"]))
        assert found is not None  # noqa: S101 - just changed
        return _copy(found)


def _copy(row: Row) -> Copy:
    return Copy(
        row["serial"],
        row["copy"],
        row["item"],
        row["accord"],
        row["partner"],
        row["holder"],
        row["place"],
        row["state"],
        Instant(row["entered"]),
        row["acknowledged"] or "",
        None if row["mustered"] is None else Instant(row["mustered"]),
        None if row["ended"] is None else Instant(row["ended"]),
        row["certificate"] or "",
    )


def _no_copy(what: str) -> NotKnown:
    return NotKnown(
        f"`{what}` is not in the register",
        hint="`comity inbox` lists what came, `comity register` every copy",
        code="no-copy",
    )
