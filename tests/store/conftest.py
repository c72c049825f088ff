"""Listings and screenings to store, made short."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from gimonitor.evidence.sealed import Sealed
from gimonitor.model.finding import Clearing, Finding, Place, Score, ScoreTerm, Screening, Stage, Suspicion
from gimonitor.model.listing import Field, Listing, Shop, Subject
from gimonitor.store.listings import Observation

NIGHT = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)

DAY = NIGHT.date()

MakeListing = Callable[..., Listing]
MakeScreening = Callable[..., Screening]
Observe = Callable[..., Observation]


@pytest.fixture
def night() -> datetime:
    """The time of the first observation."""
    return NIGHT


@pytest.fixture
def make_listing() -> MakeListing:
    """A listing by its item id; everything else has a value."""

    def make(item_id: str = "1", **values: object) -> Listing:
        shop = Shop(
            name="示例粮油店", shop_id="s1", subject=Subject(name="示例商贸有限公司", uscc="91230184MA1XXXXXX0")
        )
        given = {
            "platform": "practice",
            "item_id": item_id,
            "title": "五常大米 5kg 东北大米",
            "url": f"http://127.0.0.1/item/{item_id}",
            "shop": shop,
            "attributes": (("产地", "黑龙江省哈尔滨市"),),
            "price_fen": 5990,
            "sales": 120,
            "observed_at": NIGHT,
        }
        return Listing(**(given | values))  # type: ignore[arg-type]

    return make


@pytest.fixture
def make_screening() -> MakeScreening:
    """A screening that suspects each of `gi_ids`, or clears, or finds nothing."""

    def make(
        *gi_ids: str,
        reason: str = "标题使用“五常大米”，未见授权",
        total: float = 56.0,
        clearings: tuple[Clearing, ...] = (),
        register: str = "r1",
        on: date = DAY,
    ) -> Screening:
        suspicions = tuple(_suspicion(gi_id, reason, total) for gi_id in gi_ids)
        stage = Stage.FLAGGED if suspicions else Stage.CLEARED if clearings else Stage.NO_NAME
        return Screening(stage=stage, suspicions=suspicions, clearings=clearings, on=on, register_digest=register)

    return make


def _suspicion(gi_id: str, reason: str, total: float) -> Suspicion:
    finding = Finding(
        model_id="M01",
        model_version=1,
        family="name",
        gi_id=gi_id,
        gi_name="五常大米",
        place=Place(field=Field.TITLE, start=0, end=4, text="五常大米"),
        reason=reason,
        clears="提供专用标志使用核准文件",
        severity=0.8,
        confidence=0.7,
    )
    score = Score(total=total, terms=(ScoreTerm(name="severity", value=0.8, inputs="M01"),))
    return Suspicion(gi_id=gi_id, gi_name="五常大米", findings=(finding,), score=score)


@pytest.fixture
def observe(make_listing: MakeListing, make_screening: MakeScreening) -> Observe:
    """An observation: `observe("7", "wuchang", title=…)` is item 7, suspected over one GI."""

    def make(item_id: str = "1", *gi_ids: str, screening: Screening | None = None, **values: object) -> Observation:
        return Observation(
            listing=make_listing(item_id, **values), screening=screening or make_screening(*gi_ids), sealed=SEALED
        )

    return make


SEALED = Sealed(
    file="practice/1.warc.gz", offset=10, length=900, sha256="a" * 64, url="http://127.0.0.1/item/1", at=NIGHT
)
