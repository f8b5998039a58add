"""The one thread that owns the node: what waits together is committed together.

A node speaks to one SQLite database, so one thread does everything that it does. Callers
hand it functions and wait. While one group is being committed others gather, and the next
group is all of them: one commit, one sync of the disk, many answers. What is urgent goes
into the next group before anything else.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from comity.errors import ComityError
from comity.exchange.problem import Problem

T = TypeVar("T")

MENDED = {"no-space", "database-locked", "clock-went-back"}
"""Codes of errors after which the node goes on by itself: nothing of the group was kept."""

MOST_WAITING = 1_000  # calls; beyond it the node says that it is busy
MOST_TOGETHER = (
    256 * 1024
)  # bytes of bodies in one group, so that what is urgent comes soon


Together: TypeAlias = Callable[[Sequence[Callable[[], Any]]], list[Any]]
"""Runs calls and returns each result, or the exception that it ended with.

All of them are on disk when it returns. What it raises itself is the end of the thread.
"""


@dataclass(slots=True)
class _Waiting:
    work: Callable[[], Any]
    weight: int
    done: Future[Any]
    apart: bool = False


class Writer:
    """Runs functions on the thread of a node, in groups."""

    def __init__(
        self, together: Together, *, failed: Callable[[BaseException], None]
    ) -> None:
        """Start the thread.

        ``failed`` is told of an error that ends it, such as a disk that failed: the process
        must then acknowledge nothing more, and end.
        """
        self._together = together
        self._failed = failed
        self._urgent: deque[_Waiting] = deque()
        self._others: deque[_Waiting] = deque()
        self._some = threading.Condition()
        self._stopping = False
        self.groups = 0
        self.calls = 0
        self.thread = threading.Thread(target=self._run, name="node", daemon=True)
        self.thread.start()

    def call(
        self,
        work: Callable[[], T],
        *,
        urgent: bool = False,
        weight: int = 1024,
        apart: bool = False,
    ) -> Future[T]:
        """Hand over a function; its result comes when it is on disk.

        ``apart`` is for one that has transactions of its own, since it does something after
        they are on disk that cannot be undone.

        Raises:
            Problem: ``busy`` or ``stopping``: the function was not taken.
        """
        waiting = _Waiting(work, weight, Future(), apart)
        with self._some:
            if self._stopping:
                raise Problem("stopping", retry_after=5)
            if len(self._urgent) + len(self._others) >= MOST_WAITING:
                raise Problem("busy", retry_after=1)
            (self._urgent if urgent or apart else self._others).append(waiting)
            self._some.notify()
        return waiting.done

    async def ask(
        self,
        work: Callable[[], T],
        *,
        urgent: bool = False,
        weight: int = 1024,
        apart: bool = False,
    ) -> T:
        """Hand over a function from an event loop, and wait for its result."""
        done = self.call(work, urgent=urgent, weight=weight, apart=apart)
        return await asyncio.wrap_future(done)

    def stop(self) -> None:
        """Do what was taken, then end the thread."""
        with self._some:
            self._stopping = True
            self._some.notify()
        if self.thread is not threading.current_thread():
            self.thread.join()

    def _run(self) -> None:
        while group := self._next():
            self.groups += 1
            self.calls += len(group)
            try:
                results = self._done(group)
            except ComityError as error:
                if error.code not in MENDED:
                    self._end(group, error)
                    return
                results = [error] * len(group)
            except BaseException as error:  # noqa: BLE001 - the thread ends, and says so
                self._end(group, error)
                return
            for one, result in zip(group, results, strict=True):
                _tell(one.done, result)

    def _done(self, group: list[_Waiting]) -> list[Any]:
        if not group[0].apart:
            return self._together([one.work for one in group])
        try:
            return [group[0].work()]
        except Exception as error:
            if getattr(error, "code", "") == "storage-failed":
                raise
            return [error]

    def _next(self) -> list[_Waiting]:
        """Wait for the next group; none when the thread is to end."""
        with self._some:
            while not (self._urgent or self._others or self._stopping):
                self._some.wait()
            queue = self._urgent or self._others
            group: list[_Waiting] = []
            weight = 0
            while queue and (not group or weight + queue[0].weight <= MOST_TOGETHER):
                if group and (queue[0].apart or group[0].apart):
                    break
                weight += queue[0].weight
                group.append(queue.popleft())
            return group

    def _end(self, group: list[_Waiting], error: BaseException) -> None:
        with self._some:
            self._stopping = True
            left = [*group, *self._urgent, *self._others]
            self._urgent.clear()
            self._others.clear()
        for one in left:
            _tell(one.done, Problem("stopping", retry_after=30))
        self._failed(error)


def _tell(done: Future[Any], result: object) -> None:
    if not done.set_running_or_notify_cancel():
        return
    if isinstance(result, BaseException):
        done.set_exception(result)
    else:
        done.set_result(result)
