"""The impact sheet of the sources: per source what is asked, what is kept, for how long and why, made from the settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict

from gimonitor.configuration import Configuration
from gimonitor.crawling.hosts import Pace, pace_of
from gimonitor.crawling.openapi import load_apis
from gimonitor.operations.plan import sources_set_up
from gimonitor.operations.retention import Sort, limits_of

BY_HAND = ("capture", "table", "link", "pictures")
"""Sources that need no setting: people use them, or they follow from what was found."""

_CALLS = {"ebay": 5000}  # as spiders/ebay.py says; the signed family's stand in apis.yml


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceFacts(_Form):
    """A source in the words of the sheet."""

    name: str
    door: str
    asked: str


class Common(_Form):
    """What holds for all sources."""

    kept: tuple[str, ...]
    left_out: tuple[str, ...]


class ImpactFacts(_Form):
    """The data file."""

    purpose: str
    common: Common
    sources: Mapping[str, SourceFacts]


@cache
def load_facts() -> ImpactFacts:
    """Read `impact.yml`."""
    text = Path(__file__).with_name("impact.yml").read_text(encoding="utf-8")
    return ImpactFacts.model_validate(yaml.safe_load(text))


def impact_sheet(configuration: Configuration, *, every: bool = False) -> str:
    """The sheet as Markdown, in Chinese. Sources that are set up, or `every` one the program knows."""
    facts = load_facts()
    wanted = tuple(facts.sources) if every else (*sources_set_up(configuration), *BY_HAND)
    return "\n".join(
        [*_head(configuration, facts), *(line for name in wanted for line in _source(name, configuration))]
    )


def _head(configuration: Configuration, facts: ImpactFacts) -> Iterator[str]:
    limits = limits_of(configuration)
    yield from ("# 数据采集影响说明", "", f"单位：{configuration.organisation}", "", f"目的：{facts.purpose}", "")
    yield f"联系方式（写入每次访问的 User-Agent）：{configuration.contact or '未设置；未设置时不访问任何真实网站'}"
    yield from ("", "## 保存的内容", "", *(f"- {line}" for line in facts.common.kept))
    yield from ("", "## 不保存或遮盖的内容", "", *(f"- {line}" for line in facts.common.left_out))
    yield from ("", "## 保存期限", "", "| 内容 | 期限 | 容量上限 |", "|---|---|---|")
    for sort, what in (
        (Sort.RAW, "采集时封存的原始响应（没有线索需要的）"),
        (Sort.CAPTURE, "固证、图片、人工保存的文件（线索以“无疑点”办结之后）"),
        (Sort.LOG, "日志与晨报"),
    ):
        limit = limits[sort]
        most = f"{limit.most / 1e9:g} GB" if limit.most else "不设"
        yield f"| {what} | {limit.age.days} 天 | {most} |"
    yield from ("", "未办结、已移送或已入证据包的线索所需的内容不清除；清除由 `gimonitor prune` 执行并逐项留痕。")
    yield from ("", "商品记录及其变化、筛查结果、线索与处理记录：长期保存，供复查与统计。", "", "## 来源")


def _source(name: str, configuration: Configuration) -> Iterator[str]:
    facts = load_facts().sources[name]
    api = load_apis().get(name)
    yield from ("", f"### {facts.name}（{name}）", "", f"- 途径：{facts.door}", f"- 访问内容：{facts.asked}")
    for host in _hosts(name, configuration):
        yield f"- 访问强度：{host}：{_pace(pace_of(host))}"
    calls = api.daily_calls if api else _CALLS.get(name)
    if calls:
        yield f"- 每日调用上限：{calls} 次（密钥文件另有约定的从其约定）"
    if api and api.bias:
        yield f"- 局限：{api.bias}使用该来源的数字时一并注明。"


def _hosts(name: str, configuration: Configuration) -> list[str]:
    """Hosts that a source asks, as far as settings tell."""
    api = load_apis().get(name)
    urls = {"shop": configuration.shop_urls, "practice": (configuration.practice_url,)}.get(name, ())
    if api:
        urls = (api.endpoint,)
    if name == "ebay":
        urls = ("https://api.ebay.com",)
    return list(dict.fromkeys(host for url in urls if (host := urlsplit(url).hostname)))


def _pace(pace: Pace) -> str:
    often = f"每次间隔不少于 {pace.delay:g} 秒" if pace.delay else "本机，不设间隔"
    hours = f"，北京时间 {pace.hours}" if pace.hours else ""
    most = f"，每日不超过 {pace.daily_pages} 页" if pace.daily_pages else "，每日次数以密钥的调用上限为准"
    return f"{often}，同时 {pace.concurrency} 个请求{most}{hours}"
