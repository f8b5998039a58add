import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import InvalidInput
from comity.log import (
    Kind,
    Line,
    Vkey,
    add_lines,
    read_note,
    read_vkey,
    verify_note,
    write_note,
)
from comity.log.note import NOTE_BYTES_MAX, TIME_MAX
from comity.signed.algorithms import MLDSA65, Public, ed25519_signer
from log.makers import EAST, WEST, flips, signer

# The example of C2SP signed-note.
EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = (
    "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXp"
    "pzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()

# The example of golang.org/x/mod/sumdb/note, whose private key is public.
PETER_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
PETER_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
PETER_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngo"
    "tpRZb6KE6RyyBwJnAM="
)

# The example of C2SP tlog-cosignature; no key of it is published.
COSIGNED = (
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJ"
    "sX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA=="
)
TEXT = "text\n"
LOG_LINE = EAST.sign(TEXT, signer("east"))
WEST_LINE = WEST.sign(TEXT, signer("west cosigns"), at=1_700_000_000)
BOTH = write_note(TEXT, [LOG_LINE, WEST_LINE])


def refused(code, check, *args, **kwargs):
    with pytest.raises(InvalidInput) as error:
        check(*args, **kwargs)
    assert error.value.code == code
    assert error.value.hint
    return error.value


# -- keys ----------------------------------------------------------------------------------


@pytest.mark.parametrize("written", [EXAMPLE_KEY, PETER_KEY, str(EAST), str(WEST)])
def test_a_key_is_written_as_it_was_read(written):
    assert str(read_vkey(written)) == written


def test_the_kind_of_a_key_is_in_its_id():
    both = [Vkey(name="x", kind=kind, public=EAST.public) for kind in Kind]
    assert len({vkey.key_id for vkey in both}) == 2


def test_no_part_of_a_key_is_a_key():
    for start in range(len(PETER_KEY)):
        for end in range(start, len(PETER_KEY) + 1):
            if (start, end) != (0, len(PETER_KEY)):
                with pytest.raises(InvalidInput):
                    read_vkey(PETER_KEY[start:end])


def test_a_key_with_any_byte_changed_is_no_key():
    for bad in flips(PETER_KEY.encode()):
        with pytest.raises(InvalidInput):
            read_vkey(bad.decode("latin-1"))


@pytest.mark.parametrize(
    "name", ["", "a b", "a+b", "a\u00a0b", "a\u2003b", "a\tb", " ", "\n"]
)
def test_a_name_has_neither_space_nor_plus(name):
    refused("note-name", Vkey, name=name, kind=Kind.LOG, public=EAST.public)


def test_a_key_of_another_algorithm_verifies_no_note():
    post_quantum = Public(MLDSA65, bytes(1952))
    refused("bad-vkey", Vkey, name="x", kind=Kind.LOG, public=post_quantum)


def test_a_key_of_another_kind_is_refused():
    body = base64.b64encode(b"\x06" + EAST.public.raw).decode()
    refused("bad-vkey", read_vkey, f"x+00000000+{body}")


def test_a_key_under_which_anything_would_verify_is_no_key():
    body = base64.b64encode(b"\x01" + b"\x01" + bytes(31)).decode()
    refused("bad-key", read_vkey, f"x+00000000+{body}")


# -- signing -------------------------------------------------------------------------------


def test_a_note_is_signed_byte_for_byte_as_go_does():
    line = read_vkey(PETER_KEY).sign(PETER_TEXT, ed25519_signer(PETER_SEED))
    assert str(line) == PETER_LINE
    assert write_note(PETER_TEXT, [line]).decode() == f"{PETER_TEXT}\n{PETER_LINE}\n"


def test_a_key_signs_only_with_its_own_signer():
    refused("bad-vkey", EAST.sign, TEXT, signer("west"))


@pytest.mark.parametrize(
    ("vkey", "name", "at"), [(EAST, "east", 1), (WEST, "west cosigns", None)]
)
def test_a_cosignature_has_a_time_and_a_logs_signature_has_none(vkey, name, at):
    refused("note-time", vkey.sign, TEXT, signer(name), at=at)


@pytest.mark.parametrize("at", [-1, TIME_MAX + 1])
def test_a_time_that_no_cosignature_can_have_is_refused(at):
    refused("note-time", WEST.sign, TEXT, signer("west cosigns"), at=at)


