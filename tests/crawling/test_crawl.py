"""Whole crawls in their own process: practice marketplace in, records, seals and leads out."""

import re
import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from sqlalchemy import text

from gimonitor.evidence.seal import read_sealed
from gimonitor.evidence.sealed import Sealed
from gimonitor.model.run import Coverage
from gimonitor.practice.server import running_practice
from gimonitor.store.tasks import list_tasks


def asked(market, path="/"):
    return [unquote(p) for _, p, _ in market.market.log if p.startswith(path)]


def crawl_queries(crawl, market, *queries, **kwargs):
    return crawl.run("practice", "-a", f"base={market.url}", "-a", "query=" + ",".join(queries), **kwargs)


FIRST = ("平遥牛肉", "不存在的XYZ", "需要登录", "五常大米", "禁止访问", "清徐葡萄", "访问过快", "正在维护")


@pytest.fixture(scope="module")
def night(tmp_path_factory, new_crawl):
    """Three crawls of one marketplace into one store, and what was in it after each: the first of everything; the next day's,
    in which a good vanishes between the results and its page; the one after that, with a new price and the good back."""
    crawl = new_crawl(tmp_path_factory.mktemp("night"))
    with running_practice() as market:
        whole = market.market.catalogue
        crawl_queries(crawl, market, *FIRST, env={"GIMONITOR_CONTACT": "gi@example.invalid"})
        first = taken(crawl, market)
        without = replace(whole, goods={name: good for name, good in whole.goods.items() if name != "g106"})
        market.market.hold = lambda path: "/item/" in path and setattr(market.market, "catalogue", without)
        crawl_queries(crawl, market, "平遥牛肉")
        second = taken(crawl, market)
        market.market.hold, market.market.catalogue, market.market.day = lambda path: None, whole, 2
        crawl_queries(crawl, market, "平遥牛肉")
        return first, second, taken(crawl, market)


@dataclass(frozen=True)
class Taken:
    """What a crawl left: the crawl's own records, the rows of the store, and what the marketplace was asked so far."""

    folder: Path
    log: str
    coverage: dict[str, Coverage]
    run_state: str
    slice_state: str
    listings: dict[str, Any]
    captures: list[Any]
    leads: int
    asked: list[tuple[float, str, str]]


def taken(crawl, market):
    def rows(c, query):
        return c.execute(text(query)).mappings().all()

    stored = crawl.read(lambda c: rows(c, "select item_id, title, platform, gone_at from listings order by item_id"))
    return Taken(
        folder=crawl.folder,
        log=crawl.log,
        coverage=crawl.coverage(),
        run_state=crawl.run_state(),
        slice_state=crawl.slice_state(),
        listings={row["item_id"]: row for row in stored},
        captures=crawl.read(lambda c: rows(c, "select * from captures")),
        leads=crawl.read(lambda c: c.execute(text("select count(*) from leads")).scalar()),
        asked=list(market.market.log),
    )


def sealed_body(folder, place):
    """The body of a sealed response, whose place a record tells."""
    names = ("file", "offset", "length", "sha256", "url")
    return read_sealed(folder / "warc", Sealed(**{name: place[name] for name in names}, at=datetime.now(UTC)))


def test_a_whole_crawl_is_recorded_and_screened(night):
    first = night[0]
    beef, nothing = first.coverage["平遥牛肉"], first.coverage["不存在的XYZ"]
    assert (beef.pages_asked, beef.pages_answered, beef.announced, beef.seen, beef.stored) == (5, 5, 4, 4, 4), first.log
    assert not beef.cut_off and beef.blocked is None
    assert (nothing.pages_answered, nothing.announced, nothing.seen, nothing.blocked) == (1, 0, 0, None)
    assert "no exact match" in nothing.detail
    assert (first.run_state, first.slice_state) == ("partial", "done")
    assert {"g104", "g105", "g106", "g107"} <= first.listings.keys()
    assert {row["platform"] for row in first.listings.values()} == {"practice"}
    assert first.leads >= 2


def test_what_was_sealed_is_what_was_sent(night):
    captures = [row for row in night[0].captures if re.search(r"/item/g10[4-7]\.html$", row["url"])]
    assert len(captures) == 4
    for row in captures:
        read = sealed_body(night[0].folder, row)
        assert (read.status, read.ip, read.url) == (200, "127.0.0.1", row["url"]) and "平遥".encode() in read.body


def test_the_same_crawl_again_adds_nothing(night):
    first, second, _ = night
    beef = second.coverage["平遥牛肉"]
    assert (beef.seen, beef.stored, beef.unchanged) == (3, 0, 3), second.log
    assert (second.run_state, second.slice_state) == ("ok", "done")
    assert second.listings.keys() == first.listings.keys() and second.leads == first.leads


def test_a_good_whose_page_is_gone_is_noted_until_it_is_back(night):
    first, second, third = night
    assert "gone: " in second.coverage["平遥牛肉"].detail and "g106" in second.coverage["平遥牛肉"].detail
    assert second.coverage["平遥牛肉"].failed == 0, "a good that is gone is no loss of ours"
    gone = [{name for name, row in one.listings.items() if row["gone_at"]} for one in (first, second, third)]
    assert gone == [set(), {"g106"}, set()]


