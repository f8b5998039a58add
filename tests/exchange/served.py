"""Applications on real sockets, each on an event loop in a thread of its own."""

import asyncio
import socket
import threading
from contextlib import contextmanager

from comity.exchange.limits import Limits
from comity.exchange.listener import Guarded, Listener


@contextmanager
def served(app, limits=None, tls=None, protocol=Guarded):
    """Serve an application on a free port; yields its listener."""
    ready = threading.Event()
    found = {}

    async def run():
        listener = Listener(
            app,
            host="127.0.0.1",
            port=0,
            limits=limits or Limits(),
            tls=tls,
            protocol=protocol,
        )
        await listener.start()
        done = asyncio.Event()
        found["listener"] = listener
        found["end"] = (asyncio.get_running_loop(), done)
        ready.set()
        await done.wait()
        await listener.stop(1)

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    assert ready.wait(10)
    try:
        yield found["listener"]
    finally:
        loop, done = found["end"]
        loop.call_soon_threadsafe(done.set)
        thread.join(10)


def one_by_one(calls):
    """Run calls as a node does that commits each by itself."""
    results = []
    for call in calls:
        try:
            results.append(call())
        except Exception as error:  # noqa: BLE001 - as the node does
            results.append(error)
    return results


def exchange(port, *pieces, pause=0.0, until_closed=True, timeout=10):
    """Send bytes on a connection, and return everything that comes back."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as plain:
        return speak(plain, *pieces, pause=pause, until_closed=until_closed)


def speak(plain, *pieces, pause=0.0, until_closed=True):
    """Send bytes on a socket, and return everything that comes back."""
    import time  # noqa: PLC0415

    try:
        for piece in pieces:
            plain.sendall(piece)
            if pause:
                time.sleep(pause)
    except OSError:
        pass  # it was closed on us; what it said first is below
    came = b""
    try:
        while piece := plain.recv(65536):
            came += piece
            if not until_closed:
                break
    except ConnectionError:
        pass
    return came
