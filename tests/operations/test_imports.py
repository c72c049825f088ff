"""A table into the store: whole, once, with what was refused beside it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from gimonitor.configuration import Configuration
from gimonitor.errors import InputError, PartialError, StoreUnreachableError
from gimonitor.model.outside import Outside
from gimonitor.operations.imports import import_table, preview_table
from gimonitor.store import runs
from gimonitor.store.database import migrate_store, open_store
from gimonitor.store.loading import iterate_listings, load_listing
from gimonitor.store.queue import QueueFilter, queue_page


@pytest.fixture
def configuration(tmp_path: Path) -> Configuration:
    made = Configuration(data_dir=tmp_path / "data")
    migrate_store(made.store_url)
    return made


def table(tmp_path: Path) -> Path:
    path = tmp_path / "采集.csv"
    rows = [
        "商品ID,投诉人电话,标题,价格,产地",
        "1,13812345678,正宗五常大米 5kg,59.9,辽宁沈阳",
        "2,13812345678,,1,=1+1",
        "3,13812345678,=1+1,面议,",
        "1,13812345678,正宗五常大米 5kg,49.9,辽宁沈阳",
    ]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_rows_are_listings_or_rejects_and_the_same_table_again_changes_nothing(
    tmp_path: Path, configuration: Configuration
) -> None:
    path = table(tmp_path)
    first = import_table(configuration, path, platform="taobao", columns={})
    assert (first.rows, first.new, first.changed, first.rejected, first.leads) == (4, 2, 1, 1, 1)
    assert first.odd_prices == 1
    assert first.reject_file is not None
    with first.reject_file.open(encoding="utf-8-sig", newline="") as stream:
        rejects = list(csv.DictReader(stream))
    assert [(r["row"], r["标题"], list(r.values())[-1]) for r in rejects] == [("3", "", "'=1+1")]
    assert "投诉人电话" not in rejects[0], "what is not read is not written again"
    with open_store(configuration.store_url) as store, store.read() as c:
        assert load_listing(c, "taobao", "1").listing.price_fen == 4990
        assert load_listing(c, "taobao", "3").listing.attributes == (("标价原文", "面议"),)
        assert runs.load_coverage(c, first.run_id)[0].detail == "1 rows without a readable price, first 3: 面议"
        assert [row.gi_name for row in queue_page(c, QueueFilter()).rows] == ["五常大米"]
        assert load_listing(c, "taobao", "1").listing.source == "table:采集.csv"
    again = import_table(configuration, path, platform="taobao", columns={})
    assert again.leads == 0


@pytest.mark.parametrize(
    ("ending", "raised", "state"),
    [(KeyboardInterrupt(), PartialError, "interrupted"), (InputError("t.xlsx: damaged"), InputError, "failed")],
)
def test_an_import_that_is_ended_closes_its_run_and_goes_on_by_the_same_command(
    tmp_path: Path, configuration: Configuration, ending: BaseException, raised: type[Exception], state: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_text("商品ID,标题\n" + "".join(f"{n},五常大米 {n}\n" for n in range(1200)), encoding="utf-8")
    told: list[int] = []

    def end(rows: int) -> None:
        told.append(rows)
        raise ending

    with pytest.raises(raised, match="same command again" if state == "interrupted" else "damaged"):
        import_table(configuration, path, platform="taobao", columns={}, say=end)
    with open_store(configuration.store_url) as store, store.read() as c:
        (run,) = runs.latest_runs(c)
        (record,) = runs.load_coverage(c, run.id)
    assert (run.state, record.stored, record.cut_off) == (state, told[0], True) and run.ended_at
    again = import_table(configuration, path, platform="taobao", columns={})
    assert (again.rows, again.unchanged, again.new) == (1200, told[0], 1200 - told[0])


def test_links_of_two_platforms_with_one_numbering_are_one_listing(
    tmp_path: Path, configuration: Configuration
) -> None:
    first, second, third = tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "c.csv"
    ways = ("https://item.taobao.com/item.htm?id={0}", "https://m.intl.taobao.com/detail/detail.html?id={0}")
    tmall = "https://detail.tmall.com/item.htm?id={0}&skuId=1"
    first.write_text(f"链接,标题\n{tmall.format(562283240178)},五常大米\n", encoding="utf-8")
    rows = [f"{way.format(number)},五常大米" for number in (562283240178, 562283240179) for way in (*ways, tmall)]
    second.write_text("\n".join(["链接,标题", *rows]), encoding="utf-8")
    third.write_text("平台,商品ID,标题\ntaobao,562283240178,五常大米\n", encoding="utf-8")
    for path in (first, second):
        import_table(configuration, path, platform="web", columns={})
    with open_store(configuration.store_url) as store, store.read() as c:
        found = [one.listing.key for one in iterate_listings(c)]
    assert found == [("tmall", "562283240178"), ("taobao", "562283240179")], "as stored, or as it came first"
    import_table(configuration, third, platform="web", columns={})
    with open_store(configuration.store_url) as store, store.read() as c:
        assert load_listing(c, "taobao", "562283240178"), "a table that says the platform itself is believed"


def test_who_reported_a_table_stays_with_its_listings(tmp_path: Path, configuration: Configuration) -> None:
    path = table(tmp_path)
    import_table(configuration, path, platform="taobao", columns={}, reported_by=Outside.REPORT_12315)
    with open_store(configuration.store_url) as store, store.read() as c:
        assert load_listing(c, "taobao", "1").listing.source == "12315:采集.csv"


def test_without_a_store_nothing_is_read_into_one(tmp_path: Path) -> None:
    with pytest.raises(StoreUnreachableError):
        import_table(Configuration(data_dir=tmp_path / "none"), table(tmp_path), platform="taobao", columns={})
    assert not (tmp_path / "none" / "gimonitor.sqlite").exists()


def test_a_platform_that_is_not_known_is_told_of_with_its_rows(tmp_path: Path, configuration: Configuration) -> None:
    path = tmp_path / "t.csv"
    path.write_text("平台,商品ID,标题\n淘宝,1,五常大米\n微店,2,五常大米\n京东商城,3,五常大米\n", encoding="utf-8")
    assert preview_table(path, platform="table", columns={}).odd_platforms == {"微店": (3,)}
    done = import_table(configuration, path, platform="table", columns={})
    assert done.odd_platforms == {"微店": 1}
    with open_store(configuration.store_url) as store, store.read() as c:
        assert {each.listing.platform for each in iterate_listings(c)} == {"taobao", "微店", "jd"}
        assert "微店 (1)" in runs.load_coverage(c, done.run_id)[0].detail
