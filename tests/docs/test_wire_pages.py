"""The pages on what crosses name every key that the code writes, and every word of its lists."""

from __future__ import annotations

import json

import pytest

from comity.accords import Op
from comity.release import Reason
from comity.signed import text
from comity.wire.approval import write_approval
from comity.wire.consignment import PARTS_MAX, Waiting, write, write_answer
from comity.wire.contact import write_contact
from comity.wire.group import THINGS_MAX, Signed
from comity.wire.header import PROFILES, Kind, Precedence
from comity.wire.instrument import write_instrument
from comity.wire.receipt import (
    RETRY,
    Asker,
    Retry,
    visible_reason,
    write_acknowledgement,
    write_receipt,
    write_refusal,
)
from comity.wire.reveals import REVEALS
from docs import pages
from wire import made
from wire import test_approval as approvals
from wire import test_consignment as consignments
from wire import test_instrument as instruments
from wire import test_receipt as receipts

PAGES = {
    name: pages.text_of(pages.FORMATS / f"{name}.md")
    for name in ("item", "envelope", "receipt", "consignment")
}


def keys_of(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_of(inner)


def head(raw):
    return raw.split(b"\n", 2)[1]


def group_payload():
    value = text.read(consignments.made.contact().group)
    return text.read_base64(value["payload"])


def record_payload():
    record = write_instrument(
        instruments.ACCORD, instruments.NOTICE, {"a": instruments.RECORD["a"]}
    )
    return text.read_base64(text.read(record)["payload"])


def approval_payload():
    record = write_approval(approvals.APPROVAL, approvals.OFFICERS["Kim"])
    return text.read_base64(text.read(record)["payload"])


WRITTEN = {
    "statement": ("item", lambda: made.stated().raw),
    "header": ("envelope", lambda: made.sealed().written.raw),
    "box": ("envelope", lambda: made.batch().box.head),
    "group": ("envelope", group_payload),
    "instrument": ("envelope", record_payload),
    "approval": ("envelope", approval_payload),
    "receipt": ("receipt", lambda: write_receipt(receipts.RECEIPT)),
    "refusal": ("receipt", lambda: write_refusal(receipts.REFUSAL)),
    "acknowledgement": ("receipt", lambda: write_acknowledgement(receipts.DONE)),
    "consignment": ("consignment", lambda: head(write(made.consigned()))),
    "answer": ("consignment", lambda: head(write_answer(consignments.answer()))),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_every_key_that_is_written_is_on_its_page(name):
    page, written = WRITTEN[name]
    said = pages.words(PAGES[page])
    signers = {"alg", "key", "party"}  # are on the page of what is signed
    missing = set(keys_of(json.loads(written()))) - said - signers - {"format"}
    assert missing == set()


def test_every_key_of_a_contact_statement_is_on_its_page():
    said = json.loads(write_contact(receipts.CONTACT))
    keys = {*said, *said["growth"]["t"]}
    assert keys - {"format"} <= pages.words(PAGES["consignment"])


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("envelope", Signed),
        ("envelope", Kind),
        ("envelope", Precedence),
        ("envelope", PROFILES),
        ("consignment", Waiting),
        ("receipt", Retry),
    ],
)
def test_every_word_is_on_its_page(page, words):
    assert {str(word) for word in words} <= pages.words(PAGES[page])


def test_the_page_has_the_table_of_what_instruments_reveal():
    said = {}
    for cells in pages.rows(PAGES["envelope"]):
        if cells[0] in ("`parties`", "`concerned`"):
            for word in cells[1].split(","):
                said[word.strip(" `")] = cells[0].strip("`")
    assert said == {str(op): str(REVEALS[op]) for op in Op}


def test_the_page_has_the_table_of_who_is_told_which_reason():
    rows = {
        cells[0].strip("`"): cells[1:]
        for cells in pages.rows(PAGES["receipt"])
        if len(cells) == 4 and cells[0] != "reason"
    }
    wanted = {
        str(reason): [
            "told" if visible_reason(reason, to) is reason else "`refused`" for to in Asker
        ]
        for reason in Reason
    }
    assert rows == wanted


def test_the_page_says_of_every_fault_whether_to_send_again():
    rows = {
        cells[0].strip("`"): cells[1]
        for cells in pages.rows(PAGES["receipt"])
        if len(cells) == 2 and cells[1] in {str(one) for one in Retry}
    }
    assert rows == {str(fault): str(again) for fault, again in RETRY.items()}


def test_the_limits_of_the_pages_are_those_of_the_code():
    assert f"up to {THINGS_MAX:,} of one kind" in PAGES["envelope"]
    assert f"at most {PARTS_MAX} envelopes" in PAGES["consignment"]
