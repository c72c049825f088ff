"""Practice APIs of the gateways that sign with an HMAC: Kuaishou, AliExpress, 1688. Shapes as in public SDKs; where a
platform's error numbers are not known, the numbers are ours."""

from __future__ import annotations

import base64
import hmac
import json

from gimonitor.practice.catalogue import Good
from gimonitor.practice.desk import (
    KEY,
    ApiDesk,
    ApiFault,
    Form,
    Json,
    Refused,
    chained,
    is_now,
    moment_of_milliseconds,
    whole,
)


def _hmac(desk: ApiDesk, kind: str, text: str) -> bytes:
    return hmac.new(desk.signing_secret.encode(), text.encode(), kind).digest()


def kuaishou(desk: ApiDesk, form: Form, _: Form) -> Json:
    """open.distribution.cps.kwaimoney.selection.item.list; no total is told."""

    def refuse(what: str) -> Refused:
        result, words = {
            "key": (10, "appkey不存在"), "time": (20, "timestamp已过期"), "token": (24, "access_token已过期"),
            "sign": (28, "签名错误"), "limit": (30, "调用频率超限"), "quota": (31, "当日调用次数已用完"), "size": (40, "参数错误"),
        }[what]  # fmt: skip
        return Refused({"result": result, "error_msg": words, "sub_code": "practice", "sub_msg": words})

    if form.get("appkey") != KEY:
        raise refuse("key")
    if not is_now(moment_of_milliseconds(form.get("timestamp", ""))):
        raise refuse("time")
    pairs = "&".join(f"{name}={form[name]}" for name in sorted(form) if name != "sign")
    if (
        form.get("sign")
        != base64.b64encode(_hmac(desk, "sha256", f"{pairs}&signSecret={desk.signing_secret}")).decode()
    ):
        raise refuse("sign")
    if not desk.holds(form.get("access_token", "")):
        raise refuse("token")
    asked = _object(form.get("param", ""), refuse("size"))
    if form.get("method") != "open.distribution.cps.kwaimoney.selection.item.list" or asked.get("planType") != 1:
        raise refuse("size")
    desk.count("kuaishou", refuse)
    page, size = whole(asked.get("pageIndex") or 1, 1, 1000, refuse("size")), whole(asked.get("pageSize"), 1, 200, refuse("size"))  # fmt: skip
    goods, _total = desk.found(str(asked.get("keyword", "")), page, size)
    return {"result": 1, "error_msg": "SUCCESS", "data": [_kuaishou_row(desk, good) for good in goods]}


def _kuaishou_row(desk: ApiDesk, good: Good) -> Json:
    shop, odd, cents = desk.catalogue.shops[good.shop], desk.fault is ApiFault.TYPES, round(good.price * 100)
    return {
        "goodsId": str(int(good.id[1:])) if odd else int(good.id[1:]),
        desk.name_of("goodsTitle"): good.title,
        "goodsDesc": good.text,
        "goodsPrice": str(cents) if odd else cents,
        "zkGoodsPrice": str(cents) if odd else cents,
        "mallId": int(shop.id[1:]),
        "mallName": shop.name,
        "goodsImageUrl": "https://p1-ec.eckwai.com/practice.jpg",
        "salesTip": str(good.sales) if odd else good.sales,
        "promotionRate": 100,
    }


def aliexpress(desk: ApiDesk, form: Form, _: Form) -> Json:
    """aliexpress.affiliate.product.query."""

    def refuse(what: str) -> Refused:
        code, words = {
            "key": ("InvalidAppKey", "The specified App Key is invalid"),
            "time": ("IllegalTimestamp", "The specified timestamp is invalid or expired"),
            "sign": ("IncompleteSignature", "The request signature does not conform to platform standards"),
            "limit": ("ApiCallLimit", "This ban will last 1 more seconds"),
            "quota": ("ApiCallLimit", "This ban will last 36000 more seconds"),
            "size": ("MissingParameter", "The input parameter that is mandatory is not supplied"),
        }[what]
        return Refused({"error_response": {"type": "ISV", "code": code, "msg": words, "request_id": "practice"}})

    if form.get("app_key") != KEY:
        raise refuse("key")
    if not is_now(moment_of_milliseconds(form.get("timestamp", ""))):
        raise refuse("time")
    if form.get("sign") != _hmac(desk, "sha256", chained(form, "sign")).hex().upper():
        raise refuse("sign")
    if form.get("method") != "aliexpress.affiliate.product.query" or form.get("sign_method") != "sha256":
        raise refuse("size")
    desk.count("aliexpress", refuse)
    page, size = whole(form.get("page_no", 1), 1, 1000, refuse("size")), whole(form.get("page_size", 20), 1, 50, refuse("size"))  # fmt: skip
    goods, total = desk.found(form.get("keywords", ""), page, size)
    counts = {"current_page_no": page, "current_record_count": len(goods), "total_record_count": total}
    result = {**counts, "products": {"product": [_aliexpress_row(desk, good) for good in goods]}}
    answer = {"resp_code": 200, "resp_msg": "Call succeeds", "result": result}
    return {"aliexpress_affiliate_product_query_response": {"resp_result": answer, "request_id": "practice"}}


