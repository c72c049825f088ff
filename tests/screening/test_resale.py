"""Goods of an authorised user sold by others: maker and brand in attributes and texts speak for them as the brand does. N07."""

from datetime import date
from typing import Any

import pytest

from gimonitor.screening import Screener
from gimonitor.screening.lab import all_findings
from gimonitor.screening.records import listing_of

MAKER, BRAND = "五常市稻香源演示米业有限公司", "稻香源演示"
OFFER = {"title": "五常大米 10斤", "shop": "李四粮油"}


@pytest.mark.parametrize(
    "record",
    [
        *(
            {"attrs": {key: MAKER}}
            for key in [
                "生产厂家",
                "生产商",
                "厂名",
                "生产企业",
                "制造商",
                "委托方",
                "食品生产者",
                "生产厂家名称",
                "分装商",
                "厂名厂址",
            ]
        ),
        {"attrs": {"厂名厂址": f"{MAKER} 黑龙江省五常市民乐乡"}},
        {"attrs": {"生产商/厂名": MAKER}},
        {"attrs": {"品牌": BRAND}},
        {"attrs": {"商标": f"{BRAND}/DAOXIANG"}},
        {"attrs": {"品牌": BRAND, "生产厂家": "稻香源演示米业"}},
        {"brand": f"{BRAND}（DAOXIANG）"},
    ],
    ids=str,
)
def test_what_an_authorised_user_made_is_cleared(record: dict[str, Any], screener: Screener, on: date) -> None:
    screening = screener.screen(listing_of({**OFFER, **record}), on)
    assert not screening.suspicions
    assert "N07" in {c.code for c in screening.clearings if c.decisive}


@pytest.mark.parametrize(
    "record",
    [
        {"description": f"品名：大米 生产商：{MAKER}"},
        {"image_text": f"委托方:{MAKER}"},
        {"attrs": {"品牌": BRAND, "生产厂家": "合肥某米业有限公司"}},
        {"brand": BRAND, "attrs": {"生产厂家": "合肥某米业有限公司"}},
        {"attrs": {"生产厂家": MAKER, "产地": "安徽合肥"}},
        {"attrs": {"分装商": MAKER, "产地": "安徽合肥"}},
    ],
    ids=str,
)
def test_what_may_be_an_authorised_users_is_lowered(record: dict[str, Any], screener: Screener, on: date) -> None:
    screening = screener.screen(listing_of({**OFFER, **record}), on)
    assert {c.code for f in all_findings(screening) for c in f.considered} == {"N07"}


@pytest.mark.parametrize(
    "record",
    [
        {"attrs": {"生产厂家": "合肥某米业有限公司"}},
        {"attrs": {"品牌": f"不是{BRAND}"}},
        {"attrs": {"对比品牌": BRAND}},
        {"attrs": {"生产厂家": f"{MAKER}对面的厂"}},
        {"attrs": {"生产厂家": f"{MAKER} 对面的厂"}},
        {"attrs": {"经销商": MAKER}},
        {"description": f"胜过{MAKER}"},
    ],
    ids=str,
)
def test_what_only_speaks_of_an_authorised_user_counts_for_nothing(
    record: dict[str, Any], screener: Screener, on: date
) -> None:
    screening = screener.screen(listing_of({**OFFER, **record}), on)
    assert screening.suspicions
    assert "N07" not in {c.code for c in screening.clearings}
