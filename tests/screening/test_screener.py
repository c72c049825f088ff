"""The screen as a whole against the real register: what must flag, what must not, and why."""

import json
import time
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gimonitor.errors import RulesError
from gimonitor.model.finding import History, Origin, Stage
from gimonitor.model.listing import Field, Listing, Shop, Subject
from gimonitor.model.register import GI, Certainty, Fact, Kind, Protection, Register
from gimonitor.register import load_register
from gimonitor.screening import Screener
from gimonitor.screening.explain import Law
from gimonitor.screening.lab import all_findings
from gimonitor.screening.records import listing_of

ON = date(2026, 11, 22)
REGISTER = load_register()
SCREENER = Screener(REGISTER)
WUCHANG = "hlj-wuchang-dami"


def screen(title: str, **known: object):
    return SCREENER.screen(listing_of({"title": title, **known}), ON)


def fired(title: str, **known: object) -> set[str]:
    return {f.model_id for f in all_findings(screen(title, **known))}


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"title": "东北八宝粥 12罐", "attrs": {"配料": "五常大米、红豆"}}, "N02"),
        ({"title": "东北杂粮面 2kg", "description": "配料：小麦粉、五常大米、水"}, "N02"),
        ({"title": "五常大米 10斤", "origin": "黑龙江省哈尔滨市五常市"}, "N06"),
        ({"title": "五常大米 10斤", "ship_from": "黑龙江 五常"}, "N06"),
        ({"title": "五常大米专用电饭煲 3L"}, "N09"),
        ({"title": "西湖龙井 玻璃茶杯 泡茶杯"}, "N09"),
        ({"title": "五常大米 稻种 稻花香2号"}, "N10"),
        ({"title": "西湖龙井 图书 绿茶 正版"}, "N12"),
        ({"title": "非五常大米 东北珍珠米 10斤"}, "N13"),
        ({"title": "本品不是西湖龙井 是普通绿茶"}, "N13"),
        ({"title": "和西湖龙井一样香 龙泉绿茶"}, "N13"),
        ({"title": "不是正宗五常大米 普通大米"}, "N13"),
        ({"title": "并非黑龙江五常大米 普通大米"}, "N13"),
        ({"title": "五常大米锅巴 100g"}, "N09"),
        ({"title": "陈皮红豆沙 配料：新会陈皮、红豆 300g"}, "N02"),
        ({"title": "五常大米 10斤", "attrs": {"省份": "黑龙江省", "城市": "哈尔滨市", "区县": "五常市"}}, "N06"),
        ({"title": "潼关肉夹馍 外卖 单人餐"}, "N05"),
        ({"title": "五常大米 10斤", "category": "厨房电器/电饭煲"}, "N09"),
    ],
)
def test_legitimate_readings_clear_and_are_shown(record: dict[str, object], code: str) -> None:
    screening = SCREENER.screen(listing_of(record), ON)
    assert not screening.suspicions
    assert screening.stage in (Stage.CLEARED, Stage.NOT_GOODS)
    assert code in {c.code for c in screening.clearings if c.decisive}
    assert all(c.reason for c in screening.clearings)


@pytest.mark.parametrize(
    ("record", "model"),
    [
        ({"title": "小芽米 5kg", "keywords": "五常"}, "keywords"),
        ({"title": "五常大米 吉林产 10斤"}, "name-outside"),
        ({"title": "五常产大米 10斤"}, "name-unknown"),
        ({"title": "洛川苹果包装箱 10斤装 现货"}, "packaging"),
        ({"title": "5常大米 10斤"}, "near-shape"),
    ],
)
def test_what_few_words_say_is_not_lost(record: dict[str, object], model: str) -> None:
    assert model in {f.model_id for f in all_findings(SCREENER.screen(listing_of(record), ON))}


def test_a_long_name_in_pinyin_needs_no_word_for_the_goods() -> None:
    assert screen("Anji Baicha 100g").suspicions
    assert not screen("Anji 100g").suspicions


@pytest.mark.parametrize("title", ["茅台王子酒 53度", "扳倒井 52度白酒", "汾酒产地龙凤呈祥 53度白酒"])
def test_nothing_is_cleared_or_placed_without_a_reason(title: str) -> None:
    screening = screen(title)
    reasons = [c.reason for c in screening.clearings if c.place]
    assert screening.suspicions or reasons
    assert all(f.origin is not Origin.OUTSIDE for f in all_findings(screening))


