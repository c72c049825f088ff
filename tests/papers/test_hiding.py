"""A typical case names nobody: neither its facts nor the words that a finding quotes."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import docx
import pytest

from gimonitor.model.finding import Finding, Origin, Place
from gimonitor.model.listing import Field, Listing, Shop, Subject
from gimonitor.papers.hiding import Hider
from gimonitor.papers.typical import print_case
from gimonitor.store.leads import load_lead

from .conftest import LAW, NOW, furnish, judged

GI = "演练山大米"
TITLE = "湖畔人家演练山大米10斤 湖 畔 人家官方旗舰店 执行GB/T 19266-2008"
MADE = "生产商：哈尔滨市金谷源米业有限公司，许可证SC10123018400120，标准Q/JGY 0001S-2020，条码6901234567892"
PACKED = "委托方为富裕县绿野水稻种植专业合作社，统一社会信用代码92320118MAMKUT7H1L，厂址：甲县乙镇丰收路18号"
SOLD = "商标注册号：12345678，另售于金穗粮行、丰年食品专营店和北仓加工厂，第7654321号"
OFFER = Listing(
    platform="practice",
    item_id="g0077",
    title=TITLE,
    description=f"{MADE}。{PACKED}",
    image_text=SOLD,
    brand="谷小香/GUXIANG",
    attributes=(
        ("品牌", "稻花村"),
        ("厂名", "金谷源"),
        ("卖点", "谷小香与稻花村，guxiang 出品"),
        ("产地", "黑龙江省五常市"),
    ),
    shop=Shop(
        name="湖畔人家粮油旗舰店",
        shop_id="s11223",
        subject=Subject(name="某县湖畔粮油经营部", uscc="92320118MAMKUT7H1L", address="某省某县演练路11号"),
    ),
)
NAMED = (
    *("湖畔人家", "湖 畔 人家", "湖畔粮油", "金谷源", "10123018400120", "0001S", "6901234567892"),
    *("绿野", "92320118MAMKUT7H1L", "丰收路", "12345678", "7654321", "金穗", "丰年", "北仓"),
    *("谷小香", "GUXIANG", "guxiang", "稻花村", "s11223", "g0077"),
)
FAMILIES = (
    *("abolished-claim", "contradiction", "keywords", "mark-claim", "mark-duty", "name-outside", "name-unknown"),
    *("near-name", "packaging", "price", "repeat", "sc-region", "season", "shop-name", "standard", "style", "supply"),
    *("translation", "uscc", "volume", "officer"),
)
TEXTS = [one for one in OFFER.texts() if one[2]]


def found(family: str, place: Place, *unverified: str) -> Finding:
    return Finding(
        model_id=family,
        model_version=1,
        family=family,
        gi_id="gi:practice",
        gi_name=GI,
        place=place,
        reason=f"页面有“{place.text}”，与“{GI}”的标准GB/T 19266-2008及产地黑龙江省五常市不符",
        clears="",
        severity=0.9,
        confidence=0.8,
        origin=Origin.OUTSIDE,
        law=(LAW,),
        unverified=unverified,
    )


@pytest.mark.parametrize("unverified", [(), ("年产量尚未核实",)])
def test_the_paper_names_nobody_whatever_a_finding_quotes(
    sqlite_store, tmp_path: Path, unverified: tuple[str, ...]
) -> None:
    places = [Place(field=f, key=key, start=0, end=len(text), text=text) for f, key, text in TEXTS]
    assert {Field.TITLE, Field.SHOP, Field.BRAND, Field.ATTRIBUTES, Field.IMAGE_TEXT} <= {
        place.field for place in places
    }
    findings = [found(family, place, *unverified) for family in FAMILIES for place in places]
    house = judged(furnish(sqlite_store, tmp_path / "data", OFFER, *findings))
    with house.store.read() as c:
        data = print_case(load_lead(c, house.lead_id), house.configuration, NOW)
    document = docx.Document(BytesIO(data))
    said = "\n".join([*(p.text for p in document.paragraphs), *(x.text for t in document.tables for x in t._cells)])
    assert [name for name in NAMED if name in said] == []
    assert "演练山大米10斤" in said and "GB/T 19266-2008" in said and "黑龙江省五常市" in said


def test_what_names_nobody_stays() -> None:
    hide = Hider(OFFER, {GI})
    for words in (
        GI,
        "演练山大米10斤装",
        "产地黑龙江省五常市",
        "2026年9月20日上市",
        "每500克9.99元",
        "执行标准DB23/T 1234-2020",
    ):
        assert hide(words) == words


def test_a_brand_that_is_part_of_the_gis_name_hides_nothing_of_it() -> None:
    offer = Listing(platform="p", item_id="10", title="", brand="五常", shop=Shop(name="五常大米王旗舰店"))
    hide = Hider(offer, {"五常大米"})
    assert hide("五常大米 10斤") == "五常大米 10斤"
    assert hide("五常大米王10斤") == "某店铺（名称含五常大米）10斤"
    assert hide("五常大米王旗舰店") == "某店铺（名称含五常大米）"
