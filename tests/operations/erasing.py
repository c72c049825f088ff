"""An installation that is asked to erase, and what stands in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, text

from gimonitor.configuration import Configuration
from gimonitor.evidence.seal import WarcSeal
from gimonitor.model.finding import Finding, Place, Score, ScoreTerm, Screening, Stage, Suspicion
from gimonitor.model.lead import Decision, Resolution, State
from gimonitor.model.listing import Field, Listing, Shop, Subject
from gimonitor.operations import erasure
from gimonitor.operations.erasure import (
    Person,
    Seller,
    erase,
)
from gimonitor.papers.places import custody_log
from gimonitor.store import tables
from gimonitor.store.captures import StoredCapture, save_capture
from gimonitor.store.check import check_store
from gimonitor.store.database import Store
from gimonitor.store.leads import QueueFilter, append_decision, queue_page
from gimonitor.store.listings import Observation, save_listings

NOW = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
WHO = "受理人"
SECRET = "甄某某特产"
"""In every text of the seller who asks; nowhere else."""
ASKS = Seller(platform="practice", shop_id="s-asks")


@dataclass(frozen=True)
class House:
    """An installation."""

    store: Store
    configuration: Configuration

    @property
    def files(self) -> Path:
        return self.configuration.data_dir

    def count(self, name: str) -> int:
        with self.store.read() as c:
            return int(c.execute(select(func.count()).select_from(tables.metadata.tables[name])).scalar_one())

    def counts(self) -> dict[str, int]:
        return {name: self.count(name) for name in tables.metadata.tables}


def screened(flagged: bool) -> Screening:
    base = Screening(stage=Stage.NO_NAME, suspicions=(), clearings=(), on=NOW.date(), register_digest="ab" * 32)
    if not flagged:
        return base
    found = Finding(
        model_id="name-outside",
        model_version=1,
        family="N1a",
        gi_id="gi:practice",
        gi_name="演练山大米",
        place=Place(field=Field.TITLE, start=0, end=5, text="演练山大米"),
        reason=f"{SECRET}产地不在保护范围内",
        clears="出示产自保护产区的证明",
        severity=0.9,
        confidence=0.8,
    )
    score = Score(total=72.0, terms=(ScoreTerm(name="severity", value=0.72, inputs=SECRET),))
    suspicion = Suspicion(gi_id=found.gi_id, gi_name=found.gi_name, findings=(found,), score=score)
    return replace(base, stage=Stage.FLAGGED, suspicions=(suspicion,))


def shop_of(seller: Seller, name: str) -> Shop:
    return Shop(name=name, shop_id=seller.shop_id, subject=Subject(name=name, uscc=f"USCC-{seller.shop_id}"))


def offer(house: House, item: str, seller: Seller = ASKS, flagged: bool = False, run: str = "") -> tuple[int, int]:
    """A stored listing, sealed in an archive of `run`; its id and that of its lead (0 without one)."""
    name = SECRET if seller is ASKS else "别家店"
    listing = Listing(
        platform="practice",
        item_id=item,
        title=f"演练山大米 {name}",
        url=f"http://127.0.0.1:9/{name}/{item}",
        price_fen=1990,
        shop=shop_of(seller, name),
        observed_at=NOW - timedelta(days=9),
    )
    sealed = None
    if run:
        with WarcSeal(house.configuration.warc_dir, run, reserve=0) as seal:
            sealed = seal.write(listing.url, 200, [], f"{name} {item}".encode(), at=NOW)
    with house.store.write() as c:
        save_listings(c, [Observation(listing=listing, screening=screened(flagged), sealed=sealed)], None, now=NOW)
        number: int = c.execute(select(tables.listings.c.id).where(tables.listings.c.item_id == item)).scalar_one()
        found = c.execute(select(tables.leads.c.id).where(tables.leads.c.listing_id == number)).scalar()
    return number, int(found or 0)


def capture(house: House, listing: int, folder: str, file: str = "full.png") -> Path:
    path = house.configuration.evidence_dir / folder
    path.mkdir(parents=True, exist_ok=True)
    (path / file).write_text(SECRET)
    with house.store.write() as c:
        row = StoredCapture(
            listing_id=listing, kind="image", file=f"{folder}/{file}", sha256="a" * 64, at=NOW, url=SECRET
        )
        save_capture(c, row)
    return path


def close(house: House, lead: int, resolution: Resolution = Resolution.AUTHORISED) -> None:
    with house.store.write() as c:
        version = next(row.version for row in queue_page(c, QueueFilter(), None, 99).rows if row.id == lead)
        made = Decision(
            lead_id=lead, at=NOW, who="wang", action="judge", state=State.CLOSED, resolution=resolution, why="有授权"
        )
        append_decision(c, lead, version, made)


def leftovers(house: House, word: str) -> list[str]:
    """Where a word still stands: in any column of any table, in any byte of any file."""
    found = []
    with house.store.read() as c:
        for name, table in tables.metadata.tables.items():
            rows = c.execute(text(f"SELECT * FROM {name}")).all()
            found += [f"{name}: {row}" for row in rows if word in str(tuple(row))]
            assert table is not None
    everywhere = [*house.files.rglob("*"), *house.files.parent.glob("store.sqlite*")]
    found += [str(path) for path in everywhere if path.is_file() and word.encode() in path.read_bytes()]
    return found


def go(house: House, subject: Seller | Person = ASKS) -> erasure.Erasure:
    return erase(house.store, house.configuration, subject, NOW, WHO)


def whole(house: House) -> None:
    assert check_store(house.store) == []
    assert custody_log(house.configuration).first_broken() is None
