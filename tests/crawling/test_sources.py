"""The table of sources says what the code has."""

import pkgutil
import re
from pathlib import Path

import pytest

import spiders
from gimonitor.crawling.hosts import load_paces
from gimonitor.crawling.openapi import load_apis
from gimonitor.parsing.parsers import PARSERS

ROOT = Path(__file__).parents[2]
ASKED = (ROOT / "README.md").read_text(encoding="utf-8").split("## Sources")[1]
BROUGHT = (ROOT / "docs/sources.md").read_text(encoding="utf-8").split("## Brought by people")[1]
ROWS = {found.group(1): found.group(0) for found in re.finditer(r"^\| `(\w+)` \|.*$", ASKED, flags=re.MULTILINE)}


def test_every_spider_has_its_row_and_no_other():
    assert set(ROWS) == {module.name for module in pkgutil.iter_modules(spiders.__path__)}


def test_every_parser_is_named_and_no_other():
    named = set(re.findall(r"`([\w.]+)`", "".join(line.split("|")[2] for line in BROUGHT.splitlines() if line.startswith("| ") and "`" in line)))  # fmt: skip
    assert named == {parser.name for parser in PARSERS}


@pytest.mark.parametrize("name", load_apis())
def test_limits_of_the_apis(name):
    api = load_apis()[name]
    assert f"{api.page_size} a page, {api.daily_calls:,} calls a day" in ROWS[name]
    assert (api.method.rpartition("/")[2] or "keywordQuery").rpartition(".")[2] in ROWS[name]


def test_limits_of_shops():
    pace = load_paces().default
    assert f"{pace.delay:g} s" in ROWS["shop"] and f"{pace.daily_pages:,} pages a day" in ROWS["shop"]


def test_what_was_never_seen_is_not_said_to_be():
    for platform in ("抖音", "小红书", "苏宁", "阿里巴巴国际站", "Shopee"):
        (row,) = [line for line in BROUGHT.splitlines() if line.startswith(f"| {platform} |")]
        assert re.search(r"made pages? only", row)
