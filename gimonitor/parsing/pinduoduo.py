"""拼多多: lists of goods as its API answers them; prices are in fen."""

from __future__ import annotations

from gimonitor.model.listing import Listing, Shop
from gimonitor.parsing.page import Page, ParsedPage, Parser
from gimonitor.parsing.state import dig, rows
from gimonitor.parsing.values import addresses, clean, count

PLATFORM = "pinduoduo"
BASE = "https://mobile.yangkeduo.com/"


def read_goods(page: Page) -> ParsedPage:
    """A list of goods."""
    return ParsedPage(listings=tuple(_good(row) for row in rows(page.json, "goods_list") if row.get("goods_id")))


def _good(row: dict[str, object]) -> Listing:
    item_id, shop = clean(row.get("goods_id")), clean(row.get("mall_name"))
    price = count(dig(row, "group", "price")) or count(row.get("normal_price"))
    return Listing(
        platform=PLATFORM,
        item_id=item_id,
        title=clean(row.get("goods_name")),
        url=f"{BASE}goods.html?goods_id={item_id}",
        shop=Shop(name=shop, shop_id=clean(row.get("mall_id"))) if shop else None,
        price_fen=price,
        sales=count(row.get("cnt")),
        image_urls=addresses(BASE, [row.get("hd_thumb_url"), row.get("thumb_url")]),
    )


PARSERS = (
    Parser(
        "pinduoduo.goods",
        1,
        lambda p: p.is_json and '"goods_list"' in p.text,
        read_goods,
        gives="url shop price sales images",
    ),
)
