"""The platforms' open APIs, played on loopback: signature, time, key, quota and page size are checked before anything is
answered, in the platform's own JSON, errors included. The checks are written apart from the client that they try."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from gimonitor.practice.catalogue import Catalogue, Good

KEY = "practice-key"
SECRET = "practice-secret"  # noqa: S105  # the practice server's own, printed in the docs
BEIJING = timezone(timedelta(hours=8))
MINUTES = 10

Json = dict[str, object]


class Refused(Exception):  # an answer, not an accident
    """The platform's error answer: HTTP status and body."""

    def __init__(self, body: Json, status: int = 200) -> None:
        self.body = body
        self.status = status
        super().__init__(str(body))


@dataclass(slots=True)
class ApiDesk:
    """What the APIs remember: calls made, tokens given. `quota` is the calls a key has; `odd` changes answers on purpose:
    "types" (numbers as text and the other way round), "html", "broken", "empty", "down"."""

    catalogue: Catalogue
    quota: int = 5000
    odd: str = ""
    token_seconds: float = 7200
    calls: Counter[str] = field(default_factory=Counter)
    tokens: dict[str, float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, name: str) -> bool:
        """Count a call; False when the quota is used up."""
        with self.lock:
            self.calls[name] += 1
            return self.calls[name] <= self.quota

    def found(self, query: str, page: int, size: int) -> tuple[list[Good], int]:
        """A page of goods and how many there are in all."""
        goods = [] if self.odd == "empty" else self.catalogue.search(query, 1)
        return goods[(page - 1) * size : page * size], len(goods)

    def answer(self, path: str, form: Mapping[str, str], headers: Mapping[str, str]) -> tuple[int, str, bytes]:
        """Status, content type and body of the answer to a call."""
        if self.odd == "down":
            return 503, "text/html", b"<html><body>Service Unavailable</body></html>"
        if self.odd == "html":
            return 200, "text/html; charset=utf-8", "<html><body><p>系统提示</p></body></html>".encode()
        try:
            body, status = _ROUTES[path](self, form, headers), 200
        except Refused as refused:
            body, status = refused.body, refused.status
        text = json.dumps(body, ensure_ascii=False)
        return (
            status,
            "application/json; charset=utf-8",
            (text[: len(text) // 2] if self.odd == "broken" else text).encode(),
        )


def _checked(form: Mapping[str, str], key_name: str, moment: datetime | None, refuse: Callable[[str], Refused]) -> None:
    if form.get(key_name) != KEY:
        raise refuse("key")
    if moment is None or abs(datetime.now(BEIJING) - moment) > timedelta(minutes=MINUTES):
        raise refuse("time")
    digest = hashlib.md5(usedforsecurity=False)
    digest.update(SECRET.encode())
    for name in sorted(form):
        if name != "sign" and form[name]:
            digest.update(name.encode())
            digest.update(form[name].encode())
    digest.update(SECRET.encode())
    if form.get("sign") != digest.hexdigest().upper():
        raise refuse("sign")


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
    except ValueError:
        return None


def _whole(value: object, least: int, most: int, refuse: Refused) -> int:
    try:
        number = int(str(value))
    except ValueError as error:
        raise refuse from error
    if not least <= number <= most:
        raise refuse
    return number


def _taobao(desk: ApiDesk, form: Mapping[str, str], _: Mapping[str, str]) -> Json:
    def refuse(what: str) -> Refused:
        code, words, sub = {
            "key": (29, "Invalid app Key", "isv.appkey-not-exists"),
            "time": (31, "Invalid Timestamp", "isv.invalid-timestamp"),
            "sign": (25, "Invalid signature", "isv.invalid-signature"),
            "limit": (7, "App Call Limited", "isv.app-call-limited"),
            "size": (41, "Invalid Arguments", "isv.invalid-parameter"),
        }[what]
        return Refused({"error_response": {"code": code, "msg": words, "sub_code": sub, "request_id": "practice"}})

    _checked(form, "app_key", _moment(form.get("timestamp", "")), refuse)
    if form.get("method") != "taobao.tbk.dg.material.optional" or not form.get("adzone_id"):
        raise refuse("size")
    if not desk.count("taobao"):
        raise refuse("limit")
    page, size = (_whole(form.get(n, "1"), 1, 100, refuse("size")) for n in ("page_no", "page_size"))
    goods, total = desk.found(form.get("q", ""), page, size)
    rows = [_taobao_row(desk, good) for good in goods]
    return {"tbk_dg_material_optional_response": {"result_list": {"map_data": rows}, "total_results": total, "request_id": "practice"}}  # fmt: skip


def _taobao_row(desk: ApiDesk, good: Good) -> Json:
    shop = desk.catalogue.shops[good.shop]
    odd = desk.odd == "types"
    return {
        "num_iid": good.id if odd else int(good.id[1:]),
        "item_id": int(good.id[1:]),
        "title": good.title,
        "nick": shop.name,
        "shop_title": shop.name,
        "seller_id": int(shop.id[1:]),
        "user_type": "1" if odd else 1,
        "provcity": shop.region,
        "volume": str(good.sales) if odd else good.sales,
        "zk_final_price": good.price if odd else f"{good.price:.2f}",
        "pict_url": "//img.alicdn.com/practice.png",
        "small_images": {"string": ["//img.alicdn.com/practice2.png"]},
        "category_name": good.category,
    }


def _jd(desk: ApiDesk, form: Mapping[str, str], _: Mapping[str, str]) -> Json:
    def refuse(what: str) -> Refused:
        code, zh = {
            "key": ("21", "无效app_key"), "time": ("20", "无效时间戳"), "sign": ("12", "无效签名"),
            "limit": ("8", "调用次数超限"), "size": ("11", "无效参数"),
        }[what]  # fmt: skip
        return Refused({"error_response": {"code": code, "zh_desc": zh, "en_desc": "practice"}})

    _checked(form, "app_key", _moment(form.get("timestamp", "")), refuse)
    try:
        asked = json.loads(form["360buy_param_json"])["goodsReqDTO"]
    except (KeyError, ValueError, TypeError) as error:
        raise refuse("size") from error
    if not desk.count("jd"):
        raise refuse("limit")
    page, size = _whole(asked.get("pageIndex", 1), 1, 334, refuse("size")), _whole(asked.get("pageSize", 20), 1, 30, refuse("size"))  # fmt: skip
    goods, total = desk.found(str(asked.get("keyword", "")), page, size)
    result = {"code": 200, "message": "success", "requestId": "practice", "totalCount": total}
    result |= {"data": [_jd_row(desk, good) for good in goods]}
    packed = json.dumps(result, ensure_ascii=False)
    return {"jd_union_open_goods_query_responce": {"queryResult": packed, "code": "0"}}


def _jd_row(desk: ApiDesk, good: Good) -> Json:
    shop, odd = desk.catalogue.shops[good.shop], desk.odd == "types"
    return {
        "skuId": good.id[1:] if odd else int(good.id[1:]),
        "skuName": good.title,
        "brandName": good.brand,
        "owner": "p",
        "shopInfo": {"shopId": int(shop.id[1:]), "shopName": shop.name},
        "priceInfo": {"price": f"{good.price:.2f}" if odd else good.price},
        "inOrderCount30Days": str(good.sales) if odd else good.sales,
        "imageInfo": {"imageList": [{"url": "https://img14.360buyimg.com/practice.png"}]},
        "categoryInfo": {f"cid{n}Name": name for n, name in enumerate(good.category.split("/"), 1)},
        "materialUrl": f"item.jd.com/{good.id[1:]}.html",
    }


def _pinduoduo(desk: ApiDesk, form: Mapping[str, str], _: Mapping[str, str]) -> Json:
    def refuse(what: str) -> Refused:
        code, words = {
            "key": (10000, "client_id不存在"), "time": (20003, "时间戳超时"), "sign": (20004, "签名sign校验失败"),
            "limit": (70031, "调用过于频繁，请调整调用频率"), "size": (50001, "参数错误"),
        }[what]  # fmt: skip
        return Refused(
            {"error_response": {"error_code": code, "error_msg": words, "sub_msg": "", "request_id": "practice"}}
        )

    stamp = form.get("timestamp", "")
    _checked(form, "client_id", datetime.fromtimestamp(int(stamp), BEIJING) if stamp.isdigit() else None, refuse)
    if form.get("type") != "pdd.ddk.goods.search" or not form.get("pid"):
        raise refuse("size")
    if not desk.count("pinduoduo"):
        raise refuse("limit")
    page, size = (_whole(form.get(n, "1"), 1, 100, refuse("size")) for n in ("page", "page_size"))
    goods, total = desk.found(form.get("keyword", ""), page, size)
    return {
        "goods_search_response": {
            "goods_list": [_pdd_row(desk, g) for g in goods],
            "total_count": total,
            "list_id": "x",
        }
    }


def _pdd_row(desk: ApiDesk, good: Good) -> Json:
    shop, cents = desk.catalogue.shops[good.shop], round(good.price * 100)
    return {
        "goods_sign": f"E9{good.id}",
        "goods_name": good.title,
        "goods_desc": good.text,
        "mall_name": shop.name,
        "mall_id": int(shop.id[1:]),
        "merchant_type": 3,
        "min_group_price": str(cents) if desk.odd == "types" else cents,
        "sales_tip": f"{good.sales / 10_000:.1f}万+" if good.sales >= 10_000 else str(good.sales),
        "goods_image_url": "https://img.pddpic.com/practice.png",
        "category_name": good.category,
    }


def _ebay_token(desk: ApiDesk, form: Mapping[str, str], headers: Mapping[str, str]) -> Json:
    pair = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
    if headers.get("authorization") != f"Basic {pair}" or form.get("grant_type") != "client_credentials":
        raise Refused({"error": "invalid_client", "error_description": "client authentication failed"}, 401)
    token = secrets.token_urlsafe(16)
    desk.tokens[token] = time.monotonic() + desk.token_seconds
    return {"access_token": token, "expires_in": 7200, "token_type": "Application Access Token"}


def _ebay(desk: ApiDesk, form: Mapping[str, str], headers: Mapping[str, str]) -> Json:
    token = headers.get("authorization", "").removeprefix("Bearer ")
    if desk.tokens.get(token, 0) < time.monotonic():
        raise Refused({"errors": [{"errorId": 1001, "domain": "OAuth", "message": "Invalid access token"}]}, 401)
    if not desk.count("ebay"):
        raise Refused({"errors": [{"errorId": 2001, "domain": "ACCESS", "message": "Too many requests"}]}, 429)
    wrong = Refused({"errors": [{"errorId": 12006, "domain": "API_BROWSE", "message": "invalid limit or offset"}]}, 400)
    size, offset = _whole(form.get("limit", "50"), 1, 200, wrong), _whole(form.get("offset", "0"), 0, 9_999, wrong)
    goods, total = desk.found(form.get("q", ""), offset // size + 1, size)
    rows = [_ebay_row(desk, good) for good in goods]
    href = f"https://api.ebay.com/buy/browse/v1/item_summary/search?q={form.get('q', '')}"
    return {"href": href, "total": total, "limit": size, "offset": offset, "itemSummaries": rows}


def _ebay_row(desk: ApiDesk, good: Good) -> Json:
    shop = desk.catalogue.shops[good.shop]
    return {
        "itemId": f"v1|{good.id[1:]}|0",
        "legacyItemId": good.id[1:],
        "title": good.title,
        "price": {"value": good.price if desk.odd == "types" else f"{good.price:.2f}", "currency": "USD"},
        "seller": {"username": shop.name, "feedbackPercentage": "99.1", "feedbackScore": 10},
        "itemLocation": {"country": "CN", "postalCode": "100***"},
        "categories": [{"categoryId": "1", "categoryName": good.category}],
        "image": {"imageUrl": "https://i.ebayimg.com/practice.png"},
        "itemWebUrl": f"https://www.ebay.com/itm/{good.id[1:]}",
    }


_ROUTES: dict[str, Callable[[ApiDesk, Mapping[str, str], Mapping[str, str]], Json]] = {
    "/apis/taobao": _taobao,
    "/apis/jd": _jd,
    "/apis/pdd": _pinduoduo,
    "/apis/ebay/identity/v1/oauth2/token": _ebay_token,
    "/apis/ebay/buy/browse/v1/item_summary/search": _ebay,
}


def is_api(path: str) -> bool:
    """True for the address of an API."""
    return path in _ROUTES
