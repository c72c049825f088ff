"""What is no answer is told apart from what is one."""

import pytest

from gimonitor.errors import BlockedError
from gimonitor.model.run import BlockKind
from gimonitor.parsing import classify, parse_page
from gimonitor.parsing.platform import load_platforms, platform_of
from gimonitor.practice import pages
from gimonitor.practice.catalogue import load_catalogue

CATALOGUE = load_catalogue()
SHELL = "<!DOCTYPE html><html><head><title>x</title></head><body><div id=root></div><script>go()</script></body></html>"
TOLD = SHELL.replace("<title>", '<meta property="og:title" content="五常米店"><title>')
NAMING = SHELL.replace("go()", 'data.type = "application/ld+json"; data.text = JSON.stringify({"@type": "Product"})')
OWNER = SHELL.replace("<title>", '<script type="application/ld+json">{"@type":"Organization"}</script><title>')
FORM = '<form><input name="u"><input class="p" type="password" name="p"></form>'
NOTICE = "<html><head><title>{}</title></head><body><p>{}</p></body></html>"


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, "login"), (403, "forbidden"), (429, "rate_limit"), (500, "unavailable"), (503, "unavailable"), (404, None)],
)
def test_by_status(status, kind):
    assert classify("<html><body>x</body></html>", status=status) == kind


@pytest.mark.parametrize(
    ("text", "url", "platform", "kind"),
    [
        (pages.login_page(), "http://127.0.0.1/login?from=/x", "practice", "login"),
        (pages.challenge_page(), "http://127.0.0.1/search", "practice", "challenge"),
        (pages.search_page(CATALOGUE, "没有XYZ", 1, 1), "http://127.0.0.1/search", "practice", "fuzzy"),
        (pages.shell_page(CATALOGUE.goods["g185"]), "http://127.0.0.1/item/g185.html", "practice", "empty_shell"),
        (SHELL, "https://shop.example/", "", "empty_shell"),
        (TOLD, "https://shop.example/", "", "empty_shell"),
        (NAMING, "https://shop.example/", "", "empty_shell"),
        (OWNER, "https://shop.example/", "", "empty_shell"),
        (
            '{"ret":["FAIL_SYS_USER_VALIDATE","RGV587_ERROR::SM::哎哟喂,被挤爆啦,请稍后重试"]}',
            "",
            "taobao",
            "challenge",
        ),
        ('{"error_code":54001,"error_msg":""}', "", "pinduoduo", "challenge"),
        ("<html></html>", "https://login.taobao.com/member/login.jhtml", "taobao", "login"),
        ("<html></html>", "https://passport.jd.com/new/login.aspx", "jd", "login"),
        ('{"error":90309999,"is_customized":false}', "https://shopee.tw/api/v4/search", "shopee", "challenge"),
        (
            NOTICE.format("Alibaba", "unusual traffic from your network"),
            "https://www.alibaba.com/",
            "alibaba",
            "challenge",
        ),
        ("<html></html>", "https://www.alibaba.com/punish?x5secdata=1", "alibaba", "challenge"),
        (NOTICE.format("淘宝网 - 淘！我喜欢", FORM), "https://s.taobao.com/search?q=x", "taobao", "login"),
        (NOTICE.format("Robot Check", "Enter the characters"), "https://www.amazon.com/s", "amazon", "challenge"),
        (NOTICE.format("Pardon Our Interruption...", "x"), "https://www.ebay.com/sch", "ebay", "challenge"),
        (NOTICE.format("Just a moment...", ""), "https://shop.example/", "", "challenge"),
        (NOTICE.format("提示", "访问过于频繁，请稍后再试"), "https://shop.example/", "", "rate_limit"),
        (NOTICE.format("登录 - 某某商城", FORM), "https://shop.example/", "", "login"),
        (NOTICE.format("提示", "请先登录"), "https://shop.example/", "", "login"),
    ],
)
def test_no_answer(text, url, platform, kind):
    assert classify(text, url, 200, platform) == BlockKind(kind)
    with pytest.raises(BlockedError) as raised:
        parse_page(text.encode(), url, "text/html; charset=utf-8", platform)
    assert raised.value.kind == kind


