"""What the papers say about a lead: every value as the text to print; what is not known is a marked blank."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from gimonitor.configuration import Configuration
from gimonitor.evidence.digest import digest_bytes, digest_file
from gimonitor.evidence.pack import PackFile, pieces_of
from gimonitor.evidence.pages import beijing
from gimonitor.model.finding import Citation
from gimonitor.model.listing import Listing
from gimonitor.model.register import GI, Certainty, Fact, Kind
from gimonitor.model.zone import BEIJING
from gimonitor.papers.covers import Batch, cover_values
from gimonitor.papers.exhibits import COLLECTED, EXTRACTED
from gimonitor.papers.findings import RESULTS, ShownFinding, say_clearing, show_findings
from gimonitor.papers.forms import Picture, blank
from gimonitor.papers.jurisdiction import operator_of
from gimonitor.papers.looking import look_of
from gimonitor.papers.origins import (
    NOT_SAID,
    Learnt,
    account_of,
    first_time,
    lack_of,
    last_time,
    say_origin,
    say_times,
    standing,
)
from gimonitor.papers.platforms import platform_name
from gimonitor.papers.registration import crops_of, say_licences, say_price, say_risk, say_unit_price
from gimonitor.papers.words import EVIDENCE, SHOWS, say_gap, say_gaps
from gimonitor.register.cells import is_number
from gimonitor.store.captures import StoredCapture
from gimonitor.store.leads import LeadRecord
from gimonitor.workflow.vocabulary import Seen
from gimonitor.workflow.words import RESOLUTIONS, SEEN

Values = dict[str, object]

UNCITED = "法律依据待核实"
"""Stands where a finding has no article that somebody checked."""

KIND_WORDS: dict[Kind, str] = {
    Kind.GI_PRODUCT: "地理标志产品",
    Kind.COLLECTIVE_MARK: "集体商标",
    Kind.CERTIFICATION_MARK: "证明商标",
    Kind.AGI: "农产品地理标志",
    Kind.FOREIGN: "协定保护的国外地理标志",
    Kind.ORDINARY_MARK: "普通商标",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressing:
    """What a person chose for a paper: to whom, on what ground, with copies to whom, the numbers of a notary's deed and of
    a deposit certificate (存证证书); and the GI as the register has it."""

    addressee: str = ""
    ground: str = ""
    copies: str = ""
    notary: str = ""
    deposit: str = ""
    gi: GI | None = None


UNADDRESSED = Addressing()


def values_of(
    record: LeadRecord,
    configuration: Configuration,
    evidence: Sequence[PackFile],
    *,
    number: str,
    who: str,
    made_at: datetime,
    addressing: Addressing = UNADDRESSED,
    without: Sequence[str] = (),
    learnt: Learnt = NOT_SAID,
) -> Values:
    """Everything a template may ask for. Facts that nobody has checked are left out; so the papers cannot print them.

    `who` is the officer's name, `without` are sentences about what the pack was expressly built without, `learnt` says how
    the lead came to the house.
    """
    findings = show_findings(record.suspected, record.findings)
    pieces, crops = pieces_of(evidence_rows(evidence)), crops_of(evidence)
    captured = _captures(record, configuration)
    rows = [row for piece in pieces for row in _files(piece)]
    return {
        "paper": {
            "number": number,
            "date": chinese_date(made_at),
            "officer": who,
            "organisation": configuration.organisation,
            "addressee": addressing.addressee or blank("主送单位"),
            "ground": addressing.ground or blank("移送或者协查的理由"),
            "copies": addressing.copies or blank("抄送单位，没有的填无"),
        },
        "pack": {
            "number": number,
            "stamps": "见证据包中的 how-to-check.html",
            "pieces": str(len(pieces)),
            "without": "".join(without),
            "explained": list(without),
            "notary": addressing.notary or blank("编号，没有的填无"),
            "deposit": addressing.deposit or blank("编号，没有的填无"),
        },
        "lead": {
            "id": str(record.lead.id),
            "origin": learnt.source,
            "opening": learnt.opening,
            "times": say_times(record, learnt),
            "risk": say_risk(record.lead.score, record.findings),
            "resolution": RESOLUTIONS[record.lead.resolution] if record.lead.resolution else "尚未判定",
            "why": next((d.why for d in reversed(record.decisions) if d.resolution and d.why), blank("判断理由")),
        },
        "listing": _listing(record, learnt),
        "subject": _subject(record.suspected),
        "gi": {"name": record.lead.gi_name, "details": gi_details(addressing.gi, made_at.astimezone(BEIJING).date())},
        "right_holder": {
            "name": blank("权利人名称、住所"),
            "seat": "",
            "contact": blank("联系人、电话、电子邮箱"),
            "documents": blank("身份证明、权利证明的名称和编号"),
            "power_of_attorney": blank("授权委托书编号，本人提出的填无"),
        },
        "findings": [_finding(finding, crops.get(finding.words)) for finding in findings],
        "law": _law(findings),
        "clearings": [
            {"code": c.code, "reason": say_clearing(record.suspected, c), "result": RESULTS[c.decisive]}
            for c in record.clearings
        ],
        "links": link_values([(record, learnt)]),
        "batch": cover_values(Batch(channel=blank("投诉渠道"), numbers=(number,), sizes=(1,)), number, ()),
        "evidence": rows,
        "pieces": pieces,
        "extracted": [row for row in rows if row["method"] == EXTRACTED],
        "collected": [row for row in rows if row["method"] == COLLECTED],
        "captures": captured,
        "extraction": _extraction(record),
        "checks": "；".join(dict.fromkeys(f"{each['checks']}，时钟{each['clock']}" for each in captured)),
    }


def chinese_date(at: datetime) -> str:
    """The Beijing date as papers write it."""
    day = at.astimezone(BEIJING)
    return f"{day.year}年{day.month}月{day.day}日"


def gi_details(gi: GI | None, on: date) -> str:
    """What the register knows for certain about a GI on a day, with its numbers; a blank where it knows nothing so.

    Protections and standards that had ended by then, or were taken over by others, are left out.
    """
    if gi is None:
        return blank("地理标志的类型、产地、公告号或者注册号、标准号")
    parts = []
    for protection in gi.protections_on(on):
        numbers = [f.value for f in protection.numbers if _is_found(f) and is_number(f.value)]
        if _is_found(protection.kind):
            parts.append(KIND_WORDS[protection.kind.value] + (f"（{'、'.join(numbers)}）" if numbers else ""))
    standards = [s.code.value for s in gi.standards if s.is_active(on) and _is_found(s.code)]
    if standards:
        parts.append(f"标准 {'、'.join(standards)}")
    return f"{'；'.join(parts)}。" if parts else blank("地理标志的类型、产地、公告号或者注册号、标准号")


def _is_found(fact: Fact[str] | Fact[Kind]) -> bool:
    return fact.certainty is Certainty.FOUND


def evidence_rows(evidence: Sequence[PackFile]) -> list[Values]:
    """A row for each file of the 证据清单, with digests of the files as they are now."""
    rows: list[Values] = []
    for file in evidence:
        if file.obtained is None:
            continue
        made = digest_bytes(file.content) if isinstance(file.content, bytes) else digest_file(file.content)
        rows.append(
            {
                "number": str(len(rows) + 1),
                "piece": file.obtained.piece,
                "title": file.title,
                "kind": file.obtained.kind,
                "at": beijing(file.obtained.at),
                "method": file.obtained.method,
                "by": file.obtained.by or "自动采集",
                "carrier": file.obtained.carrier,
                "path": f"data/{file.path}",
                "size": str(made.size),
                "sha256": made.sha256,
                "sm3": made.sm3,
                "proves": file.obtained.proves,
                "note": file.obtained.note or "原件，未作改动",
            }
        )
    return rows


def _files(piece: Values) -> list[Values]:
    files = piece["files"]
    assert isinstance(files, list)
    return files


def _listing(record: LeadRecord, learnt: Learnt) -> Values:
    listing = record.suspected
    account = account_of(listing)
    return {
        "platform": platform_name(listing.platform),
        "operator": operator_of(listing.platform),
        "shop": listing.shop.name if listing.shop else blank("店铺名称"),
        "shop_id": (listing.shop.shop_id if listing.shop else "") or "未显示店铺编号",
        "item_id": listing.item_id,
        "title": listing.title,
        "url": listing.url or blank("商品链接"),
        "price": say_price(listing),
        "unit_price": say_unit_price(listing),
        "licences": say_licences(listing),
        "specification": listing.specification or lack_of(listing, "specification"),
        "sales": f"{account}所示销量 {listing.sales}" if listing.sales is not None else lack_of(listing, "sales"),
        "origin": say_origin(listing) or lack_of(listing, "origin"),
        "ship_from": listing.ship_from or lack_of(listing, "ship_from"),
        "first_seen": first_time(record, learnt),
        "last_seen": last_time(record, learnt),
        "versions": str(record.listing.version),
        "standing": standing(record, learnt),
    }


def _subject(listing: Listing) -> Values:
    subject = listing.shop.subject if listing.shop else None
    return {
        "name": (subject.name if subject else "") or blank("当事人名称"),
        "uscc": (subject.uscc if subject else "") or blank("统一社会信用代码"),
        "address": (subject.address if subject else "") or blank("住所（经营场所）"),
    }


def _finding(finding: ShownFinding, crop: Path | None) -> Values:
    return {
        "crop": Picture(crop) if crop else "",
        "position": finding.position,
        "number": str(finding.number),
        "field": finding.field,
        "before": finding.before,
        "words": finding.words,
        "after": finding.after,
        "reason": finding.reason.rstrip("。") + "。",
        "told": finding.told.rstrip("。") + "。",
        "uncited": "" if finding.law else blank(UNCITED),
        "origin": finding.origin,
        "clears": finding.clears.rstrip("。"),
        "law": [_citation(c) for c in finding.law],
    }


def _law(findings: Sequence[ShownFinding]) -> list[Values]:
    """Each article once, with the numbers of the findings of one link that rest on it."""
    cited = {c.key: c for finding in findings for c in finding.law}
    return [
        {
            **_citation(c),
            "links": "1",
            "findings": "、".join(str(f.number) for f in findings if key in {each.key for each in f.law}),
        }
        for key, c in cited.items()
    ]


def _citation(citation: Citation) -> Values:
    return {"instrument": citation.instrument, "article": citation.article, "text": citation.text.rstrip("。")}


def law_of(records: Sequence[LeadRecord]) -> list[Values]:
    """Each article that the findings of these leads rest on, once, with the numbers of the links."""
    shown = [show_findings(record.suspected, record.findings) for record in records]
    cited = [{c.key: c for finding in findings for c in finding.law} for findings in shown]
    every = {key: c for one in cited for key, c in one.items()}
    return [
        {**_citation(c), "links": "、".join(str(n) for n, one in enumerate(cited, 1) if key in one)}
        for key, c in every.items()
    ]


def link_values(leads: Sequence[tuple[LeadRecord, Learnt]], reason: str = "") -> list[Values]:
    """The links of a complaint, numbered, each with its reasons and the articles of each, or with the officer's own."""
    return [
        {
            "number": str(number),
            **_listing(record, learnt),
            "reasons": reason.strip().rstrip("。；．") or _reasons(record),
        }
        for number, (record, learnt) in enumerate(leads, 1)
    ]


