"""Addresses of goods, and addresses that are none."""

from __future__ import annotations

import pytest

from gimonitor.parsing.items import item_of


@pytest.mark.parametrize(
    ("url", "item"),
    [
        ("https://item.taobao.com/item.htm?id=562283240178", ("taobao", "562283240178")),
        ("http://h5.m.taobao.com/awp/core/detail.htm?spm=a.1&id=562283240178&x=1", ("taobao", "562283240178")),
        ("https://m.intl.taobao.com/detail/detail.html?id=562283240178&sku=1", ("taobao", "562283240178")),
        ("https://world.taobao.com/item/562283240178.htm?spm=a", ("taobao", "562283240178")),
        ("https://detail.tmall.com/item.htm?skuId=1&id=562283240178#t", ("tmall", "562283240178")),
        ("https://ITEM.jd.com/100012043978.html?cu=true", ("jd", "100012043978")),
        ("https://item.m.jd.com/product/100012043978.html", ("jd", "100012043978")),
        ("https://mobile.yangkeduo.com/goods.html?goods_id=3601234567", ("pinduoduo", "3601234567")),
        ("https://detail.1688.com/offer/612345678901.html", ("1688", "612345678901")),
        ("https://product.suning.com/0000000000/104117199.html", ("suning", "104117199")),
        (
            "https://haohuo.jinritemai.com/ecommerce/trade/detail/index.html?id=3570000000001",
            ("douyin", "3570000000001"),
        ),
        ("https://www.aliexpress.com/item/1005001234567890.html", ("aliexpress", "1005001234567890")),
        ("https://www.alibaba.com/product-detail/Rice-5kg_60812345678.html", ("alibaba", "60812345678")),
        ("https://www.amazon.de/Reis/dp/B08N5WRWNW/ref=sr_1", ("amazon", "B08N5WRWNW")),
        ("https://www.ebay.co.uk/itm/Rice/123456789012?hash=1", ("ebay", "123456789012")),
        ("https://shopee.sg/Wuchang-rice-i.123.456", ("shopee", "123.456")),
        ("https://shopee.sg/product/123/456", ("shopee", "123.456")),
        (
            "https://www.xiaohongshu.com/goods-detail/65a0b1c2d3e4f5a6b7c8d9e0",
            ("xiaohongshu", "65a0b1c2d3e4f5a6b7c8d9e0"),
        ),
        ("https://s.taobao.com/search?q=id=562283240178", None),
        ("https://shop123.taobao.com/category.htm?id=562283240178", None),
        ("https://item.taobao.com/item.htm?skuid=562283240178", None),
        ("https://mall.jd.com/index-1000001.html", None),
        ("https://shop.example/item/100012043978.html", None),
        ("https://item.jd.com.example.org/100012043978.html", None),
        ("http://[::1", None),
        ("", None),
    ],
)
def test_an_address_names_the_goods_as_the_platform_does(url: str, item: tuple[str, str] | None) -> None:
    assert item_of(url) == item
