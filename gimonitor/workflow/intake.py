"""The way into the store for crawls and imports alike: screen a batch, then store it in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from gimonitor.evidence.sealed import Sealed
from gimonitor.model.finding import History, Screening
from gimonitor.model.listing import Listing
from gimonitor.model.zone import BEIJING
from gimonitor.store.database import Store, utc_now
from gimonitor.store.histories import load_histories
from gimonitor.store.listings import Observation, Saved, save_listings

BATCH = 500
PILE = 64
"""Listings screened at once; more hold more text in memory and save no more time."""


def officers_day(now: datetime | None = None) -> date:
    """The day by which listings are screened: the officers', in Beijing."""
    return (now or utc_now()).astimezone(BEIJING).date()


class Screens(Protocol):
    """What screens a listing: `gimonitor.screening.Screener`."""

    def screen(self, listing: Listing, on: date, history: History | None = None) -> Screening:
        """Everything suspected and cleared in `listing` on a day."""

    def screen_all(
        self, listings: Sequence[Listing], on: date, histories: Sequence[History | None] = ()
    ) -> list[Screening]:
        """The same for some dozens at once, in their order and in less time."""


def take_in(
    store: Store, screener: Screens, pairs: Sequence[tuple[Listing, Sealed | None]], run_id: int | None, on: date
) -> Saved:
    """Screen listings and store them, 500 in a transaction. What it returned as saved survives any crash, once.

    A lost connection is tried again; the same batch twice changes nothing. Raises StoreError when the store stays away,
    DiskFullError when there is no room: then the batch is not stored at all.
    """
    saved = Saved()
    for start in range(0, len(pairs), BATCH):
        saved += _take_batch(store, screener, pairs[start : start + BATCH], run_id, on)
    return saved


def take_screened(
    store: Store, screener: Screens, screened: Sequence[tuple[Listing, Screening]], run_id: int | None, on: date
) -> Saved:
    """`take_in` for listings that were screened without their sellers' history: where that weighs, they are again.

    It weighs only on what is suspected already, so that nobody else's history is read.
    """
    saved = Saved()
    for start in range(0, len(screened), BATCH):
        batch = screened[start : start + BATCH]
        suspected = [listing for listing, screening in batch if screening.suspicions]
        known = dict(zip([id(listing) for listing in suspected], _histories(store, suspected), strict=True))
        observations = [
            Observation(
                listing=listing,
                screening=screener.screen(listing, on, history)
                if (history := known.get(id(listing))) and history.weighs
                else screening,
            )
            for listing, screening in batch
        ]
        saved += store.attempt(lambda c, observations=observations: save_listings(c, observations, run_id))  # type: ignore[misc]  # mypy sees no default
    return saved


def _histories(store: Store, listings: Sequence[Listing]) -> list[History]:
    return store.attempt(lambda c: load_histories(c, listings), writes=False)


def _take_batch(
    store: Store, screener: Screens, pairs: Sequence[tuple[Listing, Sealed | None]], run_id: int | None, on: date
) -> Saved:
    listings = [listing for listing, _ in pairs]
    screenings = screen_many(screener, listings, on, _histories(store, listings))
    observations = [
        Observation(listing=listing, screening=screening, sealed=sealed)
        for (listing, sealed), screening in zip(pairs, screenings, strict=True)
    ]
    return store.attempt(lambda c: save_listings(c, observations, run_id))


def screen_many(
    screener: Screens, wanted: Sequence[Listing], on: date, known: Sequence[History] = ()
) -> list[Screening]:
    """What is said of each listing, in their order, some dozens at a time."""
    starts = range(0, len(wanted), PILE)
    return [
        screening for i in starts for screening in screener.screen_all(wanted[i : i + PILE], on, known[i : i + PILE])
    ]
