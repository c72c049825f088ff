"""采集: what a query lacks, the sealed response that shows it, and files that people saved."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import UTC, datetime

from starlette.testclient import TestClient

from gimonitor.configuration import Configuration
from gimonitor.evidence.seal import WarcSeal
from gimonitor.model.run import Coverage, Example
from gimonitor.store import runs
from gimonitor.store.database import Store
from gimonitor.store.saved import SavedFile, SavedReading, save_file
from gimonitor.web.routes.coverage import by_source

Enter = Callable[[str], TestClient]
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def test_what_was_not_read_is_shown_with_its_sealed_response(
    enter: Enter, store: Store, configuration: Configuration
) -> None:
    with store.write() as c:
        run_id = runs.start_run(
            c,
            "nightly",
            {"bias": {"jd_union": "只返回参加推广的商品"}, runs.UNLIKE: ["jd_union：有价格的 0%"]},
            now=NOW,
        )
    with WarcSeal(configuration.warc_dir, f"run-{run_id}", reserve=0) as seal:
        sealed = seal.write("http://127.0.0.1/s", 200, [("Content-Type", "text/html")], b"<p>new layout</p>")
    place = {name: getattr(sealed, name) for name in ("url", "file", "offset", "length", "sha256")}
    record = Coverage(
        run_id=run_id,
        source="jd_union",
        query="五常大米",
        pages_asked=3,
        pages_answered=2,
        over_budget=4,
        unread=1,
        example=Example(why="no listing", **place),
    )
    reading = SavedReading(url="https://item.taobao.com/1", parser="taobao.item@1", listings=1, missing=("shop",))
    saved = SavedFile(
        sha256="a" * 64, name="页.mhtml", file="saved-a/页.mhtml", size=9, container="mhtml", at=NOW, who="张三",
        run_id=run_id, readings=(reading,),
    )  # fmt: skip
    with store.write() as c:
        runs.save_coverage(c, record, NOW)
        save_file(c, saved)
        assert runs.load_coverage(c, run_id)[0].example == record.example
    client = enter("yun")
    page = client.get(f"/coverage/{run_id}").text
    assert "有价格的 0%" in page
    assert "只返回参加推广的商品" in page and "未能解析" in page and "taobao.item@1" in page and "店铺名称" in page
    answer = client.get(f"/coverage/{run_id}/examples/1")
    assert b"<p>new layout</p>" in gzip.decompress(answer.content)
    assert client.get(f"/coverage/{run_id}/examples/2").status_code == 404
    assert enter("ling").get(f"/coverage/{run_id}/examples/1").status_code == 403


def test_the_line_of_a_source_adds_up() -> None:
    rows = [
        Coverage(run_id=1, source="a", query=str(n), seen=9, stored=2, unchanged=3, rejected=1, failed=3) for n in "12"
    ]
    (line,) = by_source(rows)
    assert line.seen == line.stored + line.unchanged + line.rejected + line.lost == 18


def test_the_day_begins_with_the_gaps_of_the_night(enter: Enter, store: Store) -> None:
    """A table that was imported since, and the digest, are runs too; they do not hide what the night could not get."""
    with store.write() as c:
        table = runs.start_run(c, "table", {}, now=NOW)
        whole = Coverage(
            run_id=table, source="table", query="协会.csv", pages_asked=0, pages_answered=0, stored=3, seen=3
        )
        runs.save_coverage(c, whole, NOW)
        runs.start_run(c, runs.DIGEST, {}, now=NOW)
        assert runs.latest_runs(c, 1)[0].id == table
    client = enter("wang")
    for path in ("/", "/coverage"):
        page = client.get(path).text
        assert "阳澄湖 蟹券" in page and "验证页面" in page and "所有查询均有完整回答" not in page
    assert "表格导入" in client.get(f"/coverage/{table}").text
