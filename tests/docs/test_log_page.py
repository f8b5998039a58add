"""The page on the custody log shows what the code verifies."""

import re

import pytest

from comity.log import Kind, Policy, read_vkey, verify_proof
from comity.log.checkpoint import _ORIGIN
from comity.log.commitment import _DOMAIN
from comity.log.fork import FIRST_LINE as FORK
from comity.log.merkle import PROOF_HASHES_MAX
from comity.log.note import NOTE_BYTES_MAX, SIGNATURES_MAX
from comity.log.proof import FIRST_LINE as PROOF
from comity.log.tiles import read_path
from docs import pages

PAGE = pages.text_of(pages.FORMATS / "log.md")
SHOWN = {fence.info: fence.body for fence in pages.fences(PAGE)}


def test_the_proof_of_the_page_holds_by_the_keys_of_the_page():
    log, *cosigners = map(read_vkey, SHOWN["vkey"].split())
    policy = Policy(log=log, cosigners=tuple(cosigners))
    proof, signed = verify_proof(SHOWN["tlog-proof"].encode(), b"receipt 3", policy)
    assert (proof.index, signed.checkpoint.size) == (3, 5)
    assert len(signed.cosigned) == 2


def test_the_page_names_the_limits_that_are_kept():
    text = " ".join(PAGE.split())
    assert f"at most {NOTE_BYTES_MAX // 1024} KiB and {SIGNATURES_MAX} signatures" in text
    assert f"at most {PROOF_HASHES_MAX} hashes" in text


def test_the_page_names_the_words_that_files_begin_with():
    assert SHOWN["text"]
    assert {PROOF} <= pages.words(PAGE)
    assert f"\n{FORK}\n" in PAGE
    assert _DOMAIN.decode().strip() in PAGE


def test_the_page_names_the_kinds_of_keys():
    for kind in Kind:
        assert f"kind {kind.value}" in PAGE
    assert _ORIGIN.match(read_vkey(SHOWN["vkey"].split()[0]).name)


@pytest.mark.parametrize("path", re.findall(r"`(tile/[0-9x/]+)`", PAGE))
def test_the_page_shows_paths_of_tiles(path):
    assert read_path(path).path == path
