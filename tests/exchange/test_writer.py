import threading

import pytest

from comity.exchange import writer as module
from comity.exchange.problem import Problem
from comity.exchange.writer import Writer
from exchange.served import one_by_one


@pytest.fixture
def started():
    made = []

    def start(together=one_by_one, failed=print):
        made.append(Writer(together, failed=failed))
        return made[-1]

    yield start
    for one in made:
        one.stop()


def blocked(writer):
    """Keep the thread busy until the event is set."""
    go, begun = threading.Event(), threading.Event()

    def wait():
        begun.set()
        assert go.wait(10)

    done = writer.call(wait)
    assert begun.wait(10)
    return go, done


def test_every_call_gets_its_own_result_or_its_own_error(started):
    writer = started()
    good, bad = writer.call(lambda: 7), writer.call(lambda: 1 // 0)
    assert good.result(10) == 7
    with pytest.raises(ZeroDivisionError):
        bad.result(10)


def test_what_waits_together_is_done_together(started):
    groups = []

    def together(calls):
        groups.append(len(calls))
        return one_by_one(calls)

    writer = started(together)
    go, _ = blocked(writer)
    waiting = [writer.call(lambda n=n: n) for n in range(20)]
    go.set()
    assert [one.result(10) for one in waiting] == list(range(20))
    assert groups == [1, 20]


def test_a_group_is_cut_where_it_would_make_what_is_urgent_wait(started):
    groups = []

    def together(calls):
        groups.append(len(calls))
        return one_by_one(calls)

    writer = started(together)
    go, _ = blocked(writer)
    waiting = [writer.call(int, weight=module.MOST_TOGETHER // 2) for _ in range(5)]
    go.set()
    for one in waiting:
        one.result(10)
    assert groups == [1, 2, 2, 1]


def test_what_is_urgent_comes_before_everything_that_waits(started):
    order = []
    writer = started()
    go, _ = blocked(writer)
    slow = [writer.call(lambda: order.append("slow")) for _ in range(3)]
    fast = writer.call(lambda: order.append("fast"), urgent=True)
    go.set()
    for one in (fast, *slow):
        one.result(10)
    assert order == ["fast", "slow", "slow", "slow"]


def test_a_queue_has_an_end(started, monkeypatch):
    monkeypatch.setattr(module, "MOST_WAITING", 3)
    writer = started()
    go, _ = blocked(writer)
    for _ in range(3):
        writer.call(int)
    with pytest.raises(Problem) as full:
        writer.call(int)
    assert (full.value.name, full.value.retry_after) == ("busy", 1)
    go.set()


def test_what_was_taken_is_done_before_it_stops(started):
    writer = started()
    go, _ = blocked(writer)
    last = writer.call(lambda: "done")
    threading.Timer(0.05, go.set).start()
    writer.stop()
    assert last.result(0) == "done"
    with pytest.raises(Problem) as stopped:
        writer.call(int)
    assert stopped.value.name == "stopping"


def test_when_the_disk_fails_nothing_more_is_acknowledged(started):
    failures = []

    def together(calls):
        assert calls
        raise OSError(5, "the disk failed")

    writer = started(together, failures.append)
    lost = writer.call(lambda: "never")
    with pytest.raises(Problem) as stopped:
        lost.result(10)
    assert stopped.value.name == "stopping"
    writer.thread.join(10)
    assert [type(error) for error in failures] == [OSError]
    with pytest.raises(Problem):
        writer.call(int)
