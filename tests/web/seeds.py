"""What the tests of the screens begin with: a small register, invented listings with their screenings, a night, people."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from gimonitor.model.finding import (
    Citation,
    Clearing,
    Finding,
    Origin,
    Place,
    Score,
    ScoreTerm,
    Screening,
    Stage,
    Suspicion,
)
from gimonitor.model.listing import Field, Listing, Shop, Subject
from gimonitor.model.register import (
    GI,
    Area,
    AuthorisedUser,
    Basis,
    Certainty,
    Fact,
    Kind,
    Protection,
    Register,
    Sign,
    Standard,
)
from gimonitor.model.run import BlockKind, Coverage, RunState
from gimonitor.store import listings, runs
from gimonitor.store.database import Store
from gimonitor.workflow.decisions import Actor
from gimonitor.workflow.roles import Role

NOW = datetime(2026, 11, 20, 0, 30, tzinfo=UTC)
PASSWORD = "chenpi-2026-xinhui"
MARKET = "http://127.0.0.1:8601"

CRAB = GI(
    id="yangchenghu-crab",
    name="阳澄湖大闸蟹",
    certainty=Certainty.FOUND,
    source="https://standards.example/19957",
    province="江苏",
    city="苏州",
    category=Fact(value="水产", certainty=Certainty.UNVERIFIED),
    protections=(
        Protection(
            kind=Fact(value=Kind.GI_PRODUCT, certainty=Certainty.FOUND, source="公告"),
            numbers=(Fact(value="（演练编号）", certainty=Certainty.UNVERIFIED),),
        ),
    ),
    area=Area(adcodes=Fact(value=("320507", "320583"), certainty=Certainty.FOUND, source="公告")),
    standards=(Standard(code=Fact(value="GB/T 19957", certainty=Certainty.UNVERIFIED)),),
)
REGISTER = Register(
    gis=(CRAB,),
    users=(
        AuthorisedUser(
            gi_id=CRAB.id,
            name="苏州金爪蟹业有限公司",
            uscc="91320507MA1YEXA50H",
            basis=Basis.MEMBER,
            certainty=Certainty.PRACTICE,
            source="演练数据",
        ),
    ),
    signs=(
        Sign(
            id="old-mark",
            name="某废止标志",
            kind="gi_abolished",
            certainty=Certainty.FOUND,
            source="公告",
            starts=Fact(value=date(2007, 1, 30), certainty=Certainty.UNVERIFIED),
        ),
    ),
    articles=(),
    words=(),
    models=(),
    digest="0" * 64,
)

EVIL = [
    "<script>alert('x')</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}{% raw %}",
    "阳\u200b澄\u202e湖\u2066大闸蟹",
    "</title><svg onload=alert(1)>",
    "javascript:alert(1)",
    "\ud800坏字符",
]


def place(listing: Listing, field: Field, words: str, key: str = "") -> Place:
    text = next(t for f, k, t in listing.texts() if f is field and k == key)
    start = text.index(words)
    return Place(field=field, start=start, end=start + len(words), text=words, key=key)


def screening(listing: Listing, total: float, *findings: tuple[Field, str, str, str]) -> Screening:
    """A screening with one suspicion over the crab; a finding is (field, key, words, reason)."""
    found = tuple(
        Finding(
            model_id="name-outside",
            model_version=2,
            family="N1a",
            gi_id=CRAB.id,
            gi_name=CRAB.name,
            place=place(listing, field, words, key),
            reason=reason,
            clears="出示产自保护产区的证明，或改正标题中的名称",
            severity=0.9,
            confidence=0.8,
            origin=Origin.OUTSIDE,
            law=(
                Citation(
                    key="product:misuse",
                    instrument="地理标志产品保护办法（局令第80号）",
                    article="第三十条",
                    text="在产地范围外的相同或者类似产品上使用受保护的地理标志产品名称。",
                    url="https://law.example/80",
                ),
            ),
            considered=(
                Clearing(code="N20", reason="店铺主体不在合法使用人名单中", decisive=False),
                Clearing(code="N02", reason="名称不在配料说明中", decisive=False),
            ),
            unverified=("执行标准 GB/T 19957 未核实",),
        )
        for field, key, words, reason in findings
    )
    terms = (
        ScoreTerm(name="severity", value=0.9, inputs="产区外使用名称 0.9"),
        ScoreTerm(name="confidence", value=0.8, inputs="名称完整 0.9 × 产地明确 0.89"),
        ScoreTerm(name="reach", value=total / 72, inputs="页面销量、排名"),
        ScoreTerm(name="history", value=1.0, inputs="无前例"),
    )
    suspicion = Suspicion(gi_id=CRAB.id, gi_name=CRAB.name, findings=found, score=Score(total=total, terms=terms))
    return Screening(
        stage=Stage.FLAGGED, suspicions=(suspicion,), clearings=(), on=NOW.date(), register_digest=REGISTER.digest
    )


def crab_listing(number: int, title: str, market: str = MARKET, **changes: object) -> Listing:
    base = Listing(
        platform="practice",
        item_id=f"g{number:03}",
        title=title,
        url=f"{market}/item/g{number:03}",
        attributes=(("产地", "江苏省南京市高淳区"), ("规格", "8只")),
        description=f"{title}，鲜活到家，坏单包赔。",
        shop=Shop(
            name="湖畔水产小铺",
            shop_id="s11",
            region="江苏 南京",
            subject=Subject(
                name="南京湖畔水产经营部", uscc="92320118MAMKUT7H1L", address="江苏省南京市高淳区演练路11号"
            ),
        ),
        origin="江苏省南京市高淳区",
        ship_from="江苏 南京",
        price_fen=15800 + number,
        sales=22000 - number,
        source="practice",
        query="阳澄湖大闸蟹",
        observed_at=NOW - timedelta(hours=7),
        parser="practice.item@1",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def seed_leads(store: Store, market: str = MARKET, count: int = 24) -> None:
    """A nightly run with gaps, `count` plain leads and one for each evil text."""
    with store.write() as c:
        run_id = runs.start_run(c, "nightly", {}, now=NOW - timedelta(hours=8))
        for query, blocked, cut in (
            ("阳澄湖大闸蟹", None, False),
            ("阳澄湖 蟹券", None, True),
            ("大闸蟹", BlockKind.CHALLENGE, False),
        ):
            runs.save_coverage(
                c,
                Coverage(
                    run_id=run_id,
                    source="practice",
                    query=query,
                    pages_asked=3,
                    pages_answered=0 if blocked else 3,
                    announced=None if blocked else 96,
                    seen=0 if blocked else 48,
                    stored=0 if blocked else 31,
                    unchanged=0 if blocked else 17,
                    cut_off=cut,
                    blocked=blocked,
                    at=NOW,
                ),
            )
        observed = []
        for number in range(count):
            listing = crab_listing(number, f"阳澄湖大闸蟹 鲜活现货 {number + 2}只 顺丰", market)
            observed.append(
                listings.Observation(
                    listing=listing,
                    screening=screening(
                        listing,
                        round(70.0 - number * 2.3, 1),
                        (
                            Field.TITLE,
                            "",
                            "阳澄湖大闸蟹",
                            "标题使用“阳澄湖大闸蟹”，页面产地为南京市高淳区，不在保护产区内",
                        ),
                        (Field.DESCRIPTION, "", "鲜活现货", "宣传“鲜活现货”"),
                    ),
                )
            )
        for number, text in enumerate(EVIL, start=500):
            listing = crab_listing(
                number,
                f"阳澄湖大闸蟹 {text}",
                description=text,
                attributes=((text, text),),
                shop=Shop(name=text, shop_id=f"evil{number}"),
                origin=text,
                brand=text,
                url=text,
            )
            observed.append(
                listings.Observation(
                    listing=listing, screening=screening(listing, 5.0, (Field.TITLE, "", "阳澄湖大闸蟹", "测试"))
                )
            )
        listings.save_listings(c, observed, run_id)
        runs.finish_run(c, run_id, RunState.PARTIAL, "", now=NOW - timedelta(hours=6))


PEOPLE = {
    "wang": ("王一", (Role.OFFICER,)),
    "li": ("李二", (Role.OFFICER,)),
    "zhao": ("赵批", (Role.APPROVER,)),
    "yun": ("云维", (Role.OPERATOR,)),
    "shen": ("沈计", (Role.AUDITOR,)),
    "ling": ("凌导", (Role.LEADER,)),
    "mo": ("莫型", (Role.MODEL_AUTHOR,)),
}
WANG = Actor(login="wang", roles=frozenset({Role.OFFICER}))
ZHAO = Actor(login="zhao", roles=frozenset({Role.APPROVER}))
