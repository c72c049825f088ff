"""What only the registration form tells: the level, the seller's other leads, licences, the unit price, cut-outs of the page."""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import docx
import pytest
from PIL import Image

from gimonitor.evidence.digest import digest_file
from gimonitor.evidence.pack import PackFile, pieces_of
from gimonitor.model.finding import Score, ScoreTerm
from gimonitor.papers.case import load_case
from gimonitor.papers.forms import Picture, fill_form
from gimonitor.papers.registration import crops_of, say_licences, say_related, say_risk, say_unit_price
from gimonitor.store.listings import Observation, save_listings
from gimonitor.text.codes import sc_check
from gimonitor.workflow.words import risk

from .conftest import FINDINGS, NOW, furnish, judged, listing, screening


def test_other_leads_of_the_same_person_are_listed_without_the_sellers_words(sqlite_store, tmp_path: Path) -> None:
    house = judged(furnish(sqlite_store, tmp_path / "data", listing(), *FINDINGS))
    with sqlite_store.read() as c:
        assert say_related(load_case(c, house.lead_id).related) == "没有发现同一主体、同一店铺的其他线索"
    other = listing(item_id="g002", title="演练山大米 10斤 致电13900001111", observed_at=NOW - timedelta(hours=5))
    with sqlite_store.write() as c:
        save_listings(c, [Observation(listing=other, screening=screening(*FINDINGS))], None)
    with sqlite_store.read() as c:
        said = say_related(load_case(c, house.lead_id).related)
        assert "线索 1" in say_related(load_case(c, 2).related)
    assert "同一主体的其他线索：线索 2（演练山大米，" in said
    assert "g002" in said
    assert "13900001111" not in said


@pytest.mark.parametrize(("total", "level"), [(60, "高"), (59.9, "中"), (30, "中"), (29.9, "低"), (0, "低")])
def test_level_is_that_of_the_screens(total: float, level: str) -> None:
    assert risk(total) == level
    assert say_risk(Score(total=total, terms=()), ()).startswith(f"{level}（疑似度 {total:.1f}")


def test_for_ids_of_models_stand_the_numbers_of_findings() -> None:
    term = ScoreTerm(name="severity", value=0.9, inputs=f"最重的疑点：{FINDINGS[0].model_id}（0.9）")
    said = say_risk(Score(total=50, terms=(term,)), FINDINGS[:1])
    assert "最重的疑点：疑点 1（0.9）" in said and FINDINGS[0].model_id not in said


def test_licences_and_unit_price_come_from_the_page() -> None:
    good = "1012301840012"
    text = f"生产许可证 SC{good}{sc_check(good)}，另见 SC10123018400120"
    said = say_licences(listing(description=text))
    assert f"SC{good}{sc_check(good)}（校验位相符）" in said
    assert said.count("SC") == 2 if sc_check(good) != "0" else 1
    assert say_licences(listing()) == ""
    assert say_unit_price(listing(specification="5kg")) == "折合每500克5.98元"
    assert say_unit_price(listing(title="演练山大米", price_fen=None)) == "单位价未能折算"


def test_a_cut_out_stands_beside_its_finding_unless_it_was_changed(tmp_path: Path) -> None:
    crop = tmp_path / "crop-01.png"
    Image.new("RGB", (800, 100), "red").save(crop)
    (tmp_path / "capture.json").write_text(json.dumps({"spots": [{"file": "crop-01.png", "words": "演练山大米"}]}))
    file = PackFile(path="captures/01/crop-01.png", content=crop, sha256=digest_file(crop).sha256)
    assert crops_of([file]) == {"演练山大米": crop}
    (tmp_path / "templates").mkdir()
    document = docx.Document()
    document.add_paragraph("{{ picture }}")
    document.save(tmp_path / "templates" / "reminder.docx")
    filled = docx.Document(BytesIO(fill_form("reminder", {"picture": Picture(crop)}, tmp_path / "templates")))
    [shown] = filled.inline_shapes
    assert round(shown.width.cm, 1) == 10.6  # 400 dots of 96 to the inch
    crop.write_bytes(b"another")
    assert crops_of([file]) == {}


def test_files_of_one_capture_are_one_piece() -> None:
    def row(path: str, piece: str, proves: str, method: str = "m") -> dict[str, object]:
        return {"path": path, "piece": piece, "title": path[-5:], "proves": proves, "method": method}

    pieces = pieces_of(
        [
            row("responses/1.warc.gz", "", "a"),
            row("captures/01/page.html", "商品页固证", "b"),
            row("captures/01/archive/full.png", "商品页固证", "c"),
            row("captures/01/full.png.tsr", "商品页固证", "stamped", "tsa"),
            row("captures/02/page.html", "商品页固证", "b"),
        ]
    )
    assert [(p["number"], p["title"], p["proves"], p["count"]) for p in pieces] == [
        ("1", "rc.gz", "a", 1),
        ("2", "商品页固证", "b", 3),
        ("3", "商品页固证", "b", 1),
    ]
    assert [file["number"] for piece in pieces for file in piece["files"]] == ["1", "2-1", "2-2", "2-3", "3"]  # type: ignore[attr-defined]
