"""What a person or a program asks of its own node, and what the node says.

These values are the own side of the endpoint: `comity.Client` takes and returns them, and
`/openapi.json` is made from them. Every time is UTC seconds; every digest is in hex.
Nothing of a node's inside is in them: they may be kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Precedence: TypeAlias = Literal["FLASH", "IMMEDIATE", "PRIORITY", "ROUTINE"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """The values of one tag set on a label."""

    set: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Successor:
    """The level that an originator lets a label have from an instant on."""

    at: int
    level: str
    earliest: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Marking:
    """What an item is marked by its originator, as in `comity.labels.Label`.

    Attributes:
        level: ``policy:level``.
        release_to: None releases to nobody, or to the level's audience; so does no list
            of names. An empty list is to nobody at all.
    """

    level: str
    categories: tuple[str, ...]
    release_to: tuple[str, ...] | None = None
    display_to: tuple[str, ...] = ()
    tags: tuple[Tag, ...] = ()
    review: int | None = None
    successor: Successor | None = None
    compilation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One item for one recipient.

    An item that the node does not hold comes with its marking and content. One that it
    holds is named by its id alone: then it goes on as it was received.

    Attributes:
        item: its id, a UUIDv7; the same id, recipient and content again is the same sending.
            `Client.send` makes one where there is none.
        originators: empty means this party alone.
        content: up to 256 KiB; more is uploaded before and named by ``upload``.
        upload: the SHA-256 of content that was uploaded before.
        under: the accord; None lets the stated order choose.
        officer: who sends it, by name.
    """

    to: str
    item: str = ""
    marking: Marking | None = None
    originators: tuple[str, ...] = ()
    kind: str = ""
    purpose: str = ""
    channel: str = ""
    made: int | None = None
    made_from: tuple[str, ...] = ()
    content: bytes | None = None
    upload: str | None = None
    under: str | None = None
    precedence: Precedence = "ROUTINE"
    officer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the node made of one sending: on its way, or denied and why.

    Attributes:
        verdict: ``sent`` is recorded and will be delivered; ``denied`` never left.
        state: of what was sent: ``waiting``, ``receipted``, ``refused``, ``never left`` …
        envelope: its digest; empty when denied.
        articles: those that admit it, or those in its way.
        reason, words: why not; empty when sent.
        later: whether asking again later may help.
        good_before: when the permit ends by the clock alone.
    """

    item: str
    to: str
    verdict: Literal["sent", "denied"]
    state: str = ""
    envelope: str = ""
    accord: str = ""
    articles: tuple[str, ...] = ()
    handle_as: tuple[str, ...] = ()
    reason: str = ""
    words: str = ""
    hint: str = ""
    later: bool = False
    good_before: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """One item that came, as the register has it.

    Attributes:
        n: its place in the inbox; larger is later.
        handle_as: what it is handled as here; several await this party's choice.
        length: of the content, in bytes.
        acknowledged: the officer who did, or empty.
    """

    n: int
    item: str
    sender: str
    accord: str
    level: str
    handle_as: tuple[str, ...]
    categories: tuple[str, ...]
    kind: str
    purpose: str
    precedence: str
    envelope: str
    at: int
    arrived: int
    length: int
    state: str
    acknowledged: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One thing that was sent, and how far it is.

    Attributes:
        actor: who has to do something next; empty when it is settled.
        trouble, words: the last error, as a code and in a sentence.
        next: when it is tried again.
        deadline: after which it is not.
    """

    n: int
    kind: str
    item: str
    to: str
    accord: str
    precedence: str
    state: str
    envelope: str
    submitted: int
    attempts: int = 0
    next: int | None = None
    deadline: int | None = None
    actor: str = ""
    trouble: str = ""
    words: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class By:
    """The officer who does it, by name."""

    officer: str
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What was done, with the digest of what records it."""

    done: str
    record: str
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One accord, as it stands between this party and each other."""

    accord: str
    title: str
    version: str
    between: str
    status: str
    since: int | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One instrument on record here.

    Attributes:
        came: from which party, or how; ``folder`` for one of the world's files.
        text: its table, as it was signed or written; empty for one of the world's files.
    """

    id: str
    accord: str
    by: tuple[str, ...]
    does: tuple[str, ...]
    digest: str
    known: int | None
    came: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text in TOML, as a file of a world has it, and who brings it.

    Attributes:
        approvals: of officers, as signed: over this very text.
    """

    text: str
    officer: str
    approvals: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A consent that is missing: whose, under which accord, and the request for it.

    Attributes:
        draft: the request as a text to bring as an instrument.
    """

    whose: str
    accord: str
    item: str
    state: str
    draft: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OnHold:
    """A hold of this party's own, and what it stops."""

    id: str
    towards: tuple[str, ...]
    accords: tuple[str, ...]
    categories: tuple[str, ...]
    ground: str
    since: int
    before: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """A partner, and how things are with it.

    Attributes:
        held: why nothing is exchanged with it; empty when it is.
        heard: when it last answered or sent.
    """

    party: str
    fingerprint: str
    keys: int
    keys_before: int
    held: str = ""
    heard: int | None = None
    waiting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at, and whether it is as it should be."""

    what: str
    ok: bool
    words: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """A partner's file of keys, and how its fingerprint was compared.

    Attributes:
        file: as its `comity partner invite` wrote it.
        fingerprint: as it was read aloud, in groups of digits.
        confirmed: by whom and how, in words.
    """

    file: bytes
    fingerprint: str
    confirmed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """One number of `/metrics`, with the labels that tell it from its like."""

    name: str
    value: int
    partner: str = ""
    state: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Whether the node answers."""

    ok: bool
    party: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """How many bytes of a large content are there, and whether that is all of it."""

    have: int
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyList:
    """A signed key list of this party, as its bytes."""

    raw: bytes
