import hashlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.exchange.bodies import Bodies, Piece
from comity.exchange.problem import Problem

RAW = bytes(range(256)) * 40
NAME = hashlib.sha256(RAW).hexdigest()


def bring(bodies, start, end, raw=RAW, name=NAME, peer="north"):
    incoming = bodies.open(peer, name, Piece(start, end - start, len(raw)))
    incoming.take(raw[start:end])
    return incoming.close()


@given(
    st.lists(st.integers(1, len(RAW) - 1), max_size=6).map(
        lambda x: sorted({0, *x, len(RAW)})
    )
)
def test_a_body_in_any_pieces_is_the_body(tmp_path_factory, cuts):
    bodies = Bodies(folder=tmp_path_factory.mktemp("in"))
    for start, end in itertools.pairwise(cuts):
        assert bodies.have("north", NAME) == (start, False)
        assert bring(bodies, start, end) == (end, end == len(RAW))
    assert bodies.path("north", NAME).read_bytes() == RAW
    assert bodies.have("north", NAME) == (len(RAW), True)


def test_what_came_before_a_break_is_kept(tmp_path):
    bodies = Bodies(folder=tmp_path)
    incoming = bodies.open("north", NAME, Piece(0, len(RAW), len(RAW)))
    incoming.take(RAW[:100])
    assert incoming.close() == (100, False)
    assert bring(bodies, 100, len(RAW)) == (len(RAW), True)


@pytest.mark.parametrize("start", [0, 99, 101])
def test_a_piece_begins_where_the_last_ended(tmp_path, start):
    bodies = Bodies(folder=tmp_path)
    bring(bodies, 0, 100)
    with pytest.raises(Problem) as wrong:
        bodies.open("north", NAME, Piece(start, 10, len(RAW)))
    assert wrong.value.name == "conflict"
    assert wrong.value.more == {"have": 100, "complete": False}


def test_a_body_that_is_not_what_its_name_says_is_dropped(tmp_path):
    bodies = Bodies(folder=tmp_path)
    with pytest.raises(Problem) as wrong:
        bring(bodies, 0, len(RAW), raw=RAW[:-1] + b"?")
    assert wrong.value.code == "wrong-digest"
    assert bodies.have("north", NAME) == (0, False)


def test_a_piece_is_no_longer_than_it_says(tmp_path):
    incoming = Bodies(folder=tmp_path).open("north", NAME, Piece(0, 10, len(RAW)))
    with pytest.raises(Problem) as wrong:
        incoming.take(RAW[:11])
    incoming.file.close()
    assert wrong.value.code == "long-piece"


def test_one_peer_sees_nothing_of_another(tmp_path):
    bodies = Bodies(folder=tmp_path)
    bring(bodies, 0, len(RAW))
    assert bodies.have("south", NAME) == (0, False)


def test_a_peer_fills_its_own_room_and_no_more(tmp_path):
    bodies = Bodies(folder=tmp_path, many=2, room=15_000)
    bring(bodies, 0, len(RAW))
    with pytest.raises(Problem) as full:
        bodies.open("north", "a" * 64, Piece(0, 10, 10_000))
    assert full.value.name == "no-space"
    for name in ("b" * 64, "d" * 64):
        bodies.open("north", name, Piece(0, 10, 100)).file.close()
    with pytest.raises(Problem) as many:
        bodies.open("north", "c" * 64, Piece(0, 10, 100))
    assert many.value.name == "too-many"
    bodies.open("south", "c" * 64, Piece(0, 10, 10_000)).file.close()


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "/x"]
)
def test_a_name_that_is_no_digest_reaches_no_file(tmp_path, name):
    with pytest.raises(Problem) as wrong:
        Bodies(folder=tmp_path).have("north", name)
    assert wrong.value.code == "bad-digest"


@pytest.mark.parametrize(
    "text",
    ["", "bytes 0-9", "bytes 9-0/10", "bytes 0-10/10", "bytes 0-9/*", "bytes -1-9/10"],
)
def test_a_range_of_another_form_is_refused(text):
    with pytest.raises(Problem) as wrong:
        Piece.parse(text)
    assert wrong.value.code == "bad-range"


def test_a_range_says_where_a_piece_begins_and_how_long_all_is():
    assert Piece.parse("bytes 5-9/20") == Piece(5, 5, 20)
