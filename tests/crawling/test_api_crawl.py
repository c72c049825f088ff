"""Whole crawls of API clients: budget, paging, refusals and tokens; what each client sends and reads is in test_api_contract."""

import gzip
import json
import os

import pytest

from gimonitor.practice.apis import PATHS
from gimonitor.practice.desk import KEY, SECRET, TOKEN, ApiFault
from gimonitor.store import runs
from gimonitor.vault import write_vault

PLATFORMS = {
    "taobao_union": "tmall", "taobao_upgrade": "tmall", "jd_union": "jd", "pdd_ddk": "pinduoduo", "ebay": "ebay",
    "kuaishou_cps": "kuaishou", "aliexpress_affiliate": "aliexpress", "alibaba_1688": "1688",
}  # fmt: skip


def ask(crawl, market, name, *queries, secret=SECRET, key=KEY, token=TOKEN, calls=1000):
    extra = '{adzone_id = "1", pid = "2"}'
    keys = (
        f'[{name}]\nkey = "{key}"\nsecret = "{secret}"\nendpoint = "{market.url}{PATHS[name]}"\n'
        f'token = "{token}"\ndaily_calls = {calls}\nextra = {extra}\n'
    )
    write_vault(crawl.folder, keys, os.environ)
    return crawl.run(name, "-a", "query=" + ",".join(queries)).coverage()


def left_of(crawl, name):
    records = [json.loads(path.read_text()) for path in (crawl.folder).rglob(f"budget-{name}*")]
    return 1000 - max(record["used"] for record in records)


def always_too_fast(desk, name, refuse):
    desk.calls[name] += 1
    raise refuse("limit")


@pytest.mark.parametrize("name", ["taobao_upgrade", "ebay", "kuaishou_cps", "alibaba_1688"])
def test_goods_are_found_read_and_stored_and_no_secret_is_kept(crawl, market, name):
    from sqlalchemy import text

    coverage = ask(crawl, market, name, "五常大米", "没有这种东西")
    rice, nothing = coverage["五常大米"], coverage["没有这种东西"]
    total = None if name == "kuaishou_cps" else 28  # which tells no total
    assert (rice.announced, rice.seen, rice.stored, rice.cut_off, rice.blocked) == (total, 28, 28, False, None), (
        crawl.log
    )
    assert (nothing.announced, nothing.seen, nothing.pages_answered) == (0, 0, 1)
    rows = crawl.read(lambda c: c.execute(text("select platform, item_id, title from listings")).all())
    assert {row.platform for row in rows} == {PLATFORMS[name]} and len(rows) == 28
    assert any("稻香源五常大米" in row.title for row in rows)
    bias = crawl.read(runs.latest_runs)[0].config["bias"]
    assert bias == {} if name == "ebay" else "不是全部在售商品" in bias[name]
    assert crawl.run_state() == "ok"
    sealed = b"".join(gzip.decompress(path.read_bytes()) for path in (crawl.folder / "warc").rglob("*.gz"))
    for secret in (SECRET, TOKEN, "Bearer"):
        assert secret not in crawl.log and secret.encode() not in sealed
    assert (b"access_token=***" in sealed) == (name in ("kuaishou_cps", "alibaba_1688"))


def test_a_source_whose_fields_were_renamed_is_not_ok(crawl, market):
    market.market.desk.fault = ApiFault.RENAMED
    rice = ask(crawl, market, "kuaishou_cps", "五常大米")["五常大米"]
    assert (rice.seen, rice.rejected, rice.unread, rice.stored) == (28, 28, 1, 0), crawl.log
    assert rice.example and "no_title" in rice.example.why and (crawl.folder / "warc" / rice.example.file).is_file()
    assert crawl.run_state() == "partial"


def test_our_own_budget_stops_before_asking(crawl, market):
    coverage = ask(crawl, market, "jd_union", "五常大米", "西湖龙井", calls=1)
    assert coverage["五常大米"].seen == 28
    skipped = coverage["西湖龙井"]
    assert (skipped.pages_asked, skipped.cut_off, skipped.over_budget) == (0, True, 1) and "used up" in skipped.detail
    assert market.market.desk.calls["jd"] == 1


