"""Nothing is sealed that was not decided, and nothing that was sealed may become another."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

import make
from comity.errors import InvalidInput
from comity.labels import Level, Mark
from comity.release import Permit, decide
from comity.release.world import Authority
from comity.signed import text
from comity.wire.envelope import (
    Envelope,
    Going,
    Stream,
    envelope_digest,
    require_permitted,
    verify_envelope,
)
from comity.wire.group import Signed, sign_group
from comity.wire.header import Kind, Precedence, read_header, write_header
from comity.wire.seal import item_key, open_bytes
from wire import made

SECOND = make.at("2020-06-01T12:00:01")
ENDING = make.world(
    [
        make.accord(
            make.SIGNED
            + '\n[term]\ncites = "1"\ninitial = { for = "P6M", count = "anniversary" }\n'
            + make.RELEASE,
            front='profile = "hybrid-1"\n',
        )
    ],
    [make.signed()],
)


def refused(**more):
    with pytest.raises(InvalidInput) as error:
        made.sealed(**more)
    return error.value.code


# -- permit and envelope -------------------------------------------------------------------


def test_an_item_is_sealed_as_it_was_permitted():
    sealed = made.sealed()
    header, permit = sealed.written.header, made.permit()
    assert header.kind is Kind.ITEM
    assert (header.sender, header.recipient) == ("a", "b")
    assert (header.accord, header.version) == (permit.accord, permit.version)
    releasing = header.releasing
    assert releasing.request == permit.request
    assert releasing.handle_as == (Level("b", "LOW"),)
    assert releasing.good_before == permit.good_before
    assert sealed.digest == envelope_digest(sealed.thing)
    assert read_header(sealed.written.raw) == sealed.written


def test_a_stream_is_sealed_as_what_is_whole():
    content, pieces = bytes(200_000), []
    stream = Stream(made.source(content), len(content), pieces.append)
    one = made.sealed(content=content)
    other = made.sealed(content=stream, statement=made.stated(content=content))
    assert other.body is None
    assert (one.body, one.thing) == (b"".join(pieces), other.thing)


@pytest.mark.parametrize(
    "what",
    [
        {"item": make.item("y")},
        {"item": make.item(originators=("a", "c"))},
        {"item": make.item(categories=("l",))},
        {"item": make.item(purpose="q")},
        {"item": make.item(channel="fax")},
        {"item": make.item(kind="oral")},
        {"item": make.item(release_to=("a", "b"))},
        {"item": replace(make.item(), title="another")},
        {"item": replace(make.item(), made_from=("y",))},
        {"item": replace(make.item(), made=made.NOW)},
    ],
    ids=[
        "id",
        "originators",
        "category",
        "purpose",
        "channel",
        "kind",
        "list",
        "title",
        "parts",
        "date",
    ],
)
def test_the_statement_is_of_the_very_item_that_was_asked_about(what):
    assert refused(statement=made.stated(**what)) == "envelope-mismatch"


def test_the_content_is_the_one_that_the_statement_commits_to():
    statement = made.stated(content=b"another")
    assert refused(statement=statement) == "content-changed"
    assert refused(salt=made.bytes32(1)) == "content-changed"


@pytest.mark.parametrize(
    "box",
    [
        {"sender": "c"},
        {"recipient": "c"},
        {"sender": "b", "recipient": "a"},
        {"accord": "u"},
        {"accord": None},
        {"profile": "classic-1"},
    ],
    ids=str,
)
def test_the_box_is_of_the_same_pair_accord_and_profile(box):
    assert refused(batch=made.batch(**box)) == "envelope-mismatch"


def test_the_terms_are_of_the_same_accord_pair_version_and_world():
    again = make.world(made.world().accords, made.world().instruments)
    terms = made.under()
    assert refused(under=None) == "envelope-mismatch"
    assert refused(under=made.under(again)) == "envelope-mismatch"
    for other in (
        replace(terms, accord="u"),
        replace(terms, pair=("a", "c")),
        replace(terms, versions=("sha256:00",)),
        replace(terms, versions=()),
        replace(terms, profile=None),
        replace(terms, profile="classic-1"),
    ):
        assert refused(under=other) == "envelope-mismatch"


def test_a_permit_of_another_world_seals_nothing_in_this_one():
    again = make.world(made.world().accords, made.world().instruments)
    assert refused(permit=made.permit(again)) == "envelope-mismatch"


def test_nothing_is_sealed_before_its_decision_or_once_its_time_is_over():
    permit = made.permit(ENDING)
    end = make.at("2020-07-01T00:00:00")
    assert permit.good_before == end
    more = {"permit": permit, "under": made.under(ENDING)}
    for at in (made.NOW - 1, end, end + 1):
        assert refused(**more, going=Going(at=at)) == "permit-over"
    last = made.sealed(**more, going=Going(at=end - 1))
    assert last.written.header.releasing.good_before == end
    assert b'"good_before":"2020-07-01T00:00:00Z"' in last.written.raw


def test_an_authority_goes_without_terms_and_says_so():
    authority = Authority(
        id="leave",
        by="a",
        signed_by=("One", "Another"),
        to=("b",),
        items=("x",),
        categories=(),
        levels=(),
        purposes=("p",),
        conditions=(),
        since=made.NOW - 10,
        before=made.NOW + 10,
    )
    world = make.world([], [], authorities=(authority,), authorities_on=True)
    permit = decide(made.asked(under=None), world)
    assert isinstance(permit, Permit)
    batch = made.batch(accord=None)
    more = {"permit": permit, "under": None}
    header = made.sealed(**more, batch=batch).written.header
    assert (header.accord, header.version, header.terms, header.acts) == (None,) * 4
    assert header.releasing.authority == "leave"
    assert refused(**more) == "envelope-mismatch"
    assert refused(**{**more, "under": made.under()}, batch=batch) == "envelope-mismatch"


# -- decided again -------------------------------------------------------------------------


def test_a_sealed_envelope_is_held_against_a_permit_decided_anew():
    header = made.sealed().written.header
    anew = made.permit(request=made.asked(at=SECOND))
    require_permitted(anew, header, made.under())


def other_headers():
    header = made.sealed().written.header
    r = header.releasing
    digest = text.digest_of(b"x")
    yield from (
        replace(header, sender="c"),
        replace(header, recipient="c"),
        replace(header, accord="u"),
        replace(header, version=digest),
        replace(header, terms=digest),
        replace(header, acts=digest),
        replace(header, channel="fax"),
        replace(header, releasing=None),
    )
    for releasing in (
        replace(r, item="y"),
        replace(r, articles=("2",)),
        replace(r, handle_as=(Level("b", "HIGH"),)),
        replace(r, handle_tags=(Mark("b", "s", "v"),)),
        replace(r, authority="leave"),
        replace(r, purpose="q"),
        replace(r, good_before=SECOND),
        replace(r, good_before=made.NOW),
    ):
        yield replace(header, releasing=releasing)


@pytest.mark.parametrize("number", range(16))
def test_a_header_that_says_anything_else_than_the_permit_is_refused(number):
    header = list(other_headers())[number]
    with pytest.raises(InvalidInput) as error:
        require_permitted(made.permit(request=made.asked(at=SECOND)), header, made.under())
    assert error.value.code == "envelope-mismatch"


def test_once_an_instrument_is_known_the_sealed_envelope_no_longer_goes():
    header = made.sealed().written.header
    later = make.world(
        made.world().accords,
        [make.signed(), make.act("protest", "b", "2020-06-01T12:00:00", make.Op.PROTEST)],
    )
    anew = made.permit(later, request=made.asked(at=SECOND))
    with pytest.raises(InvalidInput):
        require_permitted(anew, header, made.under(later, at=SECOND))


# -- everything is bound -------------------------------------------------------------------

DIGEST = text.digest_of(b"another")
OTHERS = {
    "accord": "u",
    "acts": DIGEST,
    "at": "2020-06-01T12:00:01Z",
    "box": made.id32(6),
    "channel": "fax",
    "chunks": 2,
    "content": DIGEST,
    "decision": {
        "articles": ["2"],
        "authority": "leave",
        "handle_as": ["b:HIGH"],
        "handle_tags": ["b:s/v"],
        "request": DIGEST,
    },
    "format": "comity-envelope/2",
    "good_before": "2020-06-02T00:00:00Z",
    "item": "y",
    "kind": "instrument",
    "label": {"level": "a:HIGH", "tags": ["a:s/v"]},
    "lineage": [DIGEST],
    "padded": 54,
    "precedence": "FLASH",
    "profile": "classic-1",
    "purpose": "q",
    "recipient": "c",
    "recipient_key": made.id32(7),
    "sender": "c",
    "statement": DIGEST,
    "supersedes": DIGEST,
    "terms": DIGEST,
    "version": DIGEST,
}


def changes():
    header = json.loads(made.sealed().written.raw)
    for key, other in OTHERS.items():
        if isinstance(other, dict):
            for inner, value in other.items():
                yield f"{key}.{inner}", {**header, key: {**header[key], inner: value}}
        else:
            yield key, {**header, key: other}
    yield "an unknown key", {**header, "later": 1}
    for key in header:
        yield f"no {key}", {k: v for k, v in header.items() if k != key}


CHANGES = dict(changes())


def test_the_list_of_changes_has_every_key():
    assert OTHERS.keys() == json.loads(made.sealed().written.raw).keys()


@pytest.mark.parametrize("name", CHANGES)
def test_no_key_of_a_header_may_change(name):
    sealed, raw = made.sealed(), text.write(CHANGES[name])
    assert raw != sealed.written.raw
    try:
        header = read_header(raw)
    except InvalidInput:
        return
    key = item_key(made.BATCH_KEY, header.digest)
    for with_ in (key, item_key(made.BATCH_KEY, sealed.written.digest)):
        with pytest.raises(InvalidInput):
            open_bytes(sealed.body, header, with_)
    with pytest.raises(InvalidInput):
        verified(header=raw)


@pytest.mark.parametrize("name", [n for n in CHANGES if n.startswith("no ")])
def test_no_key_of_a_header_may_be_missing(name):
    with pytest.raises(InvalidInput):
        read_header(text.write(CHANGES[name]))


def test_what_a_header_may_not_carry_is_not_read_back():
    header = made.sealed().written.header
    for wrong in (
        replace(header, profile="none"),
        replace(header, sender=""),
        replace(header, recipient="a"),
        replace(header, box="5"),
        replace(header, content="x"),
        replace(header, version=None),
        replace(header, accord=None),
        replace(header, padded=0),
        replace(header, chunks=0),
        replace(header, supersedes="x"),
    ):
        with pytest.raises(InvalidInput):
            read_header(write_header(wrong).raw)


# -- at the other end ----------------------------------------------------------------------


def verified(**more):
    sealed, statement = made.sealed(), made.stated()
    values = {
        "header": sealed.written.raw,
        "ciphertext": sealed.thing[32:],
        "signed": sign_group(Signed.ENVELOPE, [sealed.thing], "a", made.A)[0],
        "statement": sign_group(Signed.STATEMENT, [statement.raw], "a", made.A)[0],
        "box": made.batch().box,
        "envelopes": made.groups(),
        "statements": made.groups(),
    }
    return verify_envelope(**{**values, **more})


def test_an_envelope_that_holds_opens():
    envelope = verified()
    assert isinstance(envelope, Envelope)
    assert envelope.statement.item == make.item()
    assert envelope.digest == made.sealed().digest
    sealed = made.sealed()
    key = item_key(made.BATCH_KEY, envelope.written.digest)
    assert open_bytes(sealed.body, envelope.written, key)[0] == b"the content"


def signed_by(party, thing):
    return sign_group(Signed.ENVELOPE, [thing], party, made.SIGNERS[party])[0]


def said_by(party, statement, kind=Signed.STATEMENT):
    return sign_group(kind, [statement.raw], party, made.SIGNERS[party])[0]


@pytest.mark.parametrize(
    ("name", "more", "code"),
    [
        ("signed by another", {"signed": "c"}, "other-signer"),
        ("another body", {"ciphertext": bytes(32)}, "envelope-mismatch"),
        ("no statement", {"statement": None}, "bad-field"),
        ("stated by another", {"statement": said_by("b", made.stated())}, "other-signer"),
        (
            "signed as an envelope",
            {"statement": said_by("a", made.stated(), Signed.ENVELOPE)},
            "other-kind",
        ),
        (
            "stated of another item",
            {"statement": said_by("a", made.stated(make.item("y")))},
            "envelope-mismatch",
        ),
        (
            "stated of another content",
            {"statement": said_by("a", made.stated(content=b"x"))},
            "envelope-mismatch",
        ),
        (
            "stated again",
            {"statement": said_by("a", made.stated(at=SECOND))},
            "envelope-mismatch",
        ),
        ("another box", {"box": made.batch(id=made.id32(8)).box}, "envelope-mismatch"),
        ("a box of another", {"box": made.batch(sender="c").box}, "envelope-mismatch"),
        ("a box to another", {"box": made.batch(recipient="c").box}, "envelope-mismatch"),
        ("a box under another", {"box": made.batch(accord="u").box}, "envelope-mismatch"),
        ("a classic box", {"box": made.batch("classic-1").box}, "envelope-mismatch"),
    ],
)
def test_what_does_not_belong_together_is_refused(name, more, code):
    if more.get("signed"):
        more = {"signed": signed_by(more["signed"], made.sealed().thing)}
    with pytest.raises(InvalidInput) as error:
        verified(**more)
    assert error.value.code == code, name


def test_a_hub_can_take_no_body_and_sign_it_as_its_own():
    """A's sealed body, under a header that names C as its sender and is signed by C."""
    sealed = made.sealed()
    header = write_header(replace(sealed.written.header, sender="c"))
    thing = header.digest + sealed.thing[32:]
    envelope = verified(
        header=header.raw,
        signed=signed_by("c", thing),
        box=made.batch(sender="c").box,
    )
    key = item_key(made.BATCH_KEY, envelope.written.digest)
    with pytest.raises(InvalidInput):
        open_bytes(sealed.body, envelope.written, key)


def test_one_recipient_cannot_pass_an_envelope_for_one_to_another():
    sealed = made.sealed()
    header = write_header(replace(sealed.written.header, recipient="c"))
    with pytest.raises(InvalidInput):
        verified(header=header.raw)


@pytest.mark.parametrize("precedence", Precedence)
def test_every_precedence_is_written_and_read(precedence):
    made_ = made.sealed(going=Going(at=made.NOW, precedence=precedence))
    assert read_header(made_.written.raw).header.precedence is precedence