@pytest.mark.parametrize(
    "title",
    [
        "武昌大米 10斤",
        "武昌鱼 鲜活 2斤",
        "阳城大闸蟹 8只",
        "新疆哈密瓜 5斤",
        "香槟色 连衣裙 女",
        "香槟玫瑰 鲜花 99朵",
        "方正字体 设计软件",
        "铁观音 浓香型 250g",
        "老陈醋 酿造 500ml",
        "冬枣 新鲜 5斤",
        "整箱樱桃 5斤",
        "新米 东北大米 10斤",
        "故事性强 绘本",
        "山东阿胶 250g",
        "逍遥镇胡辣汤 12包",
        "德州扒鸡 500g",
        "韩版 连衣裙 修身",
    ],
)
def test_false_twins_and_generic_words_raise_nothing(title: str) -> None:
    screening = screen(title)
    assert not screening.suspicions, [f.reason for f in all_findings(screening)]


@pytest.mark.parametrize(
    "title",
    [
        "假一赔十 五常大米 10斤",
        "非五常不选 五常大米 10斤",
        "非遗工艺 西湖龙井 绿茶 250g",
        "谨防假冒 五常大米 10斤",
        "假冒必究 五常大米 10斤",
        "拒绝假货 五常大米 10斤",
        "比普通米香 五常大米 10斤",
        "不是陈米 五常大米 10斤",
        "区别于普通米 五常大米 10斤",
        "打假专用 正宗西湖龙井 250g",
        "比洞庭湖蟹更肥 阳澄湖大闸蟹 8只",
        "不是西湖龙井 胜似西湖龙井 五常大米 10斤",
        "假冒五常大米必究 五常大米 10斤",
        "口感不输五常大米 响水大米 10斤",
        "五常大米 配料：大米 10斤",
    ],
)
def test_words_that_only_look_like_negation_do_not_clear(title: str) -> None:
    assert "name-unknown" in fired(title)


@pytest.mark.parametrize(
    ("known", "origin", "model"),
    [
        ({"origin": "安徽"}, Origin.OUTSIDE, "name-outside"),
        ({"attrs": {"产地": "泰国"}}, Origin.OUTSIDE, "name-outside"),
        ({"origin": "黑龙江"}, Origin.UNKNOWN, "name-unknown"),
        ({"ship_from": "江苏苏州"}, Origin.UNKNOWN, "name-unknown"),
        ({"origin": "黑龙江五常", "attrs": {"产地": "安徽"}}, Origin.UNKNOWN, "name-unknown"),
        ({}, Origin.UNKNOWN, "name-unknown"),
    ],
)
def test_origin_has_three_values(known: dict[str, object], origin: Origin, model: str) -> None:
    (suspicion,) = screen("五常大米 10斤", **known).suspicions
    found = {f.model_id: f for f in suspicion.findings}
    assert found[model].origin is origin


@pytest.mark.parametrize(
    ("kind", "cited", "never"),
    [
        (Kind.GI_PRODUCT, {"gi-product-measures:30-1"}, {"collective-mark-rules:17-3", "trademark-law:infringement"}),
        (Kind.CERTIFICATION_MARK, {"collective-mark-rules:17-3", "trademark-law:infringement"}, {"gi-product-measures:30-1"}),
        (Kind.AGI, {"product-quality:53"}, {"gi-product-measures:30-1", "collective-mark-rules:17-3", "trademark-law:gi-clause"}),
    ],
)  # fmt: skip
def test_only_articles_for_the_kind_of_a_gis_protection_are_cited(
    register: Register, kind: Kind, cited: set[str], never: set[str]
) -> None:
    for certainty in (Certainty.FOUND, Certainty.UNVERIFIED):
        protection = Protection(kind=Fact(value=kind, certainty=certainty))
        gis = tuple(replace(gi, protections=(protection,)) for gi in register.gis if gi.id == "hlj-wuchang-dami")
        law = Law(replace(register, gis=gis, _by_id={}))
        keys = next(m.law for m in register.models if m.id == "name-outside")
        found = {c.key: c for c in law.cite(keys, ON, Origin.OUTSIDE, "hlj-wuchang-dami")}
        assert cited <= set(found) and not never & set(found)
        bound = [c for key, c in found.items() if key != "product-quality:53"]
        assert all(c.unverified is (certainty is Certainty.UNVERIFIED) for c in bound)


