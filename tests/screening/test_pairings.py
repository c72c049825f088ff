"""A name cooked with, cooked like or served with other goods: N15, and what a recipe does not excuse."""

from datetime import date

import pytest

from gimonitor.screening import Screener
from gimonitor.screening.records import listing_of

ON = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ("基围虾 4斤", "推荐做法：取西湖龙井5克泡开，虾仁滑炒。"),
        ("基围虾 4斤", "煮熟后蘸镇江香醋味道更佳。"),
        ("武昌鱼 500g", "清蒸时放几片金华火腿、两勺绍兴酒，味道一绝。"),
        ("三文鱼刺身 500g", "佐以香槟，风味绝佳。"),
        ("梭子蟹 3只", "阳澄湖大闸蟹同款蒸法：水开后蒸15分钟。"),
        ("梭子蟹 3只", "清蒸做法与阳澄湖大闸蟹同款，水开后蒸15分钟。"),
        ("小米辽参 即食 10只", "推荐吃法：用沁州黄小米熬粥，放入海参。"),
        ("羊排 5斤", "炖汤时放点岷县当归，冬天暖身。"),
        ("黑糖 300g", "包装厂旁边就是著名的安吉白茶基地。"),
    ],
)
def test_a_recipe_or_pairing_is_not_accused(title: str, description: str, screener: Screener) -> None:
    screening = screener.screen(listing_of({"title": title, "origin": "辽宁大连", "description": description}), ON)
    assert not screening.suspicions
    assert {c.code for c in screening.clearings if c.decisive} >= {"N15"}
    assert not any("另有所指" in c.reason for c in screening.clearings)


@pytest.mark.parametrize(
    ("title", "description", "families"),
    [
        ("大闸蟹 8只", "阳澄湖大闸蟹同款蒸法：水开后蒸15分钟。", {"name-outside", "style"}),
        ("大米 10斤", "推荐吃法：五常大米淘洗一遍，加水。", {"name-outside"}),
        ("陈醋 500ml", "蘸镇江香醋味道更佳。", {"name-outside"}),
        ("米 10斤 珍珠米", "搭配五常大米同煮。", {"name-outside"}),
    ],
)
def test_a_recipe_for_like_goods_only_lowers(
    title: str, description: str, families: set[str], screener: Screener
) -> None:
    listing = listing_of({"title": title, "origin": "辽宁大连", "description": description})
    found = [f for s in screener.screen(listing, ON).suspicions for f in s.findings]
    assert {f.family for f in found} == families
    assert all("N15" in {c.code for c in f.considered} for f in found)


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ("阳澄湖大闸蟹同款蒸法 大闸蟹 8只", ""),
        ("蘸镇江香醋 香醋 500ml", ""),
        ("五常大米，同款 10斤", ""),
        ("大米 10斤", "五常大米同款品质，口感软糯。"),
    ],
)
def test_no_recipe_in_a_title_and_no_praise_excuses(title: str, description: str, screener: Screener) -> None:
    listing = listing_of({"title": title, "origin": "辽宁大连", "description": description})
    found = [f for s in screener.screen(listing, ON).suspicions for f in s.findings]
    assert "name-outside" in {f.family for f in found}
    assert not any("N15" in {c.code for c in f.considered} for f in found)


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ("帝王蟹 国家地理标志保护产品 3斤", "搭配香槟，口味极佳。"),
        ("国家地理标志保护产品 东北大米 不是五常大米 10斤", ""),
    ],
)
def test_a_name_not_said_of_the_goods_explains_no_claim(title: str, description: str, screener: Screener) -> None:
    listing = listing_of({"title": title, "origin": "吉林", "description": description})
    assert "mark-claim" in {f.family for s in screener.screen(listing, ON).suspicions for f in s.findings}
