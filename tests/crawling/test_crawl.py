"""Whole crawls in their own process: practice marketplace in, records, seals and leads out."""

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
from sqlalchemy import text

from gimonitor.evidence.seal import read_sealed
from gimonitor.evidence.sealed import Sealed
from gimonitor.store.tasks import list_tasks


def asked(market, path="/"):
    return [unquote(p) for _, p, _ in market.market.log if p.startswith(path)]


def crawl_queries(crawl, market, *queries, **kwargs):
    return crawl.run("practice", "-a", f"base={market.url}", "-a", "query=" + ",".join(queries), **kwargs)


def test_a_whole_crawl_is_recorded_sealed_and_screened(crawl, market):
    crawl_queries(crawl, market, "平遥牛肉", "不存在的XYZ")
    coverage = crawl.coverage()
    beef = coverage["平遥牛肉"]
    assert (beef.pages_asked, beef.pages_answered, beef.announced, beef.seen, beef.stored) == (5, 5, 4, 4, 4), crawl.log
    assert not beef.cut_off and beef.blocked is None
    nothing = coverage["不存在的XYZ"]
    assert (nothing.pages_answered, nothing.announced, nothing.seen, nothing.blocked) == (1, 0, 0, None)
    assert "no exact match" in nothing.detail
    assert (crawl.run_state(), crawl.slice_state()) == ("ok", "done")
    stored = crawl.read(
        lambda c: c.execute(text("select item_id, title, platform from listings order by item_id")).all()
    )
    assert [row.item_id for row in stored] == ["g104", "g105", "g106", "g107"]
    assert {row.platform for row in stored} == {"practice"}
    assert crawl.read(lambda c: c.execute(text("select count(*) from leads")).scalar()) >= 2


def test_what_was_sealed_is_what_was_sent(crawl, market):
    crawl_queries(crawl, market, "平遥牛肉")
    rows = crawl.read(lambda c: c.execute(text("select * from captures")).mappings().all())
    assert len(rows) == 4
    for row in rows:
        sealed = Sealed(**{name: row[name] for name in ("file", "offset", "length", "sha256", "url")}, at=row["at"])
        read = read_sealed(crawl.folder / "warc", sealed)
        assert read.status == 200 and read.ip == "127.0.0.1"
        assert re.search(r"/item/g1\d\d\.html$", read.url) and "平遥".encode() in read.body


def test_the_same_crawl_again_adds_nothing(crawl, market):
    crawl_queries(crawl, market, "平遥牛肉")
    crawl_queries(crawl, market, "平遥牛肉")
    beef = crawl.coverage()["平遥牛肉"]
    assert (beef.seen, beef.stored, beef.unchanged) == (4, 0, 4)
    assert crawl.read(lambda c: c.execute(text("select count(*) from listings")).scalar()) == 4


def test_a_changed_price_is_a_new_version(crawl, market):
    crawl_queries(crawl, market, "平遥牛肉")
    market.market.day = 2
    crawl_queries(crawl, market, "平遥牛肉")
    assert crawl.coverage()["平遥牛肉"].stored == 1


def test_paging_stops_at_the_cap_and_says_so(crawl, market):
    crawl_queries(crawl, market, "五常大米")
    rice = crawl.coverage()["五常大米"]
    assert (rice.announced, rice.seen, rice.cut_off) == (28, 24, True)
    assert crawl.run_state() == "partial"


def test_busy_and_limited_pages_are_waited_for(crawl, market):
    crawl_queries(crawl, market, "访问过快", "清徐葡萄")
    coverage = crawl.coverage()
    assert coverage["清徐葡萄"].seen == coverage["清徐葡萄"].stored == 3, crawl.log
    assert coverage["访问过快"].pages_answered == 1
    log = market.market.log
    for query in ("访问过快", "清徐葡萄"):
        first, second = [when for when, path, _ in log if unquote(path) == f"/search?q={query}"]
        assert second - first >= 1.0, "Retry-After: 1 was not obeyed"


def test_a_challenge_stops_the_source_and_is_never_nothing(crawl, market):
    crawl_queries(crawl, market, "需要验证", "西湖龙井", "五常大米", "平遥牛肉")
    coverage = crawl.coverage()
    assert {query: c.blocked for query, c in coverage.items()} == dict.fromkeys(coverage, "challenge")
    assert (crawl.run_state(), crawl.slice_state()) == ("blocked", "blocked")
    assert "not asked: the source had refused" in coverage["平遥牛肉"].detail
    assert sum(c.seen for c in coverage.values()) == sum(c.stored for c in coverage.values())
    (task,) = crawl.read(list_tasks)
    assert (task.source, task.platform, task.reason, task.is_open) == ("practice", "practice", "challenge", True)
    assert set(task.queries) == set(coverage) and task.url.startswith(f"{market.url}/search")
    later = max(when for when, path, _ in market.market.log)
    challenged = next(when for when, path, _ in market.market.log if unquote(path) == "/search?q=需要验证")
    assert later - challenged < 3, "the source was asked long after it had refused"


