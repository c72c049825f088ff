"""Signing and planning, pure."""

import hashlib
import json
from datetime import UTC, date, datetime

import pytest

from gimonitor.crawling.keys import Budget, load_key
from gimonitor.crawling.openapi import load_apis, sign, signed_parameters
from gimonitor.crawling.searchplan import plan_queries
from gimonitor.errors import ConfigurationError

NOW = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)


def test_signature_by_hand():
    joined = "secret" + "app_keyk" + "formatjson" + "q五常大米" + "secret"
    expected = hashlib.md5(joined.encode()).hexdigest().upper()
    assert sign({"q": "五常大米", "app_key": "k", "format": "json", "empty": ""}, "secret") == expected


@pytest.mark.parametrize("name", load_apis())
def test_every_api_says_where_it_was_read_and_what_it_leaves_out(name):
    api = load_apis()[name]
    assert api.source and "不是全部" in api.bias and api.endpoint.startswith("https://")


def test_parameters_of_each_shape():
    taobao, jd, pdd = (
        signed_parameters(load_apis()[name], "k", "s", "米", 2, NOW, {"adzone_id": "7", "pid": "8", "other": "no"})
        for name in ("taobao_union", "jd_union", "pdd_ddk")
    )
    assert taobao["timestamp"] == "2026-11-22 09:02:03" and taobao["adzone_id"] == "7" and taobao["page_no"] == "2"
    assert json.loads(jd["360buy_param_json"]) == {"goodsReqDTO": {"keyword": "米", "pageIndex": 2, "pageSize": 30}}
    assert pdd["timestamp"] == str(int(NOW.timestamp())) and pdd["pid"] == "8" and "other" not in pdd
    assert all(len(p["sign"]) == 32 and "s" not in p.values() for p in (taobao, jd, pdd))


def test_budget_is_shared_and_daily(tmp_path):
    one, other = Budget(tmp_path, "x", 3), Budget(tmp_path, "x", 3)
    day = date(2026, 11, 22)
    assert [one.spend(day), other.spend(day), one.spend(day), other.spend(day)] == [True, True, True, False]
    assert one.spend(date(2026, 11, 23))
    (tmp_path / "budget-x.json").write_text("nonsense")
    assert one.spend(day)


@pytest.mark.parametrize(
    ("text", "mode", "word"),
    [
        (None, 0o600, "own API key"), ("[x]\nkey='a'\nsecret='b'\n", 0o644, "chmod 600"), ("[y]\n", 0o600, "no [x]"),
        ("[x\n", 0o600, "cannot be read"), ("[x]\nkey='a'\n", 0o600, "secret"), ("[x]\nkey='a'\nsecret='b'\nz=1\n", 0o600, "z"),
    ],
)  # fmt: skip
def test_unusable_keys_are_named(tmp_path, text, mode, word):
    if text is not None:
        (tmp_path / "keys.toml").write_text(text)
        (tmp_path / "keys.toml").chmod(mode)
    with pytest.raises(ConfigurationError) as raised:
        load_key(tmp_path, "x")
    assert word in str(raised.value) and "'b'" not in str(raised.value)


def test_secrets_do_not_print(tmp_path):
    (tmp_path / "keys.toml").write_text("[x]\nkey='a'\nsecret='hidden'\n")
    (tmp_path / "keys.toml").chmod(0o600)
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
    assert "逍遥镇胡辣汤" not in {q.text for q in three}  # an ordinary mark
