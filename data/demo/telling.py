"""The story told by a process of its own, so that one core makes rows while another writes them.

``python -m data.demo.telling ORDERS SEED TODAY`` writes what :meth:`Story.told` gives to standard
output, each piece behind its length. It ends when nobody listens any more.
"""

from __future__ import annotations

import gc
import marshal
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from queue import Queue
from threading import Thread
from typing import IO

from data.demo.batches import Batch, StoryLost
from data.demo.story import Story, Told

TOLD_HERE = 10_000
"""Sales orders up to which a process of its own would not pay for its start."""

_LENGTH = 8  # bytes
_WAITING = 8  # pieces that are told and not yet heard


@contextmanager
def telling(orders: int, seed: int, today: date) -> Iterator[Iterator[Told]]:
    """The story of ``orders`` sales orders; whoever tells it is gone at the end of the block."""
    if orders <= TOLD_HERE:
        yield Story(orders, seed, today).told()
        return
    # Never a module of the folder that one happens to stand in.
    alone = "-I" if sys.flags.isolated else "-P"
    words = [str(orders), str(seed), today.isoformat()]
    process = subprocess.Popen(
        [sys.executable, alone, "-m", __name__, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    try:
        yield _heard(process.stdout)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _heard(pipe: IO[bytes]) -> Iterator[Told]:
    while True:
        piece = marshal.loads(_read(pipe, int.from_bytes(_read(pipe, _LENGTH))))
        match piece:
            case None:
                return
            case str():
                raise RuntimeError(piece)
            case int():
                yield piece
            case _:
                yield Batch(*piece)


def _read(pipe: IO[bytes], size: int) -> bytes:
    found = pipe.read(size)
    if len(found) < size:
        raise StoryLost("the process that makes the rows of the demo has ended")
    return found


def _send(pieces: Queue[bytes], listener: int) -> None:
    while True:
        piece = memoryview(pieces.get())
        try:
            while piece:
                piece = piece[os.write(listener, piece) :]
        except OSError:  # nobody listens any more
            os._exit(1)
        pieces.task_done()


def main() -> None:
    """Tell the story that the arguments ask for."""
    # Ctrl-C at the terminal is for the process that listens; it ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()  # there are no cycles to be found, and all the orders to be looked through
    orders, seed, today = int(sys.argv[1]), int(sys.argv[2]), date.fromisoformat(sys.argv[3])
    pieces: Queue[bytes] = Queue(_WAITING)
    Thread(target=_send, args=(pieces, sys.stdout.fileno()), daemon=True).start()

    def tell(piece: Told | str | None) -> None:
        data = marshal.dumps(tuple(piece) if isinstance(piece, Batch) else piece)
        pieces.put(len(data).to_bytes(_LENGTH) + data)

    try:
        for piece in Story(orders, seed, today).told():
            tell(piece)
        tell(None)
    except Exception:  # noqa: BLE001  whatever it is, the other process says so
        tell(traceback.format_exc())
    pieces.join()


if __name__ == "__main__":
    main()
