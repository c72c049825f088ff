"""Contract of each API client with a server that checks signature, time, key, token, quota and page size: one request and its
answer, without the crawl around it."""

import json
import re
import urllib.error
import urllib.request
from datetime import UTC, datetime

import pytest
from scrapy.exceptions import CloseSpider
from scrapy.http import Request, Response, TextResponse

from gimonitor.crawling.keys import ApiKey
from gimonitor.errors import BlockedError, InputError
from gimonitor.parsing import parse_page
from gimonitor.practice.desk import KEY, SECRET, TOKEN, ApiFault
from gimonitor.practice.server import running_practice
from spiders.alibaba_1688 import Alibaba1688Spider
from spiders.aliexpress_affiliate import AliexpressAffiliateSpider
from spiders.ebay import EbaySpider
from spiders.jd_union import JdUnionSpider
from spiders.kuaishou_cps import KuaishouCpsSpider
from spiders.pdd_ddk import PddDdkSpider
from spiders.taobao_union import TaobaoUnionSpider
from spiders.taobao_upgrade import TaobaoUpgradeSpider

SPIDERS = {
    TaobaoUnionSpider: "taobao", TaobaoUpgradeSpider: "taobao", JdUnionSpider: "jd", PddDdkSpider: "pdd", EbaySpider: "ebay",
    KuaishouCpsSpider: "kuaishou", AliexpressAffiliateSpider: "aliexpress", Alibaba1688Spider: "1688",
}  # fmt: skip
SIGNED = [spider for spider in SPIDERS if spider is not EbaySpider]
WITH_TOKEN = [KuaishouCpsSpider, Alibaba1688Spider]
NO_TOTAL = KuaishouCpsSpider
NO_SHOP = Alibaba1688Spider


def name_of(spider):
    return spider.name


@pytest.fixture(scope="module")
def server():
    with running_practice() as running:
        yield running


@pytest.fixture
def desk(server):
    desk = server.market.desk
    desk.calls.clear()
    yield desk
    desk.fault, desk.quota, desk.token, desk.token_seconds = None, 5000, TOKEN, 7200


def client(spider, server, **changed):
    made = spider(query="五常大米")
    values = {"key": KEY, "secret": SECRET, "token": TOKEN, "extra": {"adzone_id": "1", "pid": "2"}}
    made._key = ApiKey(**values | {"endpoint": f"{server.url}/apis/{SPIDERS[spider]}"} | changed)
    return made


def send(made, query="五常大米", page=1):
    if isinstance(made, EbaySpider) and not made._token:
        request = made._ask_token(None)
        status, _, body = fetch(
            request.url, request.body, {k.decode(): v[0].decode() for k, v in request.headers.items()}
        )
        made._token = json.loads(body).get("access_token", "") if status == 200 else "none"
    call = made.call(query, page)
    body = call.get("body")
    status, kind, answer = fetch(call["url"], body.encode() if body else None, call["headers"])
    request = Request(call["url"])
    return made.read(Response(call["url"], status, headers={"Content-Type": kind}, body=answer, request=request))


def fetch(url, body, headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=10) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], error.read()


@pytest.mark.parametrize("spider", SPIDERS, ids=name_of)
def test_a_page_of_goods(spider, server, desk):
    parsed = send(client(spider, server))
    assert parsed.announced == (None if spider is NO_TOTAL else 28) and len(parsed.listings) == 28
    good = next(one for one in parsed.listings if "稻香源五常大米" in one.title)
    assert good.item_id and good.price_fen and good.image_urls and good.parser == parsed.parser
    assert (good.shop is None) == (spider is NO_SHOP)
    assert SECRET not in repr(client(spider, server).call("米", 1))


@pytest.mark.parametrize("spider", SPIDERS, ids=name_of)
def test_nothing_found_is_an_answer(spider, server, desk):
    parsed = send(client(spider, server), "没有这种东西")
    assert (parsed.announced, parsed.listings) == (0, ()) and parsed.parser


@pytest.mark.parametrize("spider", SPIDERS, ids=name_of)
def test_an_empty_page(spider, server, desk):
    desk.fault = ApiFault.EMPTY
    assert send(client(spider, server)).listings == ()


@pytest.mark.parametrize("spider", SPIDERS, ids=name_of)
@pytest.mark.parametrize("changed", [{"secret": "wrong"}, {"key": "wrong"}], ids=str)
def test_a_wrong_signature_or_key_is_a_refusal(spider, server, desk, changed):
    if spider is Alibaba1688Spider and "key" in changed:
        changed = {"secret": "wrong too"}  # its key stands in the path: another key is another address
    with pytest.raises(BlockedError) as raised:
        send(client(spider, server, **changed))
    assert raised.value.kind in ("forbidden", "login") and not desk.calls


@pytest.mark.parametrize("spider", SPIDERS, ids=name_of)
def test_the_server_can_be_told_to_find_each_signature_wrong(spider, server, desk):
    desk.fault = ApiFault.SIGNATURE
    with pytest.raises(BlockedError) as raised:
        send(client(spider, server))
    assert raised.value.kind in ("forbidden", "login") and not desk.calls


@pytest.mark.parametrize("spider", SIGNED, ids=name_of)
def test_every_parameter_is_under_the_signature(spider, server, desk, monkeypatch):
    made = client(spider, server)
    call = made.call("五常大米", 1)
    monkeypatch.setattr(made, "call", lambda query, page: call | {"body": call["body"] + "&sneaked=1"})
    with pytest.raises(BlockedError):
        send(made)