def test_a_special_mark_is_no_purpose_of_other_goods() -> None:
    assert "N09" in {
        c.code for c in SCREENER.screen(Listing(platform="p", item_id="1", title="五常大米专用米桶"), ON).clearings
    }
    marked = SCREENER.screen(Listing(platform="p", item_id="1", title="五常大米 10斤 五常大米专用标志"), ON)
    assert marked.suspicions and "N09" not in {c.code for c in marked.clearings}


def test_goods_from_outside_weigh_more_than_goods_of_unknown_origin() -> None:
    (outside,) = screen("五常大米 10斤", origin="安徽").suspicions
    (unknown,) = screen("五常大米 10斤").suspicions
    assert outside.score.total > unknown.score.total


def test_an_authorised_user_gets_reminders_and_no_lead(register: Register) -> None:
    user = next(u for u in register.users if u.is_active(ON))
    gi = register.gi(user.gi_id)
    shop = Shop(name="某店", subject=Subject(name=user.name, uscc=user.uscc))
    listing = Listing(platform="practice", item_id="1", title=f"国家地理标志保护产品 {gi.name} 10斤", shop=shop)
    screening = SCREENER.screen(listing, ON)
    assert not screening.suspicions
    assert "N20" in {c.code for c in screening.clearings}
    assert "mark-duty" in {r.model_id for r in screening.reminders}


def test_an_expired_authorisation_clears_nothing(register: Register) -> None:
    user = next(u for u in register.users if not u.is_active(ON))
    gi = register.gi(user.gi_id)
    shop = Shop(name="某店", subject=Subject(name=user.name, uscc=user.uscc))
    screening = SCREENER.screen(Listing(platform="practice", item_id="1", title=f"{gi.name} 10斤", shop=shop), ON)
    assert screening.suspicions
    assert any(not c.decisive and "有效期" in c.reason for c in screening.clearings)


def test_resale_of_an_authorised_brand_is_considered(register: Register) -> None:
    user = next(u for u in register.users if u.is_active(ON) and u.brands)
    gi = register.gi(user.gi_id)
    assert not screen(f"{gi.name} 10斤", brand=user.brands[0]).suspicions
    assert screen(f"{gi.name} 10斤", brand=user.brands[0], origin="海南三亚").suspicions


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("正宗五🍚常大米 10斤", "五🍚常大米"),
        ("五·常·大·米 10斤", "五·常·大·米"),
        ("陽澄湖大閘蟹 8只", "陽澄湖大閘蟹"),
        ("五\u200b常大\u200b米 10斤", "五\u200b常大\u200b米"),
        ("五chang大米 10斤", "五chang大米"),
        ("XI HU LONG JING 绿茶 250g", "XI HU LONG JING"),
    ],
)
def test_matches_are_shown_as_they_stood(raw: str, shown: str) -> None:
    findings = all_findings(screen(raw))
    assert shown in {f.place.text for f in findings}
    for found in findings:
        assert raw[found.place.start : found.place.end] == found.place.text


def test_places_lead_to_their_own_field() -> None:
    screening = screen("东北大米 10斤", subtitle="好吃", attrs={"品名": "五常大米"}, description="图文无关。")
    places = [f.place for f in all_findings(screening)]
    assert {(p.field, p.key, p.text) for p in places} == {(Field.ATTRIBUTES, "品名", "五常大米")}


def test_findings_explain_themselves() -> None:
    for found in all_findings(screen("五常大米 10斤", origin="安徽", attrs={"执行标准": "GB/T 1354"})):
        assert found.reason.endswith("。")
        assert found.clears
        assert found.law
        assert 0 <= found.confidence <= 1
        assert found.gi_id == WUCHANG
        for word in ("侵权", "违法行为人", "infring", "violat"):
            assert word not in found.reason