def _reasons(record: LeadRecord) -> str:
    shown = show_findings(record.suspected, record.findings)
    return "；".join(_grounded(f) for f in shown) or blank("理由")


def _grounded(finding: ShownFinding) -> str:
    cited = "、".join(f"{c.instrument}{c.article}" for c in finding.law)
    return f"{finding.reason.rstrip('。')}（依据：{cited or blank(UNCITED)}）"


def _captures(record: LeadRecord, configuration: Configuration) -> list[Values]:
    """The environment records of the lead's captures, as the extraction record prints them."""
    shown: list[Values] = []
    folders = {c.file.partition("/")[0]: c for c in record.captures if c.kind == "manifest" and "seen" in c.detail}
    for capture in record.captures:
        path = configuration.evidence_dir / capture.file
        if capture.kind == "environment" and path.is_file():
            seen = folders.get(capture.file.partition("/")[0])
            shown.append({"number": str(len(shown) + 1), **_environment(path), "seen": _seen(seen)})
    return shown


def _extraction(record: LeadRecord) -> str:
    """What was done to extract, by what was kept; nothing where no page was opened."""
    folders = {c.file.partition("/")[0] for c in record.captures if c.kind == "environment"}
    kept = dict.fromkeys(EVIDENCE[c.kind][0] for c in record.captures if c.file.partition("/")[0] in folders)
    if not kept:
        return "没有打开网页，没有提取电子数据。"
    return f"使用浏览器打开上述网址，保存{'、'.join(kept)}，逐个文件计算 SHA-256 和 SM3。"


