"""A whole exchange for tests: keys, salts and ids are those that numbers determine."""

from __future__ import annotations

from functools import cache

import make
from comity.release import Permit, Request, decide
from comity.signed import ED25519, XWING, Secret, signer
from comity.wire.consignment import Consignment, Part
from comity.wire.contact import Contact, write_contact
from comity.wire.content import commitment
from comity.wire.envelope import Going, seal_item
from comity.wire.group import Groups, Signed, sign_group
from comity.wire.header import PROFILES
from comity.wire.seal import opener, seal_box
from comity.wire.statement import read_statement, statement_of
from comity.wire.terms import terms_between

NOW = make.at("2020-06-01T12:00:00")
ENDS = "2020-07-01"
UNTIL = f'{make.SIGNED}\n[term]\ncites = "1"\nbefore = "{ENDS}"\n'


def seed(number: int) -> Secret:
    return Secret(bytes([number]) * 32)


def bytes32(number: int) -> bytes:
    return number.to_bytes(32, "big")


def id32(number: int) -> str:
    return f"{number:032x}"


A, B, C = (signer(ED25519, seed(n)) for n in (1, 2, 3))
SIGNERS = {"a": A, "b": B, "c": C}
PUBLIC = {(p, s.public.id): s.public for p, s in SIGNERS.items()}
BATCH_KEY = bytes32(77)
TO_B = opener(XWING, seed(12))
SALT = bytes32(99)


def keys(party, key_id):
    return PUBLIC.get((party, key_id))


def groups():
    return Groups(keys)


@cache
def world(profile="hybrid-1", name="t"):
    front = f'profile = "{profile}"\n' if profile else ""
    accord = make.accord(
        make.SIGNED + make.RELEASE, front=front, name=name, parties=("a", "b")
    )
    return make.world([accord], [make.signed(of=name)])


def asked(at=NOW, item=None, **more):
    values = {
        "item": item or make.item(),
        "sender": "a",
        "recipient": "b",
        "at": at,
        "under": "t",
    }
    return Request(**{**values, **more})


def permit(of=None, request=None):
    found = decide(request or asked(), of or world())
    assert isinstance(found, Permit), found
    return found


def stated(item=None, content=b"the content", salt=SALT, by="a", at=NOW):
    digest = commitment(salt, [content])
    return read_statement(statement_of(item or make.item(), by=by, content=digest, at=at))


def under(of=None, at=NOW, pair=("a", "b"), accord="t"):
    return terms_between(of or world(), accord, pair, at)


def batch(profile="hybrid-1", *, encrypt=None, key=BATCH_KEY, **more):
    to = opener(PROFILES[profile], seed(12))
    values = {
        "id": id32(5),
        "profile": profile,
        "sender": "a",
        "recipient": "b",
        "accord": "t",
    }
    extra = {} if encrypt is None else {"encrypt": encrypt}
    return seal_box(key, more.pop("to", to.public), **{**values, **more}, **extra)


def sealed(content=b"the content", **more):
    values = {
        "permit": permit(),
        "statement": more.pop("statement", None) or stated(content=content),
        "content": content,
        "salt": SALT,
        "batch": batch(),
        "under": under(),
        "going": Going(at=NOW),
    }
    return seal_item(**{**values, **more})


def contact(sender="a", recipient="b"):
    said = Contact(sender=sender, recipient=recipient, at=NOW, keys=1)
    return sign_group(Signed.CONTACT, [write_contact(said)], sender, SIGNERS[sender])[0]


def consigned(contents=(b"the content",), **going):
    """Return a consignment of items with these contents, and its batch."""
    with_, terms_, may = batch(), under(), permit()
    statements = [
        stated(content=content, salt=bytes32(n)) for n, content in enumerate(contents)
    ]
    made = [
        seal_item(
            may,
            statement,
            content,
            salt=bytes32(n),
            batch=with_,
            under=terms_,
            going=Going(at=NOW, **going),
        )
        for n, (statement, content) in enumerate(zip(statements, contents, strict=True))
    ]
    signed = sign_group(Signed.ENVELOPE, [m.thing for m in made], "a", A)
    said = sign_group(Signed.STATEMENT, [s.raw for s in statements], "a", A)
    parts = tuple(
        Part(m.written.header.kind, m.written.raw, e, s, with_.box, m.body)
        for m, e, s in zip(made, signed, said, strict=True)
    )
    return Consignment("a", "b", contact(), parts)


def source(raw, step=1 << 20):
    """Return a function that reads bytes, at most ``step`` at once."""
    at = 0

    def read(size):
        nonlocal at
        piece = raw[at : at + min(size, step)]
        at += len(piece)
        return piece

    return read
