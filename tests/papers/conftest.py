"""A store with one judged lead over an invented listing, its response sealed before."""

from __future__ import annotations

import html
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from gimonitor.configuration import Configuration
from gimonitor.evidence.digest import digest_file
from gimonitor.evidence.seal import WarcSeal
from gimonitor.model.finding import (
    Citation,
    Clearing,
    Finding,
    Origin,
    Place,
    Score,
    ScoreTerm,
    Screening,
    Stage,
    Suspicion,
)
from gimonitor.model.lead import Resolution
from gimonitor.model.listing import Field, Listing, Shop, Subject
from gimonitor.papers.looking import Waiver
from gimonitor.store.captures import StoredCapture, save_capture
from gimonitor.store.database import Store
from gimonitor.store.leads import QueueFilter, queue_page
from gimonitor.store.listings import Observation, save_listings
from gimonitor.workflow.decisions import Actor, approve, judge
from gimonitor.workflow.roles import Role
from gimonitor.workflow.vocabulary import Seen

NOW = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
ANYHOW = Waiver(without_capture=True, without_look=True)
"""For tests that are not about captures."""


def pdf(words: str = "") -> bytes:
    """A document that opens, as far as we look."""
    return f"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n% {words}\nstartxref\n9\n%%EOF\n".encode()


LAW = Citation(
    key="product:misuse",
    instrument="演练规定",
    article="第三十条",
    text="在产地范围外的相同产品上使用受保护的名称。",
    url="https://law.example/80",
)
RECALLED = replace(LAW, key="product:other", article="第九十九条", text="尚未核实的条文", unverified=True)
TITLE = "演练山大米 10斤 <b>东北</b>特产"


def listing(**changes: object) -> Listing:
    base = Listing(
        platform="practice",
        item_id="g001",
        title=TITLE,
        url="http://127.0.0.1:9/item/g001",
        description="正宗演练山大米，假一赔十。",
        shop=Shop(
            name="湖畔粮油小铺",
            shop_id="s11",
            subject=Subject(name="某县湖畔粮油经营部", uscc="92320118MAMKUT7H1L", address="某省某县演练路11号"),
        ),
        origin="某省某县",
        price_fen=5980,
        sales=120,
        query="演练山大米",
        rank=3,
        observed_at=NOW - timedelta(hours=7),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def finding(words: str = "演练山大米", reason: str = "产地不在保护范围内", **changes: object) -> Finding:
    start = TITLE.index(words)
    base = Finding(
        model_id="name-outside",
        model_version=2,
        family="names",
        gi_id="gi:practice",
        gi_name="演练山大米",
        place=Place(field=Field.TITLE, start=start, end=start + len(words), text=words),
        reason=reason,
        clears="出示产自保护产区的证明",
        severity=0.9,
        confidence=0.8,
        origin=Origin.OUTSIDE,
        law=(LAW, RECALLED),
        considered=(Clearing(code="N20", reason="店铺主体不在合法使用人名单中", decisive=False),),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


FINDINGS = (
    finding(),
    finding("10斤", "单价低于参考价每500克9.99元", unverified=("参考价格尚未核实",)),
)


@dataclass(frozen=True, slots=True)
class House:
    """An installation with one lead."""

    store: Store
    configuration: Configuration
    lead_id: int
    version: int


def screening(*findings: Finding) -> Screening:
    score = Score(total=72.0, terms=(ScoreTerm(name="severity", value=0.72, inputs="x"),))
    suspicion = Suspicion(gi_id="gi:practice", gi_name="演练山大米", findings=findings, score=score)
    return Screening(
        stage=Stage.FLAGGED,
        suspicions=(suspicion,),
        clearings=(Clearing(code="N02", reason="名称不在配料说明中", decisive=False, gi_id="gi:practice"),),
        on=NOW.date(),
        register_digest="ab" * 32,
    )


def furnish(store: Store, folder: Path, offered: Listing, *findings: Finding) -> House:
    """Seal the listing's response, store the listing with its screening, and return the lead it raised."""
    configuration = Configuration(data_dir=folder, organisation="某市市场监督管理局", disk_reserve_mb=0)
    with WarcSeal(configuration.warc_dir, "7", reserve=0) as seal:
        sealed = seal.write(offered.url, 200, [("Content-Type", "text/html")], offered.title.encode(), at=NOW)
    with store.write() as c:
        save_listings(c, [Observation(listing=offered, screening=screening(*findings), sealed=sealed)], None)
        [row] = queue_page(c, QueueFilter(), None, 10).rows
        return House(store, configuration, row.id, row.version)


CHIEF = Actor(login="chief", roles=frozenset({Role.APPROVER}))


def judged(house: House, resolution: Resolution = Resolution.CONFIRMED) -> House:
    actor = Actor(login="wang", roles=frozenset({Role.OFFICER}))
    with house.store.write() as c:
        version = judge(c, actor, house.lead_id, house.version, resolution, now=NOW, why="产地标示在外县")
        if resolution is Resolution.CONFIRMED:
            version = approve(c, CHIEF, house.lead_id, version, now=NOW)
    return replace_version(house, version)


def replace_version(house: House, version: int) -> House:
    return House(house.store, house.configuration, house.lead_id, version)


@pytest.fixture
def house(store: Store, tmp_path: Path) -> House:
    return furnish(store, tmp_path / "data", listing(), *FINDINGS)


def seen(house: House, what: Seen, at: datetime, purpose: str = "demand", **told: object) -> None:
    """Remember a capture of the offer's page, and what it showed."""
    folder = house.configuration.evidence_dir / f"seen-{at:%d%H%M}"
    folder.mkdir(parents=True)
    manifest = folder / "capture.json"
    manifest.write_text(json.dumps({"url": "", "at": at.isoformat()}))
    row = StoredCapture(
        listing_id=1,
        lead_id=house.lead_id,
        kind="manifest",
        file=f"{folder.name}/capture.json",
        sha256=digest_file(manifest).sha256,
        at=at,
        detail={
            "shows": "item",
            "seen": what.value,
            "told": "疑点文字仍在",
            "changed": "",
            "purpose": purpose,
            "status": 200,
            **told,
        },
    )
    with house.store.write() as c:
        save_capture(c, row)


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = f"<meta charset=utf-8><title>演练山大米</title><h1>{html.escape(TITLE)}</h1>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """A site on loopback that shows the listing on every path."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    server.daemon_threads, server.block_on_close = True, False
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(5)