def _seen(capture: StoredCapture | None) -> str:
    """What the offer's page showed when it was captured; "" for its shop and the like."""
    if capture is None:
        return ""
    look = look_of(capture)
    said = "；".join(part for part in (f"{SEEN[look.seen]}，{look.text}", look.changed) if part)
    return f"{said}。所保存的不是商品页面" if look.seen in (Seen.BLOCKED, Seen.GONE) else said


def _clock(check: Mapping[str, object]) -> str:
    if check["offset"] is None:
        said = say_gap(error := str(check["error"]))
        return f"未能核对（{said if said != error else '对时服务器和时间戳机构都没有给出时间，详情见运行环境记录'}）"
    return f"与 {check['source']} 相差 {check['offset']} 秒（误差不超过 {check['uncertainty']} 秒），核对于{beijing(datetime.fromisoformat(str(check['at'])))}"


def _rank(rank: Mapping[str, object] | None) -> str:
    if rank is None:
        return ""
    return f"该商品在本页 {rank['of']} 件中排第 {rank['place']}" if rank["place"] else "本页没有该商品的链接"


def _checks(record: Mapping[str, Any]) -> str:
    """What was found of the network and the cleanliness of the browser when a capture was made."""
    network, cleanliness = record["network"], record["cleanliness"]
    return "，".join(
        (
            f"域名解析服务器 {'、'.join(network['resolvers']) or '（未知）'}",
            f"hosts 文件{'指定了' if network['hosts_file_names_it'] else '没有指定'}该域名",
            f"服务器地址{'在' if network['server_is_one_of_them'] else '不在'}解析结果之中",
            f"代理：{network['proxy'] or '无'}",
            f"浏览器为新建空白配置，访问前 Cookie {cleanliness['cookies_before']} 个",
        )
    )


