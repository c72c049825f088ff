"""Each API client against a server that checks signature, time, key, quota and page size: in order, and in every disorder."""

import gzip

import pytest

from gimonitor.practice.apis import KEY, SECRET

PATHS = {"taobao_union": "taobao", "jd_union": "jd", "pdd_ddk": "pdd", "ebay": "ebay"}
PLATFORMS = {"taobao_union": {"tmall"}, "jd_union": {"jd"}, "pdd_ddk": {"pinduoduo"}, "ebay": {"ebay"}}


def ask(crawl, market, name, *queries, secret=SECRET, key=KEY, calls=1000):
    path = crawl.folder / "keys.toml"
    extra = '{adzone_id = "1", pid = "2"}'
    path.write_text(
        f'[{name}]\nkey = "{key}"\nsecret = "{secret}"\nendpoint = "{market.url}/apis/{PATHS[name]}"\n'
        f"daily_calls = {calls}\nextra = {extra}\n"
    )
    path.chmod(0o600)
    return crawl.run(name, "-a", "query=" + ",".join(queries)).coverage()


@pytest.mark.parametrize("name", PATHS)
def test_goods_are_found_read_and_stored(crawl, market, name):
    from sqlalchemy import text

    coverage = ask(crawl, market, name, "五常大米", "没有这种东西")
    rice, nothing = coverage["五常大米"], coverage["没有这种东西"]
    assert (rice.announced, rice.seen, rice.stored, rice.cut_off, rice.blocked) == (28, 28, 28, False, None), crawl.log
    assert (nothing.announced, nothing.seen, nothing.pages_answered) == (0, 0, 1)
    rows = crawl.read(lambda c: c.execute(text("select platform, item_id, title from listings")).all())
    assert {row.platform for row in rows} == PLATFORMS[name] and len(rows) == 28
    assert any("稻香源五常大米" in row.title for row in rows)
    if name != "ebay":
        assert "不是全部在售商品" in rice.detail
    assert crawl.run_state() == "ok"
    assert SECRET not in crawl.log


@pytest.mark.parametrize("name", PATHS)
def test_a_wrong_secret_or_key_is_a_refusal(crawl, market, name):
    coverage = ask(crawl, market, name, "五常大米", secret="wrong")
    assert coverage["五常大米"].blocked in ("forbidden", "login"), crawl.log
    assert coverage["五常大米"].seen == 0 and crawl.run_state() in ("partial", "blocked")


@pytest.mark.parametrize("name", PATHS)
def test_a_quota_of_the_platform_is_a_limit(crawl, market, name):
    market.market.desk.quota = 0
    assert ask(crawl, market, name, "五常大米")["五常大米"].blocked == "rate_limit", crawl.log


def test_our_own_budget_stops_before_asking(crawl, market):
    coverage = ask(crawl, market, "jd_union", "五常大米", "西湖龙井", calls=1)
    assert coverage["五常大米"].seen == 28
    skipped = coverage["西湖龙井"]
    assert (skipped.pages_asked, skipped.cut_off) == (0, True) and "used up" in skipped.detail
    assert market.market.desk.calls["jd"] == 1


ODD = [(name, "types") for name in PATHS] + [("taobao_union", "broken"), ("pdd_ddk", "broken")]
ODD += [("jd_union", odd) for odd in ("broken", "html", "empty", "down")]


@pytest.mark.parametrize(("name", "odd"), ODD)
def test_odd_answers_are_recorded_and_never_fatal(crawl, market, name, odd):
    market.market.desk.odd = odd
    rice = ask(crawl, market, name, "五常大米")["五常大米"]
    if odd == "types":
        assert rice.stored == 28, crawl.log
    elif odd == "empty":
        assert (rice.announced, rice.seen, rice.blocked) == (0, 0, None)
    elif odd == "down":
        assert rice.blocked == "unavailable"
    else:
        assert rice.seen == 0 and rice.pages_answered < rice.pages_asked and rice.detail
    assert crawl.code == 0 and "Traceback" not in crawl.log


def test_paging_until_the_end(crawl, market):
    many = ask(crawl, market, "jd_union", "5")["5"]
    assert many.announced == many.seen == many.stored > 60 and not many.cut_off, crawl.log
    assert many.pages_asked == -(-many.announced // 30) == market.market.desk.calls["jd"]


def test_expired_token_is_a_refusal(crawl, market):
    market.market.desk.token_seconds = -1
    assert ask(crawl, market, "ebay", "五常大米")["五常大米"].blocked == "login"
    sealed = b"".join(p.read_bytes() for p in (crawl.folder / "warc").rglob("*.gz"))
    assert b"access_token" not in gzip.decompress(sealed) and b"Bearer" not in gzip.decompress(sealed)


def test_without_a_key_nothing_is_asked(crawl, market):
    crawl.run("jd_union", "-a", "query=五常大米")
    assert "your own API key" in crawl.log and "nothing was asked" in crawl.log