@given(st.integers(0, TIME_MAX))
def test_a_cosignature_tells_its_time(at):
    line = WEST.sign(TEXT, signer("west cosigns"), at=at)
    assert WEST.verify(TEXT, line) == at
    early = Line(
        name=line.name, key_id=line.key_id, value=(at ^ 1).to_bytes(8) + line.value[8:]
    )
    refused("note-signature", WEST.verify, TEXT, early)


def test_a_time_beyond_the_largest_fails_before_it_is_checked():
    late = Line(name=WEST.name, key_id=WEST.key_id, value=b"\xff" * 72)
    refused("note-signature", WEST.verify, TEXT, late)


def test_one_key_in_two_roles_takes_neither_signature_for_the_other():
    sign = signer("both")
    log = Vkey(name="x", kind=Kind.LOG, public=sign.public)
    other = Vkey(name="x", kind=Kind.COSIGNATURE, public=sign.public)
    cosignature = other.sign(TEXT, sign, at=7)
    as_log = Line(name="x", key_id=log.key_id, value=cosignature.value[8:])
    refused("note-signature", log.verify, TEXT, as_log)
    plain = log.sign(TEXT, sign)
    as_cosigner = Line(name="x", key_id=other.key_id, value=bytes(8) + plain.value)
    refused("note-signature", other.verify, TEXT, as_cosigner)


# -- reading -------------------------------------------------------------------------------


def test_the_example_of_the_specification_verifies():
    note, times = verify_note(EXAMPLE, [read_vkey(EXAMPLE_KEY)])
    assert note.text == "This is an example message.\n"
    assert times == {"example.com/foo": None}
    assert note.raw == EXAMPLE


def test_the_cosignature_of_the_specification_is_read():
    note = read_note(f"{TEXT}\n{COSIGNED}\n".encode())
    (line,) = note.lines
    assert (line.name, line.key_id.hex()) == ("witness.example.com/w1", "8d66cf3f")
    assert int.from_bytes(line.value[:8]) == 1679315147
    assert str(line) == COSIGNED


def test_all_who_are_required_signed():
    note, times = verify_note(BOTH, [EAST, WEST])
    assert note.text == TEXT
    assert times == {EAST.name: None, WEST.name: 1_700_000_000}


@pytest.mark.parametrize(
    ("lines", "missing"),
    [([LOG_LINE], WEST), ([WEST_LINE], EAST), ([LOG_LINE, LOG_LINE], WEST)],
)
def test_a_signature_that_is_required_and_missing_refuses_the_note(lines, missing):
    error = refused("note-unsigned", verify_note, write_note(TEXT, lines), [missing])
    assert missing.name in error.message


def test_a_note_is_not_verified_by_nobody():
    refused("note-keys", verify_note, BOTH, [])


def test_a_key_that_signed_twice_refuses_the_note():
    again = WEST.sign(TEXT, signer("west cosigns"), at=1_700_000_001)
    raw = write_note(TEXT, [LOG_LINE, WEST_LINE, again])
    refused("note-twice", verify_note, raw, [EAST, WEST])


def test_a_signature_of_an_unknown_key_is_ignored_and_one_of_a_known_key_is_not():
    bad = Line(name=WEST.name, key_id=WEST.key_id, value=bytes(72))
    raw = write_note(TEXT, [LOG_LINE, bad])
    assert verify_note(raw, [EAST])[0].text == TEXT
    refused("note-signature", verify_note, raw, [EAST, WEST])
    same_name = Line(name=WEST.name, key_id=bytes(4), value=bytes(72))
    same_id = Line(name="elsewhere", key_id=WEST.key_id, value=bytes(72))
    ours = write_note(TEXT, [same_name, LOG_LINE, same_id, WEST_LINE])
    assert verify_note(ours, [EAST, WEST])[1][WEST.name] == 1_700_000_000


def test_a_note_with_any_byte_changed_is_refused():
    for bad in flips(BOTH):
        with pytest.raises(InvalidInput):
            verify_note(bad, [EAST, WEST])


def test_a_note_that_is_cut_anywhere_is_refused():
    for end in range(len(BOTH)):
        with pytest.raises(InvalidInput):
            verify_note(BOTH[:end], [EAST, WEST])


