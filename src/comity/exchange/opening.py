"""Opening what came, for a named officer, and handing it on along a route."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from comity.errors import InvalidInput, NotKnown
from comity.exchange.custody import HOUSE, entry
from comity.exchange.register import HELD, Register
from comity.exchange.rows import body_of, box_at, reader, statement_at
from comity.exchange.sending import Content, Sending
from comity.exchange.site import Site
from comity.labels import Item, Level, Mark
from comity.signed import text
from comity.store import Row
from comity.wire.conversation import Met, Theirs, met
from comity.wire.header import Precedence, Written, read_header
from comity.wire.seal import Read, item_key, open_box, open_stream
from comity.wire.statement import read_statement


@dataclass(frozen=True, slots=True)
class Opened:
    """An item that was opened.

    Attributes:
        content: piece by piece, to be trusted once it has ended.
        salt: of its commitment.
    """

    item: Item
    length: int
    salt: bytes = field(repr=False)
    content: Iterator[bytes] = field(repr=False)


class Opening:
    """Opens items that came."""

    def __init__(self, site: Site, register: Register) -> None:
        self._site = site
        self._register = register

    def open(self, n: int, officer: str) -> Opened:
        """Open an item that came; in a transaction, which records who did.

        Raises:
            NotKnown: nothing came at that place.
            InvalidInput: no copy of it is here any more, the key of its term is destroyed,
                or no officer is named.
        """
        if not officer.strip():
            raise InvalidInput(
                "who opens it is not said", hint="name the officer", code="no-officer"
            )
        site = self._site
        row = self.row(n)
        copies = self._register.came(n)
        if not any(copy.state in HELD for copy in copies):
            raise InvalidInput(
                f"no copy of `{row['item']}` is here any more",
                hint="see `comity register`",
                code="copy-ended",
            )
        stated = read_statement(statement_at(site.database, row["statement"]).thing)
        header = read_header(bytes(row["header"]))
        opening = open_stream(self._read(row), header, self._key(row, header))
        after = met(Theirs(row["state"]), Met.OPEN)
        if after != row["state"]:
            site.database.run("set_incoming_state", (str(after), n))
        site.custody.append(
            row["accord"] or HOUSE,
            [
                entry(
                    "ContentHandover",
                    site.now(),
                    envelope=text.digest_text(bytes(row["digest"])),
                )
            ],
        )
        return Opened(stated.item, opening.length, opening.salt, iter(opening))

    def onward(self, n: int, to: str, officer: str, **more: object) -> Sending:
        """Return what sends an item that came on to another, as it is held here.

        Raises:
            InvalidInput: as `open`; also where the recipient's level awaits designation.
        """
        row = self.row(n)
        opened = self.open(n, officer)
        handling = json.loads(row["handling"])
        levels = [Level.parse(name) for name in handling["levels"]]
        if len(levels) > 1:
            raise InvalidInput(
                f"`{row['item']}` is held at {' and '.join(map(str, levels))} together",
                hint="designate one of them first: an instrument that does `designate`",
                code="undesignated",
            )
        content: Content = b"".join(opened.content)
        return Sending(
            item=opened.item,
            to=to,
            content=content,
            under=_word(more.get("under")),
            purpose=_word(more.get("purpose")),
            channel=_word(more.get("channel")),
            precedence=Precedence(str(more.get("precedence", "ROUTINE"))),
            held_as=levels[0] if levels else None,
            held_tags=tuple(Mark.parse(tag) for tag in handling["tags"]),
            received=(row["partner"], row["accord"]) if row["accord"] else None,
            statement=statement_at(self._site.database, row["statement"]),
            salt=opened.salt,
            lineage=(text.digest_text(bytes(row["digest"])),),
        )

    def row(self, n: int) -> Row:
        """Return the row of an item that came.

        Raises:
            NotKnown: nothing that was accepted stands at that place.
        """
        row = self._site.database.one("incoming", (n,))
        if row is None or row["kind"] != "item" or row["verdict"] != "receipt":
            raise NotKnown(
                f"nothing in the inbox has the number {n}",
                hint="`comity inbox` lists what came",
                code="no-item",
            )
        return row

    def _key(self, row: Row, header: Written) -> bytes:
        site = self._site
        box, _ = box_at(site.database, row["box_n"])
        opener = site.keys.opener(box.key)
        if opener is None:
            raise InvalidInput(
                f"the key of `{row['item']}` is destroyed: its sealed copy opens no more",
                hint="its term is over; what was printed or copied is in the register",
                code="key-destroyed",
            )
        return item_key(open_box(box, opener), header.digest)

    def _read(self, row: Row) -> Read:
        held = body_of(self._site.database, "incoming", row)
        if held is not None:
            return reader(held)
        digest = str(row["spooled"]).removeprefix("sha256:")
        path: Path = self._site.folder() / "in" / row["partner"] / digest
        return _to_the_end(path.open("rb"))


def _to_the_end(file: BinaryIO) -> Read:
    """Return what reads a file, and closes it once it is read."""

    def read(size: int) -> bytes:
        piece = b"" if file.closed else file.read(size)
        if not piece:
            file.close()
        return piece

    return read


def _word(value: object) -> str | None:
    return None if value is None else str(value)