@pytest.mark.parametrize(
    "stated",
    [
        '<script type="application/ld+json">{"@type":"Product","name":"茶"}</script>',
        '<div itemscope itemtype="https://schema.org/Product"><meta itemprop="name" content="茶"></div>',
    ],
)
def test_a_page_that_states_goods_is_no_shell(stated):
    text = SHELL.replace("<div", f"{stated}<div")
    assert classify(text) is None and parse_page(text.encode(), "https://shop.example/1").listings


@pytest.mark.parametrize("good", list(CATALOGUE.goods.values()), ids=lambda g: g.id)
def test_goods_pages_are_answers(good):
    text = pages.item_page(CATALOGUE, good, "http://127.0.0.1", 1)
    assert classify(text, f"http://127.0.0.1/item/{good.id}.html", 200, "practice") is None


def test_words_of_a_block_page_in_a_long_page_count_for_nothing():
    long = NOTICE.format("登录指南", "请先登录。" + "安全验证是什么？完成验证要多久？这是一篇文章。" * 200)
    assert classify(long, "https://news.example/") is None


@pytest.mark.parametrize(
    ("url", "platform"),
    [
        ("https://item.taobao.com/item.htm?id=1", "taobao"), ("https://detail.tmall.com/", "tmall"),
        ("https://item.jd.com/1.html", "jd"), ("https://mobile.yangkeduo.com/", "pinduoduo"),
        ("https://detail.1688.com/", "1688"), ("https://www.ebay.co.uk/itm/1", "ebay"),
        ("https://taobao.com.evil.example/", ""), ("https://eviltaobao.com/", ""), ("nonsense", ""), ("http://[x", ""),
    ],
)  # fmt: skip
def test_platform_by_host(url, platform):
    assert platform_of(url) == platform


def test_a_status_that_one_platform_means_its_own_way():
    assert classify("{}", "https://www.xiaohongshu.com/", 461, "xiaohongshu") is BlockKind.CHALLENGE
    assert classify("{}", "https://shop.example/", 461, "") is None


def marks():
    """Every mark of every platform: platform, kind, where it stands, the mark."""
    for platform in load_platforms().values():
        for kind, mark in platform.blocks.items():
            for place in ("status", "url", "title", "code", "text"):
                yield from ((platform.id, kind, place, value) for value in getattr(mark, place))


@pytest.mark.parametrize(("platform", "kind", "place", "value"), list(marks()))
def test_every_mark_of_the_data_tells_its_kind(platform, kind, place, value):
    url = f"https://shop.example/{value}" if place == "url" else "https://shop.example/"
    status = value if place == "status" else 200
    title, text = value if place == "title" else "x", value if place == "text" else ""
    page = NOTICE.format(title, text) + (f"<i data-x='{value}'></i>{value}" if place == "code" else "")
    assert classify(page, url, status, platform) == kind
    with pytest.raises(BlockedError):
        parse_page(page.encode(), url, "text/html; charset=utf-8", platform, status)


def test_every_platform_says_where_its_marks_were_seen():
    for platform in load_platforms().values():
        assert platform.source and platform.name


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("登录礼盒 五常大米", "五常大米"),
        ("五常大米", FORM),
        ("登录有礼 五常大米", FORM + "<div itemscope>五常大米</div>"),
    ],
)
def test_a_form_or_a_word_alone_is_no_login_page(title, body):
    assert classify(NOTICE.format(title, body), "https://shop.example/") is None


@pytest.mark.parametrize(("title", "text"), [("淘宝网 - 淘！我喜欢", "搜索"), ("五常米店", FORM)])
def test_a_platforms_name_or_a_form_alone_is_no_login(title, text):
    assert classify(NOTICE.format(title, text), "https://s.taobao.com/search?q=x", platform="taobao") is None