@pytest.mark.parametrize("spider", WITH_TOKEN, ids=name_of)
def test_an_expired_token_asks_for_a_login(spider, server, desk):
    desk.fault = ApiFault.TOKEN
    with pytest.raises(BlockedError) as raised:
        send(client(spider, server))
    assert raised.value.kind == "login" and re.search(r"^the access|\w \(the access", raised.value.detail), (
        raised.value.detail
    )
    assert raised.value.detail.rstrip(")").endswith("then: gimonitor secrets edit")


def test_an_expired_token_of_ebay_asks_for_a_login(server, desk):
    desk.fault = ApiFault.TOKEN
    with pytest.raises(BlockedError) as raised:
        send(client(EbaySpider, server))
    assert raised.value.kind == "login"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, b'{"error": "invalid_client", "error_description": "client authentication failed"}', "login"),
        (503, b"", "unavailable"), (200, b"<html>hello</html>", "unavailable"), (200, b'{"access', "unavailable"), (429, b"{}", "rate_limit"),
    ],
)  # fmt: skip
def test_no_token_of_ebay_says_what_was_answered(server, status, body, kind):
    made = client(EbaySpider, server)
    with pytest.raises(CloseSpider):
        list(made.receive_token(TextResponse("https://api.example/token", status=status, body=body), None))
    made.close_ledger("blocked")
    (record,) = made.ledger.coverage(1, "ebay", datetime(2026, 1, 1, tzinfo=UTC))[:1]
    assert record.blocked == kind and f"status {status}" in record.detail
    assert ("client authentication failed" in record.detail) == (status == 401)


@pytest.mark.parametrize("spider", SPIDERS, ids=name_of)
def test_the_quota_of_the_platform_is_a_limit(spider, server, desk):
    desk.quota = 0
    with pytest.raises(BlockedError) as raised:
        send(client(spider, server))
    assert raised.value.kind == "rate_limit"


@pytest.mark.parametrize("spider", SPIDERS, ids=name_of)
def test_changed_types_are_read_all_the_same(spider, server, desk):
    first = send(client(spider, server)).listings
    desk.fault = ApiFault.TYPES
    changed = send(client(spider, server)).listings
    assert [one.item_id for one in changed] == [one.item_id for one in first]
    assert [one.price_fen for one in changed] == [one.price_fen for one in first]
    assert [one.sales for one in changed] == [one.sales for one in first]


@pytest.mark.parametrize("spider", SPIDERS, ids=name_of)
def test_a_field_under_another_name_leaves_it_empty(spider, server, desk):
    desk.fault = ApiFault.RENAMED
    assert {one.title for one in send(client(spider, server)).listings} == {
        ""
    }  # the pipeline rejects them with a reason


@pytest.mark.parametrize("spider", SPIDERS, ids=name_of)
@pytest.mark.parametrize(("odd", "kind"), [("down", "unavailable"), ("broken", ""), ("html", "")])
def test_what_is_no_json_of_theirs(spider, server, desk, odd, kind):
    made = client(spider, server)
    if isinstance(made, EbaySpider):
        send(made)
    desk.fault = ApiFault(odd)
    if kind:
        with pytest.raises(BlockedError) as raised:
            send(made)
        assert raised.value.kind == kind
    elif odd == "broken":
        with pytest.raises(InputError):
            send(made)
    else:
        assert send(made).parser == ""


@pytest.mark.parametrize(
    ("platform", "body", "kind"),
    [
        ("aliexpress", {"type": "ISV", "code": "IllegalAccessToken", "message": "The specified access token is invalid or expired"}, "login"),
        ("aliexpress", {"type": "ISP", "code": "InvalidApiPath", "message": "The specified API path is invalid"}, "forbidden"),
        ("aliexpress", {"aliexpress_affiliate_product_query_response": {"resp_result": {"resp_code": 402, "resp_msg": "Param error"}}}, "forbidden"),
        ("1688", {"error_code": "gw.APIACLDecline", "error_message": "AppKey is not allowed(acl)"}, "forbidden"),
        ("1688", {"errorCode": "gw.APIUnsupported", "errorMessage": "API unsupported"}, "forbidden"),
        ("1688", {"result": {"success": False, "code": "500", "message": "system error"}}, "forbidden"),
        ("kuaishou", {"result": 21, "error_msg": "无权限"}, "forbidden"),
        ("taobao", {"error_response": {"code": 11, "msg": "Insufficient isv permissions", "sub_code": "isv.permission-api-package-limit"}}, "forbidden"),
    ],
)  # fmt: skip
def test_errors_as_public_clients_report_them(platform, body, kind):
    with pytest.raises(BlockedError) as raised:
        parse_page(json.dumps(body).encode(), "https://api.example/", "application/json", platform)
    assert raised.value.kind == kind and raised.value.detail


def test_an_empty_answer_of_aliexpress_is_nothing_found():
    body = {
        "aliexpress_affiliate_product_query_response": {
            "resp_result": {"resp_code": 405, "resp_msg": "The result is empty"}
        }
    }
    assert parse_page(json.dumps(body).encode(), "https://api.example/", "application/json").announced == 0