def test_score_is_the_product_of_its_terms() -> None:
    (suspicion,) = screen("五常大米 10斤", origin="安徽", sales=3000, price=29.9).suspicions
    product = 100.0
    for term in suspicion.score.terms:
        assert 0 < term.value <= 1
        assert term.inputs
        product *= term.value
    assert suspicion.score.total == round(product, 1)


def test_history_raises_the_score_and_says_so() -> None:
    listing = listing_of({"title": "五常大米 10斤", "origin": "安徽"})
    calm = SCREENER.screen(listing, ON).suspicions[0]
    known = SCREENER.screen(listing, ON, History(confirmed=2, removals=1)).suspicions[0]
    assert known.score.total > calm.score.total
    assert "repeat" in {f.model_id for f in known.findings}


def test_same_input_same_output_whatever_came_before() -> None:
    listing = listing_of({"title": "五常大米 西湖龙井 10斤", "origin": "安徽"})
    first = SCREENER.screen(listing, ON)
    screen("陽澄湖大閘蟹")
    assert SCREENER.screen(listing, ON) == first
    assert Screener(load_register()).screen(listing, ON) == first


@pytest.mark.parametrize("engine", ["daachorse", "ahocorasick-rs"])
def test_both_engines_agree(engine: str, register: Register) -> None:
    other = Screener(register, engine=engine)
    for title in ("五常大米 10斤", "四川龙井茶 绿茶", "YCH大闸蟹 8只", "CHAMPAGNE 起泡酒", "国家地理标志产品 蜂蜜"):
        listing = listing_of(title)
        assert other.screen(listing, ON) == SCREENER.screen(listing, ON)


def test_price_floor_and_output_come_from_the_register() -> None:
    gi = GI(
        id="x", name="甲乙大米", certainty=Certainty.FOUND, source="test", core="甲乙", product_words=("大米",),
        price_floors_fen=((2026, Fact(value=2000, certainty=Certainty.FOUND, source="test")),),
        output_tonnes=((2025, Fact(value=10.0, certainty=Certainty.FOUND, source="test")),),
    )  # fmt: skip
    screener = Screener(replace(SCREENER.register, gis=(gi,), _by_id={}))
    cheap = listing_of({"title": "甲乙大米 10斤", "price": 30, "sales": 2000})
    assert {"price", "volume"} <= {f.model_id for f in all_findings(screener.screen(cheap, ON))}
    dear = listing_of({"title": "甲乙大米 10斤", "price": 300, "sales": 20})
    assert not {"price", "volume"} & {f.model_id for f in all_findings(screener.screen(dear, ON))}


def test_season_before_the_opening_day() -> None:
    crab = listing_of({"title": "阳澄湖大闸蟹 现货 公4两 8只"})
    early = date(2025, 9, 1)
    assert "season" in {f.model_id for f in all_findings(SCREENER.screen(crab, early))}
    assert "season" not in {f.model_id for f in all_findings(SCREENER.screen(crab, date(2025, 10, 20)))}
    presale = listing_of({"title": "阳澄湖大闸蟹 蟹券 预售 8只"})
    assert "season" not in {f.model_id for f in all_findings(SCREENER.screen(presale, early))}


ODD = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from(
            "五常大米阳澄湖大闸蟹西湖龙井非不是同款🍚\u200b\u202e·\x00\ud800\udfff\uffff 产地:安徽GB/T1354"
        ),
    ),
    max_size=200,
)


@settings(max_examples=150, deadline=None)
@given(title=ODD, description=ODD, key=ODD, value=ODD, shop=ODD, category=ODD)
def test_odd_text_never_raises(title: str, description: str, key: str, value: str, shop: str, category: str) -> None:
    listing = Listing(
        platform="p", item_id="1", title=title, subtitle=value, description=description, attributes=((key, value),),
        keywords=(key, value), brand=value, shop=Shop(name=shop, region=value), origin=value, ship_from=key,
        category=category, specification=value, image_text=description, price_fen=1, sales=5,
    )  # fmt: skip
    screening = SCREENER.screen(listing, ON)
    texts = {(f, k): t for f, k, t in listing.texts()}
    for found in all_findings(screening):
        if found.place.field is not Field.ATTRIBUTES:
            assert texts[found.place.field, found.place.key][found.place.start : found.place.end] == found.place.text


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["·", " ", "\u200b", "🔥", "★", "\u202e", "", "－"]), min_size=3, max_size=3))
def test_no_separator_hides_a_name(separators: list[str]) -> None:
    title = "正宗" + "".join(a + b for a, b in zip("五常大米", [*separators, ""], strict=True)) + " 10斤"
    assert screen(title).suspicions