def test_the_end_of_the_platforms_quota_ends_the_source_for_the_day(crawl, market):
    market.market.desk.fault = ApiFault.QUOTA
    first = ask(crawl, market, "ebay", "五常大米", "西湖龙井", "沁州黄小米")
    assert {record.blocked for record in first.values()} == {"rate_limit"}, crawl.log
    assert market.market.desk.calls["ebay"] <= 3  # status 429 is not asked again
    market.market.desk.fault = None
    again = crawl.run("ebay", "-a", "query=五常大米").coverage()["五常大米"]
    assert (again.pages_asked, again.over_budget) == (0, 1) and "used up" in again.detail


@pytest.mark.parametrize("name", ["pdd_ddk", "aliexpress_affiliate", "kuaishou_cps", "alibaba_1688", "taobao_union"])
def test_calls_that_came_too_fast_are_made_again_and_no_day_is_spent(crawl, market, name):
    market.market.desk.fault = ApiFault.FREQUENCY
    found = ask(crawl, market, name, "五常大米")["五常大米"]
    assert (found.pages_asked, found.pages_answered, found.seen, found.blocked) == (1, 1, 28, None), crawl.log
    assert left_of(crawl, name) == 998 and sum(market.market.desk.calls.values()) == 2
    assert crawl.run_state() == "ok"


def test_a_ban_of_hours_ends_the_day_of_the_key(crawl, market):
    market.market.desk.fault = ApiFault.QUOTA  # "This ban will last 36000 more seconds"
    first = ask(crawl, market, "aliexpress_affiliate", "五常大米", "西湖龙井")
    assert {record.blocked for record in first.values()} == {"rate_limit"}, crawl.log
    market.market.desk.fault = None
    again = crawl.run("aliexpress_affiliate", "-a", "query=五常大米").coverage()["五常大米"]
    assert (again.pages_asked, again.over_budget) == (0, 1) and "used up" in again.detail


def test_calls_that_are_always_too_fast_end_the_source_after_a_few(crawl, market, monkeypatch):
    desk = market.market.desk
    monkeypatch.setattr(type(desk), "count", always_too_fast)
    first = ask(crawl, market, "pdd_ddk", "五常大米", "西湖龙井")
    assert {record.blocked for record in first.values()} == {"rate_limit"}, crawl.log
    assert first["五常大米"].pages_asked == 1 and 4 <= desk.calls["pinduoduo"] <= 8, "four times a page, of two at most"
    assert left_of(crawl, "pdd_ddk") >= 992


@pytest.mark.parametrize("odd", ["broken", "empty_later", "down"])
def test_odd_answers_are_recorded_and_never_fatal(crawl, market, odd):
    market.market.desk.fault = ApiFault(odd)
    found = ask(crawl, market, "jd_union", "5")["5"]
    if odd == "down":
        assert found.blocked == "unavailable"
    elif odd == "empty_later":
        assert (found.pages_asked, found.pages_answered, found.seen, found.cut_off) == (2, 2, 30, True), crawl.log
    else:
        assert found.seen == 0 and found.pages_answered < found.pages_asked and found.detail
    assert crawl.code == 0 and "Traceback" not in crawl.log


def test_paging_until_the_end(crawl, market):
    many = ask(crawl, market, "jd_union", "5")["5"]
    assert many.announced == many.seen == many.stored > 60 and not many.cut_off, crawl.log
    assert many.pages_asked == -(-many.announced // 30) == market.market.desk.calls["jd"]


def test_a_refused_token_is_a_refusal_of_the_source(crawl, market):
    assert ask(crawl, market, "kuaishou_cps", "五常大米", token="worn-out")["五常大米"].blocked == "login", crawl.log
    assert crawl.run_state() == "blocked" and "worn-out" not in crawl.log


def test_a_token_that_expires_in_the_middle_is_renewed(crawl, market):
    """eBay's token is good for two calls; five queries need three tokens, and each page counts once."""
    market.market.desk.token_calls = 2
    queries = ("五常大米", "西湖龙井", "平遥牛肉", "新会陈皮", "安吉白茶")
    coverage = ask(crawl, market, "ebay", *queries)
    assert {q: (c.pages_asked, c.pages_answered, c.blocked) for q, c in coverage.items()} == dict.fromkeys(queries, (1, 1, None)), crawl.log  # fmt: skip
    assert coverage["五常大米"].stored == 28 and len(market.market.desk.tokens) >= 3
    assert crawl.run_state() == "ok"


def test_without_a_key_nothing_is_asked(crawl, market):
    crawl.run("jd_union", "-a", "query=五常大米")
    assert "your own API key" in crawl.log and "nothing was asked" in crawl.log