def _aliexpress_row(desk: ApiDesk, good: Good) -> Json:
    shop, odd = desk.catalogue.shops[good.shop], desk.fault is ApiFault.TYPES
    top, _, rest = good.category.partition("/")
    return {
        "product_id": str(int(good.id[1:])) if odd else int(good.id[1:]),
        desk.name_of("product_title"): good.title,
        "product_detail_url": f"https://www.aliexpress.com/item/{good.id[1:]}.html?pid=practice",
        "target_sale_price": good.price if odd else f"{good.price:.2f}",
        "target_sale_price_currency": "USD",
        "lastest_volume": str(good.sales) if odd else good.sales,
        "first_level_category_name": top,
        "second_level_category_name": rest,
        "shop_id": int(shop.id[1:]),
        "shop_name": shop.name,
        "shop_url": f"https://www.aliexpress.com/store/{shop.id[1:]}",
        "product_main_image_url": "https://ae01.alicdn.com/kf/practice.jpg",
        "product_small_image_urls": {"string": ["https://ae01.alicdn.com/kf/practice2.jpg"]},
    }


def alibaba(desk: ApiDesk, form: Form, _: Form) -> Json:
    """1688 product.search.keywordQuery; the key stands in the path, which is signed too."""

    def refuse(what: str) -> Refused:
        code, words = {
            "time": ("gw.TimestampExpired", "Timestamp expired"),
            "sign": ("gw.SignatureInvalid", "Invalid signature"),
            "token": ("401", "Request need user authorized"),
            "limit": ("gw.QosAppFrequencyLimit", "App call exceeds limited frequency"),
            "quota": ("gw.QosAppDayLimit", "App call exceeds the calls of a day"),
            "size": ("gw.ParamMissing", "Param missing"),
        }[what]
        status = 401 if what == "token" else 400
        return Refused({"error_code": code, "error_message": words, "exception": words}, status)

    if form.get("_aop_signature") != _hmac(desk, "sha1", PATH_1688 + chained(form, "_aop_signature")).hex().upper():
        raise refuse("sign")
    if not is_now(moment_of_milliseconds(form.get("_aop_timestamp", ""))):
        raise refuse("time")
    if not desk.holds(form.get("access_token", "")):
        raise refuse("token")
    asked = _object(form.get("offerQueryParam", ""), refuse("size"))
    if not asked.get("keyword") or not asked.get("country"):
        raise refuse("size")
    desk.count("1688", refuse)
    page, size = whole(asked.get("beginPage"), 1, 1000, refuse("size")), whole(asked.get("pageSize"), 1, 50, refuse("size"))  # fmt: skip
    goods, total = desk.found(str(asked["keyword"]), page, size)
    pages = {"totalRecords": total, "totalPage": -(-total // size), "pageSize": size, "currentPage": page}
    content = {**pages, "data": [_offer(desk, good) for good in goods]}
    return {"result": {"success": True, "code": "200", "message": "操作成功", "result": content}}


def _offer(desk: ApiDesk, good: Good) -> Json:
    odd = desk.fault is ApiFault.TYPES
    return {
        "offerId": str(int(good.id[1:])) if odd else int(good.id[1:]),
        desk.name_of("subject"): good.title,
        "subjectTrans": "practice goods",
        "imageUrl": "https://cbu01.alicdn.com/practice.jpg",
        "priceInfo": {"price": good.price if odd else f"{good.price:.2f}", "consignPrice": f"{good.price:.2f}"},
        "monthSold": str(good.sales) if odd else good.sales,
        "minOrderQuantity": 1,
    }


PATH_1688 = f"param2/1/com.alibaba.fenxiao.crossborder/product.search.keywordQuery/{KEY}"


def _object(text: str, refuse: Refused) -> Json:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise refuse from error
    if not isinstance(found, dict):
        raise refuse
    return found
