import base64
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import InvalidInput
from comity.log import (
    Checkpoint,
    Kind,
    Policy,
    Vkey,
    add_lines,
    check_growth,
    consistency,
    cosign,
    is_simulated,
    open_checkpoint,
    origin,
    read_checkpoint,
    read_note,
    sign_checkpoint,
    write_note,
)
from log.makers import (
    EAST,
    LEAVES,
    NIGHT,
    NORTH,
    POLICY,
    READ,
    WEST,
    cosigned,
    flips,
    head,
    log_key,
    note,
    signer,
)

ALONE = Policy(log=EAST)
OTHER = [LEAVES[0], LEAVES[2], *LEAVES[2:]]
HASH = base64.b64encode(bytes(32)).decode()


def refused(code, check, *args, **kwargs):
    with pytest.raises(InvalidInput) as error:
        check(*args, **kwargs)
    assert error.value.code == code
    assert error.value.hint
    return error.value


# -- the text ------------------------------------------------------------------------------


def test_the_example_of_the_specification_is_read():
    text = (
        "example.com/behind-the-sofa\n20852163\n"
        "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    )
    found = read_checkpoint(text)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20852163)
    assert found.text == text


@given(
    st.integers(0, 2**63 - 1),
    st.binary(min_size=32, max_size=32),
    st.lists(st.text("abc ", min_size=1), max_size=3),
)
def test_a_checkpoint_is_read_as_it_was_written(size, root, lines):
    found = Checkpoint(origin=EAST.name, size=size, root=root, extensions=tuple(lines))
    assert read_checkpoint(found.text) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        f"a\n1\n{HASH}",
        "a\n1\n",
        f"\n1\n{HASH}\n",
        f"a\n\n{HASH}\n",
        f"a\n1\n{HASH}\n\n",
        f"a\n1\n{HASH}\n\nb\n",
        f"a\n01\n{HASH}\n",
        f"a\n-1\n{HASH}\n",
        f"a\n+1\n{HASH}\n",
        f"a\n1 \n{HASH}\n",
        f"a\n1.0\n{HASH}\n",
        f"a\n1_0\n{HASH}\n",
        f"a\n\u0661\n{HASH}\n",
        f"a\n{2**63}\n{HASH}\n",
        f"a\n{'9' * 5000}\n{HASH}\n",
        "a\n1\nAAAA\n",
        f"a\n1\n{HASH} \n",
        f"a\n1\n{HASH[:-1]}\n",
        f"a\n1\n{HASH.replace('A=', 'B=')}\n",
        f"a\n1\n{bytes(32).hex()}\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(InvalidInput) as error:
        read_checkpoint(text)
    assert error.value.code in {"bad-checkpoint", "bad-base64"}


# -- the origin ----------------------------------------------------------------------------


def test_an_origin_tells_nobody_whose_it_is():
    assert origin(bytes(range(16))) == "comity.log/000102030405060708090a0b0c0d0e0f"
    assert not is_simulated(origin(bytes(16)))
    assert is_simulated(origin(bytes(16), simulated=True))


@pytest.mark.parametrize("random", [b"", bytes(15), bytes(17), bytes(32)])
def test_an_origin_is_of_sixteen_bytes(random):
    refused("log-origin", origin, random)


@pytest.mark.parametrize(
    "name",
    ["jp.example/log", "comity.log/", "comity.log/" + "A" * 32, "comity.log/" + "0" * 33,
     "comity.log/" + "0" * 32 + "/other", "comity.log/" + "0" * 32 + "\n"],
)  # fmt: skip
def test_a_name_that_could_tell_whose_log_it_is_is_no_origin(name):
    refused("log-origin", is_simulated, name)


def test_a_real_node_takes_no_simulated_log_and_a_simulated_one_no_real_log():
    past = log_key(simulated=True)
    assert Policy(log=past, simulated=True).log == past
    refused("log-simulated", Policy, log=past)
    refused("log-simulated", Policy, log=EAST, simulated=True)


# -- who has to have signed ----------------------------------------------------------------


def test_a_checkpoint_that_all_signed_is_opened_with_their_times():
    raw = cosigned(7)
    signed = open_checkpoint(raw, POLICY)
    assert signed.checkpoint == head(7)
    assert signed.cosigned == {WEST.name: NIGHT, NORTH.name: NIGHT}
    assert signed.raw == raw


LINES = read_note(cosigned(7)).lines


@pytest.mark.parametrize("lines", [some for n in (1, 2) for some in combinations(LINES, n)])
def test_every_proper_subset_of_the_signatures_fails(lines):
    raw = write_note(head(7).text, lines)
    refused("note-unsigned", open_checkpoint, raw, POLICY)


