"""Practice APIs of the affiliate unions that wrap the parameters in the secret and take the MD5: Taobao, JD, Pinduoduo. Where
a platform's error numbers are not known, such as that of a spent day, the numbers are ours."""

from __future__ import annotations

import json
from datetime import datetime

from gimonitor.model.zone import BEIJING
from gimonitor.practice.catalogue import Good
from gimonitor.practice.desk import ApiDesk, ApiFault, Form, Json, Refused, check_wrapped_md5, moment_of, whole


def taobao(desk: ApiDesk, form: Form, _: Form) -> Json:
    """taobao.tbk.dg.material.optional and its upgrade."""

    def refuse(what: str) -> Refused:
        code, words, sub = {
            "key": (29, "Invalid app Key", "isv.appkey-not-exists"),
            "time": (31, "Invalid Timestamp", "isv.invalid-timestamp"),
            "sign": (25, "Invalid signature", "isv.invalid-signature"),
            "quota": (7, "App Call Limited", "isv.app-call-limited"),
            "limit": (7, "App Call Limited", "accesscontrol.limited-by-app-access-count"),
            "size": (41, "Invalid Arguments", "isv.invalid-parameter"),
        }[what]
        more = {"sub_msg": "This ban will last for 1 more seconds"} if what == "limit" else {}
        error = {"code": code, "msg": words, "sub_code": sub, **more, "request_id": "practice"}
        return Refused({"error_response": error})

    check_wrapped_md5(desk, form, "app_key", moment_of(form.get("timestamp", "")), refuse)
    row = {
        "taobao.tbk.dg.material.optional": _taobao_row,
        "taobao.tbk.dg.material.optional.upgrade": _upgraded_row,
    }.get(form.get("method", ""))
    if row is None or not form.get("adzone_id"):
        raise refuse("size")
    desk.count("taobao", refuse)
    page, size = (whole(form.get(n, "1"), 1, 100, refuse("size")) for n in ("page_no", "page_size"))
    goods, total = desk.found(form.get("q", ""), page, size)
    rows = [row(desk, good) for good in goods]
    answer = {"result_list": {"map_data": rows}, "total_results": total, "request_id": "practice"}
    return {form["method"].removeprefix("taobao.").replace(".", "_") + "_response": answer}


def _taobao_row(desk: ApiDesk, good: Good) -> Json:
    shop = desk.catalogue.shops[good.shop]
    odd = desk.fault is ApiFault.TYPES
    return {
        "num_iid": str(int(good.id[1:])) if odd else int(good.id[1:]),
        "item_id": int(good.id[1:]),
        desk.name_of("title"): good.title,
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


def _upgraded_row(desk: ApiDesk, good: Good) -> Json:
    shop, odd = desk.catalogue.shops[good.shop], desk.fault is ApiFault.TYPES
    basic = {
        desk.name_of("title"): good.title,
        "sub_title": good.text,
        "shop_title": shop.name,
        "seller_id": shop.id[1:] if odd else int(shop.id[1:]),
        "user_type": "1" if odd else 1,
        "volume": str(good.sales) if odd else good.sales,
        "brand_name": good.brand,
        "category_name": good.category,
        "pict_url": "//img.alicdn.com/practice.png",
    }
    prices = {"zk_final_price": good.price if odd else f"{good.price:.2f}", "reserve_price": f"{good.price:.2f}"}
    return {"item_id": f"qeq{good.id}-practice", "item_basic_info": basic, "price_promotion_info": prices}


def jd(desk: ApiDesk, form: Form, _: Form) -> Json:
    """jd.union.open.goods.query."""

    def refuse(what: str) -> Refused:
        code, zh = {
            "key": ("21", "无效app_key"), "time": ("20", "无效时间戳"), "sign": ("12", "无效签名"),
            "quota": ("8", "调用次数超限"), "limit": ("8", "调用次数超限"), "size": ("11", "无效参数"),
        }[what]  # fmt: skip
        return Refused({"error_response": {"code": code, "zh_desc": zh, "en_desc": "practice"}})

    check_wrapped_md5(desk, form, "app_key", moment_of(form.get("timestamp", "")), refuse)
    try:
        asked = json.loads(form["360buy_param_json"])["goodsReqDTO"]
    except (KeyError, ValueError, TypeError) as error:
        raise refuse("size") from error
    desk.count("jd", refuse)
    page, size = whole(asked.get("pageIndex", 1), 1, 334, refuse("size")), whole(asked.get("pageSize", 20), 1, 30, refuse("size"))  # fmt: skip
    goods, total = desk.found(str(asked.get("keyword", "")), page, size)
    result = {"code": 200, "message": "success", "requestId": "practice", "totalCount": total}
    result |= {"data": [_jd_row(desk, good) for good in goods]}
    packed = json.dumps(result, ensure_ascii=False)
    return {"jd_union_open_goods_query_responce": {"queryResult": packed, "code": "0"}}


def _jd_row(desk: ApiDesk, good: Good) -> Json:
    shop, odd = desk.catalogue.shops[good.shop], desk.fault is ApiFault.TYPES
    return {
        "skuId": str(int(good.id[1:])) if odd else int(good.id[1:]),
        desk.name_of("skuName"): good.title,
        "brandName": good.brand,
        "owner": "p",
        "shopInfo": {"shopId": int(shop.id[1:]), "shopName": shop.name},
        "priceInfo": {"price": f"{good.price:.2f}" if odd else good.price},
        "inOrderCount30Days": str(good.sales) if odd else good.sales,
        "imageInfo": {"imageList": [{"url": "https://img14.360buyimg.com/practice.png"}]},
        "categoryInfo": {f"cid{n}Name": name for n, name in enumerate(good.category.split("/"), 1)},
        "materialUrl": f"item.jd.com/{good.id[1:]}.html",
    }


def pinduoduo(desk: ApiDesk, form: Form, _: Form) -> Json:
    """pdd.ddk.goods.search."""

    def refuse(what: str) -> Refused:
        code, words = {
            "key": (10000, "client_id不存在"), "time": (20003, "时间戳超时"), "sign": (20004, "签名sign校验失败"),
            "quota": (70032, "当日调用次数已用完"), "limit": (70031, "调用过于频繁，请调整调用频率"), "size": (50001, "参数错误"),
        }[what]  # fmt: skip
        return Refused(
            {"error_response": {"error_code": code, "error_msg": words, "sub_msg": "", "request_id": "practice"}}
        )

    stamp = form.get("timestamp", "")
    check_wrapped_md5(
        desk, form, "client_id", datetime.fromtimestamp(int(stamp), BEIJING) if stamp.isdigit() else None, refuse
    )
    if form.get("type") != "pdd.ddk.goods.search" or not form.get("pid"):
        raise refuse("size")
    desk.count("pinduoduo", refuse)
    page, size = (whole(form.get(n, "1"), 1, 100, refuse("size")) for n in ("page", "page_size"))
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
        desk.name_of("goods_name"): good.title,
        "goods_desc": good.text,
        "mall_name": shop.name,
        "mall_id": int(shop.id[1:]),
        "merchant_type": 3,
        "min_group_price": str(cents) if desk.fault is ApiFault.TYPES else cents,
        "sales_tip": f"{good.sales / 10_000:.1f}万+" if good.sales >= 10_000 else str(good.sales),
        "goods_image_url": "https://img.pddpic.com/practice.png",
        "category_name": good.category,
    }