def test_a_login_wall_is_recorded_and_the_rest_goes_on(crawl, market):
    crawl_queries(crawl, market, "需要登录", "平遥牛肉", "禁止访问")
    coverage = crawl.coverage()
    assert coverage["需要登录"].blocked == "login" and coverage["禁止访问"].blocked == "forbidden"
    assert coverage["平遥牛肉"].stored == 4
    assert (crawl.run_state(), crawl.slice_state()) == ("partial", "done")
    assert crawl.read(list_tasks)[0].queries == ("需要登录",)


def test_a_source_that_stays_down_is_unavailable(crawl, market):
    crawl_queries(crawl, market, "正在维护")
    down = crawl.coverage()["正在维护"]
    assert (down.blocked, down.pages_asked, down.pages_answered) == ("unavailable", 1, 0)


def test_without_a_store_nothing_is_asked(crawl, market):
    (crawl.folder / "gimonitor.sqlite").unlink()
    crawl_queries(crawl, market, "平遥牛肉")
    assert "nothing was asked" in crawl.log and "store_unreachable" in crawl.log
    assert asked(market) == []


def test_bad_rules_stop_the_crawl_before_it_begins(crawl, market, tmp_path):
    rules = tmp_path / "rules"
    (rules / "gi").mkdir(parents=True)
    (rules / "gi" / "x.yml").write_text("id: x\nnonsense: 1\n", encoding="utf-8")
    crawl_queries(crawl, market, "平遥牛肉", env={"GIMONITOR_RULES_DIR": str(rules)})
    assert "bad_rules" in crawl.log and "x.yml" in crawl.log
    assert asked(market) == []


def test_nothing_to_ask_is_said(crawl, market):
    crawl.run("practice", "-a", f"base={market.url}")
    assert "nothing to ask" in crawl.log and asked(market) == []


def test_a_shop_without_an_address_says_how_to_start(crawl):
    crawl.run("shop")
    assert "-a start=https://shop.example/" in crawl.log and "nothing was asked" in crawl.log
    assert crawl.code == 0 and "Traceback" not in crawl.log


def test_a_real_site_is_not_asked_without_a_contact(crawl):
    crawl.run("shop", "-a", "start=http://shop.example.invalid/")
    assert "GIMONITOR_CONTACT" in crawl.log and "nothing was asked" in crawl.log


def test_every_request_names_us(crawl, market):
    crawl_queries(crawl, market, "平遥牛肉", env={"GIMONITOR_CONTACT": "gi@example.invalid"})
    agents = {agent for _, _, agent in market.market.log}
    assert len(agents) == 1 and "gimonitor/" in agents.pop() and "/robots.txt" in asked(market)


@pytest.mark.browser
def test_pages_made_by_a_script_are_rendered(crawl, market):
    crawl_queries(crawl, market, "霍山石斛")
    herb = crawl.coverage()["霍山石斛"]
    assert (herb.pages_asked, herb.pages_answered, herb.seen, herb.stored) == (2, 2, 1, 1), crawl.log
    assert {agent for _, path, agent in market.market.log if path.startswith("/api/")} == {
        agent for _, path, agent in market.market.log if path == "/robots.txt"
    }


def test_a_shop_is_read_from_its_sitemap_and_from_a_start_page(crawl, market):
    crawl.run("shop", "-a", f"sitemap={market.url}/sitemap.xml", "-a", "max_pages=12")
    (shop,) = crawl.coverage().values()
    assert (shop.seen, shop.stored, shop.failed) == (12, 12, 0), crawl.log
    crawl.run("shop", "-a", f"start={market.url}/shop/s19")
    (shop,) = crawl.coverage().values()
    assert shop.stored + shop.unchanged == shop.seen == 1, crawl.log


def test_scrapys_own_commands_work_from_the_checkout(market):
    root = Path(__file__).parents[2]

    def scrapy(*arguments):
        command = [sys.executable, "-P", "-m", "scrapy", *arguments]
        return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)

    assert {"practice", "shop", "ebay"} <= set(scrapy("list").stdout.split())
    shown = scrapy("shell", "--nolog", "-c", "response.css('h1::text').get()", f"{market.url}/item/g030.html")
    assert market.market.catalogue.goods["g030"].title in shown.stdout, shown.stderr
    refused = scrapy("shell", "-c", "response", "http://shop.example.invalid/")
    assert "GIMONITOR_CONTACT" in refused.stderr and "Traceback" not in refused.stderr, refused.stderr
