"""A table read and screened by a process of its own, a batch ahead of the one that stores it.

Reading and screening cost as much as storing; on two cores they need not wait for each other. The pipe between them holds
less than a batch, so that neither runs away and memory stays flat.
"""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.connection import Connection
from typing import TypeAlias

import msgspec

from gimonitor.errors import PartialError
from gimonitor.model.finding import Screening
from gimonitor.model.listing import Listing
from gimonitor.parsing.table import Reject

BATCH = 500
WORTH_A_PROCESS = 4 * BATCH
"""Rows below which a second process costs more than it brings."""

Parsed: TypeAlias = Listing | Reject
Screen: TypeAlias = Callable[[list[Listing]], list[Screening]]


@dataclass(frozen=True, slots=True)
class Read:
    """A row as it was read: a listing and what screening says of it without its seller's history, or a reject."""

    listing: Listing | None
    screening: Screening | None
    reject: Reject | None


@contextmanager
def read_ahead(parsed: Iterator[Parsed], screen: Screen, *, processes: int = 0) -> Iterator[Iterator[list[Read]]]:
    """Batches of rows, screened, in their order; `processes` 1 or 2, 0: as many as it is worth.

    Enter it with no connection open, since a process is forked. What reading raises is raised here. Raises PartialError
    when the process ends before the table does: what was stored by then stays.
    """
    first = list(islice(parsed, WORTH_A_PROCESS))
    rows = chain(first, parsed)
    if not processes:
        processes = 2 if len(first) == WORTH_A_PROCESS and _cores() > 1 else 1
    if processes == 1 or "fork" not in get_all_start_methods():
        yield _batches(rows, screen)
        return
    fork = get_context("fork")
    here, there = fork.Pipe(duplex=False)
    worker = fork.Process(target=_work, args=(rows, screen, here, there), daemon=True)
    worker.start()
    there.close()
    gc.freeze()  # the register is not looked through again and again while batches come and go
    try:
        yield _received(here)
    finally:
        gc.unfreeze()
        here.close()  # whoever still writes to it is done
        worker.kill()
        worker.join()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _batches(rows: Iterator[Parsed], screen: Screen) -> Iterator[list[Read]]:
    while batch := list(islice(rows, BATCH)):
        screenings = iter(screen([one for one in batch if isinstance(one, Listing)]))
        yield [
            Read(one, next(screenings), None) if isinstance(one, Listing) else Read(None, None, one) for one in batch
        ]


def _work(rows: Iterator[Parsed], screen: Screen, here: Connection, there: Connection) -> None:
    """The other process: send every batch, then None; or the error."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the one that stores ends this one
    here.close()
    gc.freeze()  # what is shared is not looked through, and stays shared
    try:
        for batch in _batches(rows, screen):
            there.send(_packed(batch))
        there.send(None)
    except BrokenPipeError:
        return
    except Exception as error:  # noqa: BLE001  # whatever it is: raised again in the process that asked
        there.send(error)


def _packed(batch: list[Read]) -> bytes | list[Read]:
    """As msgpack, ten times quicker than pickle; what it cannot hold (lone surrogates, huge numbers) goes as it is."""
    try:
        return msgspec.msgpack.encode(batch)
    except (UnicodeEncodeError, OverflowError):
        return batch


def _received(here: Connection) -> Iterator[list[Read]]:
    decoder = msgspec.msgpack.Decoder(list[Read])
    while True:
        try:
            message = here.recv()
        except EOFError:
            raise PartialError("the process that read the table died; import it again, what is stored stays") from None
        if message is None:
            return
        if isinstance(message, Exception):
            raise message
        yield decoder.decode(message) if isinstance(message, bytes) else message
