from hypothesis import given
from hypothesis import strategies as st

from comity.labels import Group, Membership

times = st.integers(0, 20)


def group(*members):
    return Group(id="g", title="g", members=tuple(Membership(**m) for m in members))


IN = group({"party": "p", "since": 5, "before": 10})


def test_a_membership_is_half_open():
    assert [IN.has("p", at) for at in (4, 5, 9, 10)] == [False, True, True, False]


OUT = group({"party": "p", "since": 1, "before": 10, "removed": True})
LEFT = group({"party": "p", "since": 1, "before": 10})


@given(times)
def test_who_was_put_out_is_out_from_that_second(at):
    assert OUT.put_out("p", at) == (10 if at >= 10 else None)
    assert LEFT.put_out("p", at) is None
    assert OUT.put_out("q", at) is None


def test_who_is_taken_back_is_in_again():
    back = group(
        {"party": "p", "since": 1, "before": 10, "removed": True},
        {"party": "p", "since": 12},
    )
    assert back.put_out("p", 11) == 10
    assert back.put_out("p", 12) is None


def test_of_two_times_at_which_it_was_put_out_the_later_counts():
    twice = group(
        {"party": "p", "since": 1, "before": 3, "removed": True},
        {"party": "p", "since": 5, "before": 9, "removed": True},
    )
    assert [twice.put_out("p", at) for at in (2, 4, 6, 9)] == [None, 3, None, 9]


def test_the_instants_at_which_something_changes_are_named():
    assert list(IN.cuts("p")) == [5, 10]
    assert list(IN.cuts("q")) == []
