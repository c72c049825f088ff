"""Listings with pictures of packages, a small register and screeners, and what comes of them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from PIL import Image, ImageDraw
from sqlalchemy import select

from gimonitor.imaging.made.ink import font
from gimonitor.imaging.made.marks import drawing
from gimonitor.imaging.marks import Mark
from gimonitor.model.finding import Finding, History, Place, Score, Screening, Stage, Suspicion
from gimonitor.model.listing import Field, Listing, Shop, Subject
from gimonitor.model.register import GI, Area, AuthorisedUser, Basis, Certainty, Fact, Register
from gimonitor.store import pictures, tables
from gimonitor.store.captures import StoredCapture, save_capture
from gimonitor.store.leads import LeadRecord, load_lead
from gimonitor.store.loading import load_listing
from gimonitor.text.codes import uscc_check
from gimonitor.workflow.intake import take_in
from gimonitor.workflow.pictures import PictureWork

NIGHT = datetime(2026, 3, 1, 18, 0, tzinfo=UTC)
CODE = "91230184MA1900001"
CODE += uscc_check(CODE)
STRANGER = "91210100MA1900007"
STRANGER += uscc_check(STRANGER)
REGISTER = Register(
    gis=(
        GI(
            id="rice",
            name="五常大米",
            certainty=Certainty.FOUND,
            source="s",
            area=Area(adcodes=Fact(value=("230184",), certainty=Certainty.FOUND, source="s")),
        ),
    ),
    users=(
        AuthorisedUser(gi_id="rice", name="五常示例米业", uscc=CODE, brands=("示例米香",), basis=Basis.ANNOUNCEMENT, certainty=Certainty.FOUND, source="s"),
        AuthorisedUser(gi_id="rice", name="五常旧日米业", uscc="", ends=date(2025, 12, 31), basis=Basis.ANNOUNCEMENT, certainty=Certainty.FOUND, source="s"),
    ),
    signs=(),
    articles=(),
    words=(),
    models=(),
    digest="d",
)  # fmt: skip


class NameScreener:
    """Flags every title that holds 五常; nothing else is asked about."""

    def screen_all(
        self, listings: Sequence[Listing], on: date, histories: Sequence[History | None] = ()
    ) -> list[Screening]:
        return [self.screen(one, on) for one in listings]

    def screen(self, listing: Listing, on: date, history: History | None = None) -> Screening:
        def given(*suspicions: Suspicion, stage: Stage) -> Screening:
            return Screening(stage=stage, suspicions=suspicions, clearings=(), on=on, register_digest="r1")

        at = listing.title.find("五常")
        if at < 0:
            return given(stage=Stage.NO_NAME)
        place = Place(field=Field.TITLE, start=at, end=at + 2, text="五常")
        finding = Finding(
            model_id="M01",
            model_version=1,
            family="name",
            gi_id="rice",
            gi_name="五常大米",
            place=place,
            reason="标题使用“五常”",
            clears="核准文件",
            severity=0.5,
            confidence=0.5,
        )
        one = Suspicion(gi_id="rice", gi_name="五常大米", findings=(finding,), score=Score(total=25.0, terms=()))
        return given(one, stage=Stage.FLAGGED)


class ClearingScreener(NameScreener):
    """Clears what it would flag."""

    def screen(self, listing: Listing, on: date, history: History | None = None) -> Screening:
        """As somebody's own goods."""
        stage = Stage.NO_NAME if "五常" not in listing.title else Stage.CLEARED
        return Screening(stage=stage, suspicions=(), clearings=(), on=on, register_digest="r1")


class ClaimScreener(NameScreener):
    """Flags the claim of a mark in the words of pictures, too."""

    def screen(self, listing: Listing, on: date, history: History | None = None) -> Screening:
        """As of the GI in the title."""
        screening = super().screen(listing, on, history)
        at = listing.image_text.find("专用标志产品")
        if at < 0 or not screening.suspicions:
            return screening
        (one,) = screening.suspicions
        place = Place(field=Field.IMAGE_TEXT, start=at, end=at + 6, text="专用标志产品")
        claim = replace(one.findings[0], model_id="mark-claim", place=place)
        return replace(screening, suspicions=(replace(one, findings=(*one.findings, claim)),))


def package(*lines: str, side: int = 260) -> bytes:
    """A plain package with the special mark and lines of print under it."""
    image = Image.new("RGB", (640, 640), (246, 240, 225))
    mark = Image.fromarray(drawing(Mark.GI_2019)).resize((side, side))
    image.paste(mark, (190, 40), mark)
    for row, text in enumerate(lines):
        ImageDraw.Draw(image).text((60, 340 + row * 60), text, font=font("sans", 26), fill=(30, 30, 30))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()


BARE = package("东北大米 5kg")
WHOLE = package("五常大米", f"统一社会信用代码：{CODE}", "执行标准 GB/T 19266")


def offered(
    work: PictureWork,
    item_id: str,
    *files: bytes,
    title: str = "五常大米",
    shop: str = "店一",
    uscc: str = "",
    at: datetime = NIGHT,
    fetched: timedelta = timedelta(0),
    **said: str,
) -> int:
    """A listing taken in, with its pictures captured, so long after it. `uscc`: of the legal person behind the shop."""
    seller = Shop(name=shop, subject=Subject(name="某某公司", uscc=uscc) if uscc else None)
    url = f"http://127.0.0.1/goods/{item_id}"
    listing = Listing(platform="practice", item_id=item_id, url=url, title=title, shop=seller, observed_at=at, **said)
    take_in(work.store, work.screener, [(listing, None)], None, at.date())
    with work.store.write() as c:
        stored = load_listing(c, "practice", item_id)
        for number, data in enumerate(files):
            digest = hashlib.sha256(data).hexdigest()
            name = f"{item_id}-{number}.jpg"
            (work.evidence_dir / name).write_bytes(data)
            save_capture(c, StoredCapture(listing_id=stored.id, listing_version=stored.version, kind=pictures.IMAGE, file=name, sha256=digest, at=at + fetched, url=f"http://127.0.0.1/{name}"))  # fmt: skip
    return stored.id


def models(work: PictureWork, listing_id: int) -> list[str]:
    """Models behind the listing's lead over rice."""
    with work.store.read() as c:
        found = c.execute(select(tables.leads.c.id).where(tables.leads.c.listing_id == listing_id)).scalars().all()
        return [finding.model_id for lead_id in found for finding in load_lead(c, lead_id).findings]


def leads_of(work: PictureWork, listing_id: int) -> list[LeadRecord]:
    """The listing's leads."""
    with work.store.read() as c:
        found = c.execute(select(tables.leads.c.id).where(tables.leads.c.listing_id == listing_id)).scalars().all()
        return [load_lead(c, lead_id) for lead_id in found]


def picture_findings(work: PictureWork, listing_id: int) -> list[Finding]:
    """What pictures say in the listing's leads."""
    with work.store.read() as c:
        rows = c.execute(select(tables.leads.c.id).where(tables.leads.c.listing_id == listing_id)).scalars().all()
        every = [finding for lead_id in rows for finding in load_lead(c, lead_id).findings]
    return [finding for finding in every if finding.family == "picture"]


def reminders(work: PictureWork, listing_id: int) -> set[str]:
    """Models whose findings over the listing are guidance."""
    f = tables.findings.c
    with work.store.read() as c:
        return set(c.execute(select(f.model_id).where(f.listing_id == listing_id, f.reminder)).scalars())


NAMED = package("五常大米", "稻花香 5kg 当季新米")
STRANGE = package("五常大米", f"统一社会信用代码：{STRANGER}", "执行标准 GB/T 19266")
