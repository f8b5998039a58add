"""Decide, record, run, record: what lets a thing pass by any tool, or does not.

A release has two entries. `began` stands before anything happens, with what is to go by its
SHA-256; `ended` says what came of it. One that began and has no end was cut off. Whatever
is in doubt is refused, and the refusal is recorded too.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from comity.accords.times import Instant
from comity.alone.events import Entry, Event, Outcome, decided
from comity.alone.record import Record, RecordFailed
from comity.errors import ComityError, InvalidInput, NotKnown
from comity.labels import Item
from comity.release import Denial, Permit, Request, World, decide, explain
from comity.worlds import load_world

PIECE = 1 << 20


class Denied(ComityError):
    """It may not go.

    Attributes:
        denial: the decision.
        world: in which it was made.
    """

    def __init__(self, denial: Denial, world: World) -> None:
        words = explain(denial.asked, denial, world)
        super().__init__(words.split("\n", 1)[0], hint="", code=str(denial.reason))
        self.denial = denial
        self.world = world
        self.words = words


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What is asked of a gate.

    Attributes:
        item: finds the item in the world that was read.
        by: what asks: ``gate``, or a program's name.
    """

    item: Callable[[World], Item]
    sender: str
    recipient: str
    purpose: str | None = None
    channel: str | None = None
    under: str | None = None
    by: str = "gate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A file as it was when its release was decided: the name, the bytes, and which file."""

    path: Path
    sha256: str
    size: int
    identity: tuple[int, ...] = field(repr=False)

    def unchanged(self) -> bool:
        """Say whether the very same file still stands there with the very same bytes."""
        try:
            return fingerprint(self.path) == self
        except (ComityError, OSError):
            return False


