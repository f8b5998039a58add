"""An answer reads back as itself, is about one envelope, and tells nobody what is not for them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import InvalidInput
from comity.release import Reason
from comity.signed import text
from comity.wire.contact import (
    Contact,
    Growth,
    read_contact,
    unequal_acts,
    write_contact,
)
from comity.wire.receipt import (
    RETRY,
    Acknowledgement,
    Asker,
    Fault,
    Receipt,
    Refusal,
    Retry,
    read_acknowledgement,
    read_receipt,
    read_refusal,
    require_answers,
    retry,
    visible_reason,
    write_acknowledgement,
    write_receipt,
    write_refusal,
)
from wire import made

ENVELOPE, OTHER = text.digest_of(b"envelope"), text.digest_of(b"other")
RECEIPT = Receipt(
    envelope=ENVELOPE,
    item="x",
    sender="a",
    recipient="b",
    accord="t",
    log="comity.log/0123",
    index=7,
    at=made.NOW,
    acts=OTHER,
)
REFUSAL = Refusal(
    envelope=ENVELOPE,
    sender="a",
    recipient="b",
    reason=Reason.ENDED,
    retry=Retry.AFTER_ACTS,
    at=made.NOW,
    acts=OTHER,
)
DONE = Acknowledgement(
    envelope=ENVELOPE,
    item="x",
    sender="a",
    recipient="b",
    accord=None,
    officer="Kim",
    registry="20-117",
    at=made.NOW,
)
CONTACT = Contact(
    sender="a",
    recipient="b",
    at=made.NOW,
    keys=3,
    checkpoints={"t": "comity.log/0123\n7\nroot\n\n— a sig\n"},
    growth={"t": Growth(3, (bytes(32), bytes(range(32))))},
    cosigned={"t": "comity.log/4567\n7\nroot\n\n— b sig\n"},
    terms={"t": made.id32(4)},
    asked=(ENVELOPE,),
    unknown=(OTHER, ENVELOPE),
    acts={"t": ENVELOPE},
    deadlines={"t": OTHER},
)
BOTH = [
    (RECEIPT, write_receipt, read_receipt),
    (REFUSAL, write_refusal, read_refusal),
    (DONE, write_acknowledgement, read_acknowledgement),
    (CONTACT, write_contact, read_contact),
]
NAMES = ["receipt", "refusal", "acknowledgement", "contact"]


@pytest.mark.parametrize(("value", "write", "read"), BOTH, ids=NAMES)
def test_each_reads_back_as_itself(value, write, read):
    assert read(write(value)) == value


@pytest.mark.parametrize(("value", "write", "read"), BOTH, ids=NAMES)
def test_no_key_may_be_missing_or_of_another_kind(value, write, read):
    body = json.loads(write(value))
    for key in body:
        with pytest.raises(InvalidInput):
            read(text.write({k: v for k, v in body.items() if k != key}))
        with pytest.raises(InvalidInput):
            read(text.write({**body, key: {"x": []}}))


@pytest.mark.parametrize(("value", "write", "read"), BOTH, ids=NAMES)
def test_one_is_never_read_as_another(value, write, read):
    for _, _, other in BOTH:
        if other is not read:
            with pytest.raises(InvalidInput) as error:
                other(write(value))
            assert error.value.code == "bad-format"


def test_an_instrument_has_no_item_and_an_authority_no_accord():
    bare = replace(RECEIPT, item=None, accord=None, acts=None)
    assert read_receipt(write_receipt(bare)) == bare


@pytest.mark.parametrize(
    "keys",
    [{"index": -1}, {"index": 2**53 - 1 + 1}, {"event": "RelayRejection"}, {"log": ""}],
    ids=str,
)
def test_what_no_receipt_says_is_refused(keys):
    raw = json.dumps(
        {**json.loads(write_receipt(RECEIPT)), **keys},
        sort_keys=True,
        separators=(",", ":"),
    ).encode()
    with pytest.raises(InvalidInput):
        read_receipt(raw)


@given(st.text(max_size=20))
def test_a_reason_is_a_word_of_the_two_lists(word):
    known = {*map(str, Reason), *map(str, Fault)}
    try:
        raw = write_refusal(replace(REFUSAL, reason=word))
        assert read_refusal(raw).reason in known
    except InvalidInput:
        assert word not in known


@pytest.mark.parametrize("reason", [*Reason, *Fault], ids=str)
def test_every_reason_and_fault_can_be_said(reason):
    said = replace(REFUSAL, reason=str(reason))
    assert read_refusal(write_refusal(said)).reason == reason


# -- who is told ---------------------------------------------------------------------------


@pytest.mark.parametrize("reason", Reason)
def test_ones_own_officer_is_told_and_a_stranger_is_not(reason):
    assert visible_reason(reason, Asker.OWN_OFFICER) is reason
    assert visible_reason(reason, Asker.STRANGER) is Fault.REFUSED
    assert visible_reason(reason, Asker.PARTNER) in (reason, Fault.REFUSED)


SECRET = {
    Reason.MISSING_FACT,
    Reason.ORIGINATOR_FORBIDS,
    Reason.CAVEAT_NOT_ADMITTED,
    Reason.HELD,
    Reason.UNSETTLED,
    Reason.SENDING_NOT_AUTHORISED,
    Reason.CONDITION_NOT_MET,
    Reason.ONWARD_NOT_ADMITTED,
    Reason.CONSENT_MISSING,
}


@pytest.mark.parametrize("reason", Reason)
def test_a_partner_is_not_told_of_holds_gates_readings_consents_and_others_items(reason):
    hidden = visible_reason(reason, Asker.PARTNER) is Fault.REFUSED
    assert hidden == (reason in SECRET)


# -- again, or not -------------------------------------------------------------------------


def test_every_fault_says_whether_it_may_be_sent_again():
    assert RETRY.keys() == set(Fault)
    for fault in Fault:
        assert retry(fault, same_acts=True) is RETRY[fault]


@pytest.mark.parametrize("reason", Reason)
def test_a_decision_may_be_another_once_both_know_the_same_and_not_before(reason):
    assert retry(reason, same_acts=False) is Retry.AFTER_ACTS
    assert retry(reason, same_acts=True) is Retry.NEVER


@pytest.mark.parametrize("answer", [RECEIPT, REFUSAL, DONE], ids=NAMES[:3])
def test_an_answer_is_about_the_envelope_that_was_sent_and_by_its_recipient(answer):
    require_answers(answer, ENVELOPE, "a", "b")
    for wrong in ((OTHER, "a", "b"), (ENVELOPE, "c", "b"), (ENVELOPE, "a", "c")):
        with pytest.raises(InvalidInput) as error:
            require_answers(answer, *wrong)
        assert error.value.code == "other-answer"


# -- contact -------------------------------------------------------------------------------


def test_an_accord_whose_acts_differ_or_that_one_does_not_name_is_told():
    ours = {"t": ENVELOPE, "u": ENVELOPE, "v": OTHER}
    theirs = {"t": ENVELOPE, "u": OTHER, "w": OTHER}
    assert unequal_acts(ours, theirs) == ("u", "v", "w")
    assert unequal_acts(ours, ours) == ()


@pytest.mark.parametrize(
    "contact",
    [
        replace(CONTACT, acts={f"t{n}": ENVELOPE for n in range(257)}),
        replace(CONTACT, checkpoints={"t": "x" * 16_385}),
        replace(CONTACT, acts={"t": "sha256:0"}),
        replace(CONTACT, keys=-1),
        replace(CONTACT, cosigned={"t": "x" * 16_385}),
        replace(CONTACT, terms={"t": "x"}),
        replace(CONTACT, asked=("x",)),
        replace(CONTACT, unknown=("x",)),
        replace(CONTACT, growth={"t": Growth(0, ())}),
        replace(CONTACT, growth={"t": Growth(3, (bytes(31),))}),
        replace(CONTACT, growth={"t": Growth(3, (bytes(32),) * 64)}),
    ],
    ids=[
        "too many",
        "too long",
        "no digest",
        "no version",
        "too long a cosignature",
        "no key",
        "no envelope asked after",
        "no envelope unknown",
        "from nothing",
        "no hash",
        "too many hashes",
    ],
)
def test_a_contact_statement_beyond_its_limits_is_refused(contact):
    with pytest.raises(InvalidInput):
        read_contact(write_contact(contact))