def test_a_changed_price_is_a_new_version(night):
    beef = night[2].coverage["平遥牛肉"]
    assert (beef.seen, beef.stored, beef.unchanged) == (4, 1, 3)


def test_paging_stops_at_the_cap_and_says_so(night):
    rice = night[0].coverage["五常大米"]
    assert (rice.announced, rice.seen, rice.cut_off) == (28, 24, True)


def test_busy_and_limited_pages_are_waited_for(night):
    coverage = night[0].coverage
    assert coverage["清徐葡萄"].seen == coverage["清徐葡萄"].stored == 3, night[0].log
    assert coverage["访问过快"].pages_answered == 1
    for query in ("访问过快", "清徐葡萄"):
        first, second = [when for when, path, _ in night[0].asked if unquote(path) == f"/search?q={query}"]
        assert second - first >= 1.0, "Retry-After: 1 was not obeyed"


def test_refusals_are_recorded_and_the_rest_goes_on(night):
    coverage, down = night[0].coverage, night[0].coverage["正在维护"]
    assert coverage["需要登录"].blocked == "login" and coverage["禁止访问"].blocked == "forbidden"
    assert (down.blocked, down.pages_asked, down.pages_answered) == ("unavailable", 1, 0)
    for query, shown in (("需要登录", "登录"), ("禁止访问", "您没有权限访问"), ("正在维护", "系统维护中")):
        example = coverage[query].example
        assert shown in sealed_body(night[0].folder, asdict(example)).body.decode(), query


def test_a_task_names_the_page_that_was_wanted_and_not_the_login_it_was_led_to(crawl, market):
    crawl_queries(crawl, market, "需要登录")
    (task,) = crawl.read(list_tasks)
    assert "/login" not in task.url and unquote(task.url).endswith("/search?q=需要登录"), task.url


def test_every_request_names_us(night):
    agents = {agent for _, _, agent in night[0].asked}
    assert len(agents) == 1 and "gimonitor/" in agents.pop()
    assert "/robots.txt" in [path for _, path, _ in night[0].asked]


def test_an_answer_that_nobody_can_read_is_kept_as_an_example(crawl, market):
    crawl.run("link", "-a", f"query={market.url}/,{market.url}/item/g104.html")
    home, beef = crawl.coverage()[f"{market.url}/"], crawl.coverage()[f"{market.url}/item/g104.html"]
    assert (home.unread, home.seen, home.failed, home.stored) == (1, 1, 1, 0), crawl.log
    assert (beef.unread, beef.stored, beef.example) == (0, 1, None)
    assert home.example.why == f"no listing: {market.url}/"
    assert "演练市场".encode() in sealed_body(crawl.folder, asdict(home.example)).body
    assert crawl.slice_state() == "failed", "not all that was found is stored"


def test_a_challenge_stops_the_source_and_is_never_nothing(crawl, market):
    crawl_queries(crawl, market, "需要验证", "西湖龙井", "五常大米", "平遥牛肉")
    coverage = crawl.coverage()
    assert {query: c.blocked for query, c in coverage.items()} == dict.fromkeys(coverage, "challenge")
    assert (crawl.run_state(), crawl.slice_state()) == ("blocked", "blocked")
    assert "not asked: the source had refused" in coverage["平遥牛肉"].detail
    assert sum(c.seen for c in coverage.values()) == sum(c.stored for c in coverage.values())
    (task,) = crawl.read(list_tasks)
    assert (task.source, task.platform, task.reason, task.is_open) == ("practice", "practice", "challenge", True)
    example = coverage["需要验证"].example
    assert example.why == "challenge" and b"captcha" in sealed_body(crawl.folder, asdict(example)).body
    assert set(task.queries) == set(coverage) and task.url.startswith(f"{market.url}/search")
    later = max(when for when, path, _ in market.market.log)
    challenged = next(when for when, path, _ in market.market.log if unquote(path) == "/search?q=需要验证")
    assert later - challenged < 3, "the source was asked long after it had refused"


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


def test_a_shop_without_an_address_says_how_to_start(crawl):
    crawl.run("shop")
    assert "-a start=https://shop.example/" in crawl.log and "nothing was asked" in crawl.log
    assert crawl.code == 0 and "Traceback" not in crawl.log


@pytest.mark.browser
def test_pages_made_by_a_script_are_rendered(crawl, market):
    crawl_queries(crawl, market, "霍山石斛")
    herb = crawl.coverage()["霍山石斛"]
    assert (herb.pages_asked, herb.pages_answered, herb.seen, herb.stored) == (2, 2, 1, 1), crawl.log
    assert {agent for _, path, agent in market.market.log if path.startswith("/api/")} == {
        agent for _, path, agent in market.market.log if path == "/robots.txt"
    }


def test_a_shop_is_read_from_its_sitemap_and_from_a_start_page(crawl, market):
    start, sitemap = f"{market.url}/shop/s19", f"{market.url}/sitemap.xml"
    shop = crawl.run("shop", "-a", f"start={start}").coverage()[start]
    goods = crawl.run("shop", "-a", f"sitemap={sitemap}", "-a", "max_pages=12").coverage()[sitemap]
    assert shop.stored + shop.unchanged == shop.seen == 1, crawl.log
    assert goods.stored + goods.unchanged == goods.seen > 5 and goods.failed == 0, crawl.log


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