def fingerprint(path: Path) -> Sent:
    """Read a file through, and return what it is.

    Raises:
        InvalidInput: it is no plain file, or was written to while it was read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise NotKnown(
            f"there is no file `{path}`", hint="check the path", code="no-file"
        ) from None
    with os.fdopen(handle, "rb", buffering=0) as file:
        before = os.fstat(handle)
        if not path.is_file():
            raise InvalidInput(
                f"`{path}` is no plain file",
                hint="put what is to go into one file, such as an archive",
                code="no-plain-file",
            )
        digest = hashlib.sha256()
        while piece := file.read(PIECE):
            digest.update(piece)
        if _identity(before) != _identity(os.fstat(handle)):
            raise InvalidInput(
                f"`{path}` was written to while it was read",
                hint="wait until it is whole, then try again",
                code="file-changing",
            )
    return Sent(
        path=path,
        sha256=digest.hexdigest(),
        size=before.st_size,
        identity=_identity(before),
    )


def _identity(found: os.stat_result) -> tuple[int, ...]:
    return (
        found.st_dev,
        found.st_ino,
        found.st_size,
        found.st_mtime_ns,
        found.st_ctime_ns,
    )


@dataclass(slots=True, kw_only=True)
class Release:
    """A release that may go. It has to begin before anything happens, and to end after.

    Attributes:
        permit: the decision.
        world: in which it was made.
        numbers: of its entries in the record.
    """

    permit: Permit
    world: World
    record: Record = field(repr=False)
    id: str = field(default_factory=lambda: os.urandom(16).hex())
    numbers: list[int] = field(default_factory=list)
    ended: bool = False

    def begin(
        self, files: Sequence[Sent] = (), command: Sequence[str] = (), by: str = "gate"
    ) -> None:
        """Record that it begins, with what is to go.

        Raises:
            InvalidInput: the permit was good before an instant that has come.
            RecordFailed: it cannot be recorded; nothing may happen.
        """
        if self.record.now() >= self.permit.good_before:
            raise InvalidInput(
                "the permit's time is over", hint="ask again", code="permit-over"
            )
        facts = decided(self.permit.asked, self.permit, self.world) | {
            "release": self.id,
            "by": by,
            "command": list(command),
            "files": [
                {"name": str(one.path), "sha256": one.sha256, "size": one.size}
                for one in files
            ],
        }
        self._write(Event.BEGAN, facts)

    def end(self, outcome: Outcome, words: str, exit_code: int | None = None) -> None:
        """Record what came of it, once.

        Raises:
            RecordFailed: it cannot be recorded.
        """
        facts = {
            "release": self.id,
            "outcome": str(outcome),
            "words": words,
            "exit": exit_code,
        }
        self._write(Event.ENDED, facts)
        self.ended = True

    def _write(self, event: Event, facts: dict[str, Any]) -> None:
        entry = Entry(event=event, facts=facts, accord=self.permit.accord or "")
        self.numbers.extend(self.record.write([entry]))


def ask(record: Record, root: Path, what: Ask) -> Release:
    """Decide by a world as it is on disk now, and return the release where it may go.

    Everything that the world holds and the record has not seen is recorded first. A denial
    is recorded, and so is whatever keeps one from being decided.

    Raises:
        Denied: it may not go.
        ComityError: it cannot be decided, or not be recorded.
    """
    try:
        at = record.now()
        world = load_world(root)
        _ = record.note(world)
        request = _request(what, world, at)
        decision = decide(request, world)
    except ComityError as error:
        _refused(record, what, error)
    if isinstance(decision, Denial):
        facts = decided(request, decision, world) | {"by": what.by}
        record.write([Entry(event=Event.DECIDED, facts=facts)])
        raise Denied(decision, world)
    return Release(permit=decision, world=world, record=record)


def _request(what: Ask, world: World, at: Instant) -> Request:
    _, _ = world.party(what.sender), world.party(what.recipient)
    if what.under is not None:
        _ = world.accord(what.under)
    return Request(
        item=what.item(world),
        sender=what.sender,
        recipient=what.recipient,
        at=at,
        purpose=what.purpose,
        channel=what.channel,
        under=what.under,
    )


def _refused(record: Record, what: Ask, error: ComityError) -> NoReturn:
    if not isinstance(error, RecordFailed):
        facts = {
            "by": what.by,
            "from": what.sender,
            "to": what.recipient,
            "code": error.code,
            "words": error.message,
        }
        record.write([Entry(event=Event.REFUSED, facts=facts)], late=True)
    raise error


@contextmanager
def releasing(
    item: Item | str,
    *,
    to: str,
    sender: str,
    world: Path | str,
    record: Path | str | None = None,
    under: str | None = None,
    purpose: str | None = None,
    channel: str | None = None,
    files: Sequence[Path | str] = (),
) -> Iterator[Permit]:
    """Let the body of a ``with`` run only where an item may go; as a decorator, a function.

    ``item`` is one, or the id of one of the world. The decision, the files by their
    SHA-256 and how the body ended are in the record before and after. An exception ends
    the release as failed and goes on.

    Raises:
        Denied: it may not go; the body is not run.
        ComityError: it cannot be decided or recorded; the body is not run.
        InvalidInput: a file was changed while the body ran; it is recorded as such.
    """
    what = Ask(
        item=lambda found: item if isinstance(item, Item) else _named(found, item),
        sender=sender,
        recipient=to,
        purpose=purpose,
        channel=channel,
        under=under,
        by="program",
    )
    with open_record(None if record is None else Path(record)) as opened:
        sent = [fingerprint(Path(one)) for one in files]
        release = ask(opened, Path(world), what)
        release.begin(sent, by="program")
        try:
            yield release.permit
        except BaseException as error:
            release.end(Outcome.FAILED, f"it ended with {type(error).__name__}")
            raise
        changed = [str(one.path) for one in sent if not one.unchanged()]
        if changed:
            release.end(Outcome.CHANGED, f"changed meanwhile: {', '.join(changed)}")
            raise InvalidInput(
                f"`{changed[0]}` was changed while it was released",
                hint="what went is not certain: look at what arrived",
                code="file-changed",
            )
        release.end(Outcome.WENT, "it went")


def _named(world: World, name: str) -> Item:
    try:
        return world.items[name]
    except KeyError:
        raise NotKnown(
            f"the world `{world.id}` has no item `{name}`",
            hint="its items: " + (", ".join(sorted(world.items)) or "none"),
            code="no-item",
        ) from None


def open_record(folder: Path | None) -> Record:
    """Open the record of a folder, of COMITY_RECORD, or in ``record``, by the real clock.

    Raises:
        ComityError: see `Record.open`.
    """
    place = folder or Path(os.environ.get("COMITY_RECORD") or "record")
    return Record.open(place, lambda: int(time.time()), os.urandom)
