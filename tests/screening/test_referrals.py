"""A name left to other sellers, and what only looks so: 请到福建商家处购买, but not 请到本店购买. N13."""

from datetime import date

import pytest

from gimonitor.screening import Screener
from gimonitor.screening.records import listing_of

ON = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("title", "origin", "description"),
    [
        ("茉莉花茶 250g", "广西横州", "本店售卖的是横州茉莉花茶，福州茉莉花茶请到福建商家处购买。"),
        ("茉莉花茶 250g", "广西横州", "想要福州茉莉花茶的顾客请去福建商家购买，我们没有。"),
        ("小米 5斤", "山西晋城", "喜欢吃沁州黄的朋友请去沁县商家处购买。"),
        ("贵州绿茶 250g", "贵州湄潭", "如果您想买西湖龙井，请绕行去杭州的店。"),
        ("红枣 5斤", "新疆若羌", "喜欢大个头的可以去买和田大枣，我家没有。"),
        ("红枣 5斤", "山西保德", "喜欢大个头的朋友可以去买和田大枣，我家只有油枣。"),
        ("大米 10斤", "吉林梅河口", "想吃五常大米的亲可以去别家看看。"),
        ("大米 10斤", "吉林梅河口", "市面上五常大米很多，我家没有五常大米，只有梅河大米。"),
        ("苹果 10斤", "云南昭通", "网上阿克苏苹果满天飞，我家没有，只有昭通的。"),
        ("大闸蟹 8只", "江苏淮安", "别家都叫阳澄湖大闸蟹，我们不叫，就叫洪泽湖大闸蟹。"),
        ("大米 10斤 要五常大米的请绕行", "吉林梅河口", ""),
    ],
)
def test_a_name_left_to_others_is_not_accused(title: str, origin: str, description: str, screener: Screener) -> None:
    screening = screener.screen(listing_of({"title": title, "origin": origin, "description": description}), ON)
    assert not screening.suspicions
    assert "N13" in {c.code for c in screening.clearings if c.decisive}


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ("大米 10斤", "喜欢五常大米的朋友请到我家店铺购买。"),
        ("大米 10斤", "五常大米请去主页下单。"),
        ("大米 10斤", "想要便宜五常大米的请绕行。"),
        ("大米 10斤", "买假五常大米请去别家。"),
        ("大米 10斤", "市面上假五常大米很多，我家没有，放心购买。"),
        ("大米 10斤", "市面上五常大米掺假的很多，我家没有。"),
        ("大米 10斤", "市面上便宜五常大米很多，我家没有。"),
        ("大米 10斤", "五常大米很多，我家没有一粒陈米。"),
        ("五常大米请到直播间购买 10斤", ""),
        ("市面上五常大米很多 我家才是正宗 10斤", ""),
        ("市面上五常大米很多 我家没有五常大米掺假 五常大米 10斤", ""),
    ],
)
def test_what_sends_the_buyer_to_the_own_shop_clears_nothing(title: str, description: str, screener: Screener) -> None:
    listing = listing_of({"title": title, "origin": "吉林梅河口", "description": description})
    (finding,) = [f for s in screener.screen(listing, ON).suspicions for f in s.findings]
    assert finding.family == "name-outside"
    assert not finding.considered


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ("大米 10斤", "想吃香的可以去买五常大米，我家只有正宗的。"),
        ("五常大米请到五常当地购买 大米 10斤", ""),
    ],
)
def test_what_may_send_the_buyer_away_only_lowers(title: str, description: str, screener: Screener) -> None:
    listing = listing_of({"title": title, "origin": "吉林梅河口", "description": description})
    (finding,) = [f for s in screener.screen(listing, ON).suspicions for f in s.findings]
    assert [c.code for c in finding.considered] == ["N13"]