@pytest.mark.parametrize(
    "unit",
    [
        "\x00",
        "\ud800",
        "🍚",
        " ",
        "·",
        "五常大米 ",
        "非五常大米",
        "产地：",
        "五常",
        "wuchang",
        "GB/T 1354 ",
        "地理标志",
        "1" * 17 + "X ",
    ],
)
def test_a_megabyte_takes_bounded_time(unit: str) -> None:
    took = []
    for size in (100_000, 1_000_000):
        listing = Listing(platform="p", item_id="1", title=(unit * (size // len(unit)))[:size])
        took.append(seconds(listing))
    assert took[1] < 20
    assert took[1] < 40 * took[0] + 0.5, took


@pytest.mark.parametrize("unit", ["茶：", "米", "我", "，我们", "产地", "9月", "不是", "比", "五常大米，"])
def test_a_megabyte_beside_every_name_takes_bounded_time(unit: str) -> None:
    named = "、".join(gi.name for gi in REGISTER.gis if gi.is_gi)
    took = []
    for size in (100_000, 1_000_000):
        told = named + (unit * (size // len(unit)))[:size]
        listing = Listing(platform="p", item_id="1", title="大米 茶叶", origin="吉林榆树", description=told)
        took.append(seconds(listing))
    assert took[1] < 20
    assert took[1] < 40 * took[0] + 0.5, took


@pytest.mark.parametrize("unit", ["送茶具+", "酒", "五常大米 "])
def test_a_title_of_every_name_and_a_word_of_goods_takes_bounded_time(unit: str) -> None:
    named = "、".join(gi.name for gi in REGISTER.gis if gi.is_gi)
    assert seconds(Listing(platform="p", item_id="1", title=named + unit * (300_000 // len(unit)))) < 20


@pytest.mark.parametrize("key", ["产地", "配料", "品牌"])
def test_thousands_of_attributes_take_bounded_time(key: str) -> None:
    named = "、".join(gi.name for gi in REGISTER.gis if gi.is_gi)
    stated = tuple((key, f"苹果（陕西洛川）、五常大米{i}") for i in range(10_000))
    assert seconds(Listing(platform="p", item_id="1", title="大米", description=named, attributes=stated)) < 20


def seconds(listing: Listing) -> float:
    """Processor time of screening a listing."""
    began = time.process_time()
    SCREENER.screen(listing, ON)
    return time.process_time() - began


def test_records_round_trip_to_json() -> None:
    from gimonitor.screening.records import record_of

    record = record_of(screen("\ud800五🍚常大米", origin="安徽"))
    assert json.loads(json.dumps(record, ensure_ascii=True))["stage"] == "flagged"


def test_rules_with_a_part_missing_are_refused_and_never_screen_everything_clean(register: Register) -> None:
    with pytest.raises(RulesError, match="nothing would be screened"):
        Screener(replace(register, models=()))
    with pytest.raises(RulesError, match="claims"):
        Screener(replace(register, words=tuple(w for w in register.words if w.group != "claims")))
    with pytest.raises(RulesError, match="signs"):
        Screener(replace(register, signs=()))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.builds(
            Listing,
            platform=st.just("p"),
            item_id=st.just("1"),
            title=st.text(alphabet="五常大米西湖龙井伍尤 ·\u200b🍚①㎏\uffff\ud800wuchang12丶【】", max_size=24),
            subtitle=st.sampled_from(["", "五常", "【西湖】龙井"]),
            keywords=st.sampled_from([(), ("五常大米",), ("", " · ")]),
            description=st.sampled_from(["", "产地：安徽合肥", "⑩斤 GB/T 1354", "国家地理标志保护产品"]),
        ),
        max_size=5,
    )
)
def test_listings_screened_together_come_out_as_they_do_alone(listings: list[Listing]) -> None:
    assert SCREENER.screen_all(listings, ON) == [SCREENER.screen(listing, ON) for listing in listings]