@pytest.mark.parametrize("more", [b"\n", b" ", b"x", b"\x00", BOTH, b"\n\n"])
def test_nothing_may_follow_a_note(more):
    with pytest.raises(InvalidInput):
        verify_note(BOTH + more, [EAST, WEST])


LINE = PETER_LINE.encode()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text\n\n\n",
        b"text\n" + LINE + b"\n",
        b"text\n\n" + LINE,
        b"text\r\n\r\n" + LINE + b"\n",
        b"te\txt\n\n" + LINE + b"\n",
        b"te\x00xt\n\n" + LINE + b"\n",
        b"te\xffxt\n\n" + LINE + b"\n",
        b"text\n\n" + LINE + b"\nanother\n",
        b"text\n\n- PeterNeumann AAAAAAA=\n",
        "text\n\n—PeterNeumann AAAAAAA=\n".encode(),
        "text\n\n— PeterNeumann  AAAAAAA=\n".encode(),
        "text\n\n— PeterNeumann\n".encode(),
        "text\n\n— PeterNeumann AAAAAA==\n".encode(),  # an id, and no signature
        "text\n\n— PeterNeumann AAAAAAA\n".encode(),
        "text\n\n— PeterNeumann AAAAAAB=\n".encode(),  # bits that say nothing
        "text\n\n— PeterNeumann AAAAAAA=\r\n".encode(),
        "text\n\n— Peter+Neumann AAAAAAA=\n".encode(),
        "text\n\n— Peter\u00a0Neumann AAAAAAA=\n".encode(),
        "text\n\n—  AAAAAAA=\n".encode(),
    ],
)
def test_what_is_no_note_is_refused_with_what_to_do(raw):
    with pytest.raises(InvalidInput) as error:
        read_note(raw)
    assert error.value.code in {"bad-note", "bad-base64", "note-name"}
    assert error.value.hint


def test_a_signature_may_be_of_any_length_but_none():
    raw = "text\n\n— PeterNeumann AAAAAAA=\n".encode()
    (line,) = read_note(raw).lines
    assert (line.key_id, line.value) == (bytes(4), bytes(1))


def test_a_text_may_have_blank_lines_and_ends_at_the_last():
    text = "one\n\n\ntwo\n"
    raw = write_note(text, [EAST.sign(text, signer("east"))])
    assert verify_note(raw, [EAST])[0].text == text


@pytest.mark.parametrize("text", ["", "no newline", "a\tb\n", "\ud800\n"])
def test_a_text_that_would_not_be_read_is_not_written(text):
    refused("bad-note", write_note, text, [LOG_LINE])


def test_a_note_without_a_signature_is_not_written():
    refused("bad-note", write_note, TEXT, [])


def test_sixteen_signatures_of_the_largest_kind_are_read_and_sixty_five_are_not():
    large = [Line(name=f"k{n}", key_id=bytes(4), value=bytes(4900)) for n in range(16)]
    assert len(read_note(write_note(TEXT, large)).lines) == 16
    many = [Line(name=f"k{n}", key_id=bytes(4), value=bytes(64)) for n in range(65)]
    assert len(read_note(write_note(TEXT, many[:64])).lines) == 64
    refused("bad-note", write_note, TEXT, many)


def test_a_note_that_is_too_large_is_not_looked_at():
    refused("bad-note", read_note, b"\xff" * (NOTE_BYTES_MAX + 1))


# -- adding --------------------------------------------------------------------------------


def test_lines_are_added_and_what_was_there_stays():
    first = write_note(TEXT, [LOG_LINE])
    assert add_lines(first, [WEST_LINE]) == BOTH
    assert add_lines(BOTH, [WEST_LINE, LOG_LINE]) == BOTH


def test_the_first_line_of_a_key_stays():
    again = WEST.sign(TEXT, signer("west cosigns"), at=1_800_000_000)
    assert add_lines(BOTH, [again]) == BOTH
    assert add_lines(write_note(TEXT, [LOG_LINE]), [WEST_LINE, again]) == BOTH


def test_lines_are_not_added_to_what_is_no_note_or_beyond_the_limit():
    refused("bad-note", add_lines, b"text\n", [LOG_LINE])
    many = [Line(name=f"k{n}", key_id=bytes(4), value=bytes(64)) for n in range(64)]
    refused("bad-note", add_lines, write_note(TEXT, [LOG_LINE]), many)
