"""Signing and planning, pure."""

import base64
import hashlib
import hmac
import json
import os
from datetime import UTC, date, datetime

import pytest

from gimonitor.crawling.keys import ApiKey, Budget, load_key
from gimonitor.crawling.openapi import Signature, load_apis, sign, signed_parameters
from gimonitor.crawling.records import FileRecords
from gimonitor.crawling.searchplan import VERSION, plan_queries, plan_record
from gimonitor.errors import ConfigurationError
from gimonitor.vault import write_vault

NOW = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)


PARAMETERS = {"q": "五常大米", "app_key": "k", "format": "json", "empty": ""}
JOINED = "app_keykformatjsonq五常大米"


def hmac_of(kind, text):
    return hmac.new(b"secret", text.encode(), kind).digest()


@pytest.mark.parametrize(
    ("signature", "expected"),
    [
        (Signature.WRAPPED_MD5, hashlib.md5(f"secret{JOINED}secret".encode()).hexdigest().upper()),
        (Signature.HMAC_SHA256, hmac_of("sha256", JOINED).hex().upper()),
        (Signature.PATH_HMAC_SHA1, hmac_of("sha1", "param2/1/x/k" + JOINED).hex().upper()),
        (
            Signature.PAIRS_HMAC_SHA256,
            base64.b64encode(hmac_of("sha256", "app_key=k&format=json&q=五常大米&signSecret=secret")).decode(),
        ),
    ],
)
def test_signatures_by_hand(signature, expected):
    assert sign(signature, PARAMETERS, "secret", "param2/1/x/k") == expected


@pytest.mark.parametrize("name", load_apis())
def test_every_api_says_where_it_was_read_and_what_it_leaves_out(name):
    api = load_apis()[name]
    assert api.source and "不是全部" in api.bias and api.endpoint.startswith("https://")


KEY = ApiKey(key="k", secret="s", token="t", extra={"adzone_id": "7", "pid": "8", "tracking_id": "9", "other": "no"})


def parameters_of(name, page=2):
    return signed_parameters(load_apis()[name], KEY, "米", page, NOW)


def test_parameters_of_each_shape():
    taobao, upgrade, jd, pdd = map(parameters_of, ("taobao_union", "taobao_upgrade", "jd_union", "pdd_ddk"))
    assert taobao["timestamp"] == "2026-11-22 09:02:03" and taobao["adzone_id"] == "7" and taobao["page_no"] == "2"
    assert upgrade["method"] == "taobao.tbk.dg.material.optional.upgrade" and upgrade["q"] == "米"
    assert json.loads(jd["360buy_param_json"]) == {"goodsReqDTO": {"keyword": "米", "pageIndex": 2, "pageSize": 30}}
    assert pdd["timestamp"] == str(int(NOW.timestamp())) and pdd["pid"] == "8" and "other" not in pdd
    assert all(len(p["sign"]) == 32 and "s" not in p.values() for p in (taobao, upgrade, jd, pdd))


def test_parameters_of_the_gateways():
    kuaishou, aliexpress, alibaba = map(parameters_of, ("kuaishou_cps", "aliexpress_affiliate", "alibaba_1688"))
    milliseconds = str(int(NOW.timestamp() * 1000))
    assert json.loads(kuaishou["param"]) == {"planType": 1, "keyword": "米", "pageIndex": "2", "pageSize": 100}
    assert (kuaishou["access_token"], kuaishou["timestamp"], kuaishou["appkey"]) == ("t", milliseconds, "k")
    assert aliexpress["keywords"] == "米" and aliexpress["tracking_id"] == "9" and len(aliexpress["sign"]) == 64
    assert json.loads(alibaba["offerQueryParam"]) == {
        "country": "en", "keywordTranslate": True, "keyword": "米", "beginPage": 2, "pageSize": 50,
    }  # fmt: skip
    assert set(alibaba) == {"_aop_timestamp", "access_token", "offerQueryParam", "_aop_signature"}
    assert load_apis()["alibaba_1688"].path_for(KEY).endswith("product.search.keywordQuery/k")


@pytest.mark.parametrize(
    ("name", "lacking"), [("taobao_union", "extra.adzone_id"), ("pdd_ddk", "extra.pid"), ("kuaishou_cps", "token"), ("alibaba_1688", "token")]
)  # fmt: skip
def test_what_the_key_file_lacks_is_named(name, lacking):
    with pytest.raises(ConfigurationError, match=lacking):
        load_apis()[name].check_key(name, ApiKey(key="k", secret="s"))
    load_apis()[name].check_key(name, KEY)


def test_budget_is_shared_and_daily(tmp_path):
    one, other = (Budget(FileRecords(tmp_path), "x", 3) for _ in range(2))
    day = date(2026, 11, 22)
    assert [one.spend(day), other.spend(day), one.spend(day), other.spend(day)] == [True, True, True, False]
    assert one.spend(date(2026, 11, 23))
    assert one.left(date(2026, 11, 23)) == 2
    (tmp_path / "budget-x.json").write_text("nonsense")
    assert one.spend(day)


@pytest.mark.parametrize(
    ("text", "word"),
    [(None, "own API key"), ("[y]\n", "[x]"), ("[x]\nkey='a'\n", "secret"), ("[x]\nkey='a'\nsecret='b'\nz=1\n", "z")],
)
def test_unusable_keys_are_named(tmp_path, text, word):
    if text is not None:
        write_vault(tmp_path, text, os.environ)
    with pytest.raises(ConfigurationError) as raised:
        load_key(tmp_path, "x")
    assert word in str(raised.value) and "'b'" not in str(raised.value)


def test_secrets_do_not_print(tmp_path):
    write_vault(tmp_path, "[x]\nkey='a'\nsecret='hidden'\n", os.environ)
    assert "hidden" not in repr(load_key(tmp_path, "x"))


def test_search_plan_grows_with_depth():
    from gimonitor.register import load_register

    register = load_register()
    one, two, three = (plan_queries(register, depth=depth) for depth in (1, 2, 3))
    assert one == two[: len(one)] and two == three[: len(two)] and len(one) < len(two) < len(three)
    assert len({q.text for q in three}) == len(three)
    assert "五常大米" in {q.text for q in one} and "阳澄湖蟹" in {q.text for q in two}
    latin = plan_queries(register, latin=True)
    assert latin and all(any(c.isascii() and c.isalpha() for c in q.text) for q in latin)
    abroad = {q.text: q.depth for q in plan_queries(register, depth=3, latin=True)}
    assert abroad["西湖龙井"] == abroad["西湖龍井"] == abroad["五常大米"] == 2
    assert "逍遥镇胡辣汤" not in {q.text for q in three}  # an ordinary mark


def test_a_run_keeps_what_its_plan_was():
    from gimonitor.register import load_register

    register = load_register()
    one = plan_record(register, 1, ["五常大米", "西湖龙井"])
    assert (
        one == plan_record(register, 1, ["五常大米", "西湖龙井"]) != plan_record(register, 1, ["西湖龙井", "五常大米"])
    )
    assert (one["version"], one["depth"], one["queries"], one["register"]) == (VERSION, 1, 2, register.digest)