def _environment(path: Path) -> Values:
    record = json.loads(path.read_text("utf-8"))
    manifest = json.loads((path.parent / "capture.json").read_text("utf-8"))
    return {
        "begun": beijing(datetime.fromisoformat(record["begun"]["utc"])),
        "ended": beijing(datetime.fromisoformat(record["ended"]["utc"])),
        "machine": record["machine"]["name"],
        "system": record["software"]["system"],
        "chromium": record["software"]["chromium"],
        "gimonitor": record["software"]["gimonitor"],
        "settings": record["settings_sha256"],
        "access": "，".join(record["access_path"]) or "直接打开链接",
        "login": "未登录" if record["cleanliness"]["login_state"] == "not logged in" else "使用本单位人员已登录状态",
        "cookies": str(record["cleanliness"]["cookies_before"]),
        "host": record["network"]["host"],
        "resolved": "、".join(record["network"]["resolved"]) or "（未能解析）",
        "ip": record["server"]["ip"] or "（未知）",
        "proxy": record["network"]["proxy"] or "无",
        "checks": _checks(record),
        "final_url": record["final_url"],
        "status": str(record["status"]),
        "clock": _clock(record["clock_check"]),
        "shows": SHOWS[record["shows"]],
        "rank": _rank(manifest["rank"]),
        "certificates": "；".join(f"{c['subject']}（SHA-256 {c['sha256']}）" for c in record["tls"].get("chain", ()))
        or "未加密连接，没有证书",
        "covered": f"已遮盖 {len(record['buyers'].get('covered', ()))} 处"
        if record["buyers"].get("covered")
        else "没有",
        "gaps": say_gaps(record["gaps"]),
    }