def test_the_order_of_signatures_does_not_matter():
    raw = write_note(head(7).text, LINES[::-1])
    assert open_checkpoint(raw, POLICY).checkpoint == head(7)


def test_a_checkpoint_with_any_byte_changed_is_refused():
    for bad in flips(cosigned(7)):
        with pytest.raises(InvalidInput):
            open_checkpoint(bad, POLICY)


def test_a_cosignature_of_another_size_is_not_taken_for_this_one():
    raw = write_note(head(7).text, [LINES[0], *read_note(cosigned(8)).lines[1:]])
    refused("note-signature", open_checkpoint, raw, POLICY)


def test_extension_lines_are_kept_and_cosigned():
    more = Checkpoint(origin=EAST.name, size=1, root=LEAVES[0], extensions=("one", "two"))
    raw = sign_checkpoint(more, EAST, signer("east"))
    signed = open_checkpoint(raw, ALONE)
    line = cosign(signed, None, (), by=WEST, signer=signer("west cosigns"), at=NIGHT)
    whole = add_lines(raw, [line])
    policy = Policy(log=EAST, cosigners=(WEST,))
    assert open_checkpoint(whole, policy).checkpoint.extensions == ("one", "two")
    refused("note-signature", open_checkpoint, whole.replace(b"two", b"2wo"), policy)


def test_a_log_signs_for_no_other_log():
    other = log_key("west")
    refused("log-policy", sign_checkpoint, head(7), other, signer("west"))
    text = head(7).text
    stranger = write_note(text, [other.sign(text, signer("west"))])
    refused("log-origin", open_checkpoint, stranger, Policy(log=other))


def test_a_cosigners_key_signs_no_checkpoint_of_a_log():
    other = Vkey(name=EAST.name, kind=Kind.COSIGNATURE, public=EAST.public)
    refused("log-policy", sign_checkpoint, head(7), other, signer("east"))


def test_a_checkpoint_that_would_be_read_as_another_is_not_signed():
    for bad in ("", "two\nlines"):
        more = Checkpoint(origin=EAST.name, size=1, root=LEAVES[0], extensions=(bad,))
        with pytest.raises(InvalidInput):
            sign_checkpoint(more, EAST, signer("east"))
    short = Checkpoint(origin=EAST.name, size=1, root=b"short")
    refused("bad-checkpoint", sign_checkpoint, short, EAST, signer("east"))


@pytest.mark.parametrize(
    ("log", "cosigners"),
    [
        (WEST, ()),
        (EAST, (log_key("west"),)),
        (EAST, (WEST, WEST)),
        (EAST, (Vkey(name=EAST.name, kind=Kind.COSIGNATURE, public=WEST.public),)),
    ],
)
def test_keys_that_do_not_go_together_are_no_policy(log, cosigners):
    refused("log-policy", Policy, log=log, cosigners=cosigners)


# -- growth --------------------------------------------------------------------------------


@given(st.data())
def test_a_log_that_only_grew_is_cosigned(data):
    size = data.draw(st.integers(0, len(LEAVES)))
    old = data.draw(st.integers(0, size))
    proof = consistency(old, size, READ)
    signed = open_checkpoint(note(size), ALONE)
    line = cosign(
        signed, head(old), proof, by=WEST, signer=signer("west cosigns"), at=NIGHT
    )
    policy = Policy(log=EAST, cosigners=(WEST,))
    assert open_checkpoint(add_lines(signed.raw, [line]), policy).cosigned == {
        WEST.name: NIGHT
    }


def by_west(seen, new, proof):
    signed = open_checkpoint(new, ALONE)
    return cosign(signed, seen, proof, by=WEST, signer=signer("west cosigns"), at=NIGHT)


def test_a_log_that_became_shorter_is_not_cosigned():
    error = refused("log-shorter", by_west, head(8), note(7), ())
    assert "8" in error.message
    assert "7" in error.message


def test_two_roots_at_one_size_are_not_cosigned():
    refused("log-forked", by_west, head(8), note(8, OTHER), ())


def test_a_rewritten_history_is_not_cosigned_whatever_proof_comes_with_it():
    for proof in (consistency(8, 12, READ), (), (LEAVES[0],), consistency(7, 12, READ)):
        refused("log-unproved", by_west, head(8), note(12, OTHER), proof)


def test_a_proof_is_not_taken_with_the_first_checkpoint():
    refused("log-unproved", by_west, None, note(12), consistency(8, 12, READ))


def test_growth_is_of_one_log():
    other = Checkpoint(origin=log_key("west").name, size=9, root=LEAVES[0])
    refused("log-origin", check_growth, head(8), other, ())


def test_a_log_does_not_cosign_itself():
    signed = open_checkpoint(note(7), ALONE)
    refused("log-policy", cosign, signed, None, (), by=EAST, signer=signer("east"), at=1)
