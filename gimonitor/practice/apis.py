"""The platforms' open APIs, played on loopback: signature, time, key, quota and page size are checked before anything is
answered, in the platform's own JSON, errors included."""

from __future__ import annotations

import json
from collections.abc import Mapping

from gimonitor.practice import ebay, gateways, unions
from gimonitor.practice.desk import ApiDesk, ApiFault, Form, Refused, Route

_ROUTES: Mapping[str, Route] = {
    "/apis/taobao": unions.taobao,
    "/apis/jd": unions.jd,
    "/apis/pdd": unions.pinduoduo,
    "/apis/kuaishou/open/distribution/cps/kwaimoney/selection/item/list": gateways.kuaishou,
    "/apis/aliexpress": gateways.aliexpress,
    f"/apis/1688/{gateways.PATH_1688}": gateways.alibaba,
    "/apis/ebay/identity/v1/oauth2/token": ebay.token,
    "/apis/ebay/buy/browse/v1/item_summary/search": ebay.search,
}

PATHS: Mapping[str, str] = {
    "ebay": "/apis/ebay",
    "taobao_union": "/apis/taobao",
    "taobao_upgrade": "/apis/taobao",
    "jd_union": "/apis/jd",
    "pdd_ddk": "/apis/pdd",
    "kuaishou_cps": "/apis/kuaishou",
    "aliexpress_affiliate": "/apis/aliexpress",
    "alibaba_1688": "/apis/1688",
}
"""Where each source finds its API: the endpoint in its key."""


def is_api(path: str) -> bool:
    """True for the address of an API."""
    return path in _ROUTES


def answer_call(desk: ApiDesk, path: str, form: Form, headers: Form) -> tuple[int, str, bytes]:
    """Status, content type and body of the answer to a call."""
    if desk.fault is ApiFault.DOWN:
        return 503, "text/html", b"<html><body>Service Unavailable</body></html>"
    if desk.fault is ApiFault.HTML:
        return 200, "text/html; charset=utf-8", "<html><body><p>系统提示</p></body></html>".encode()
    try:
        body, status = _ROUTES[path](desk, form, headers), 200
    except Refused as refused:
        body, status = refused.body, refused.status
    text = json.dumps(body, ensure_ascii=False)
    cut = text[: len(text) // 2] if desk.fault is ApiFault.BROKEN else text
    return status, "application/json; charset=utf-8", cut.encode()
