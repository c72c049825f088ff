"""The impact sheet says what the settings say, for every source there is."""

from __future__ import annotations

import pkgutil
from pathlib import Path

import spiders
from gimonitor.configuration import Configuration
from gimonitor.crawling.openapi import load_apis
from gimonitor.operations.impact import impact_sheet, load_facts


def test_every_spider_is_described() -> None:
    assert {module.name for module in pkgutil.iter_modules(spiders.__path__)} <= set(load_facts().sources)


def test_retention_pace_and_contact_come_from_the_settings(tmp_path: Path) -> None:
    configuration = Configuration(
        data_dir=tmp_path,
        organisation="某市市场监督管理局",
        contact="gi@example.invalid",
        keep_raw_days=17,
        keep_capture_days=23,
        keep_log_gb=2,
        shop_urls=("https://shop.example/",),
    )
    sheet = impact_sheet(configuration)
    assert "某市市场监督管理局" in sheet and "gi@example.invalid" in sheet
    assert "| 17 天 | 不设 |" in sheet and "| 23 天 | 不设 |" in sheet and "| 180 天 | 2 GB |" in sheet
    assert "shop.example：每次间隔不少于 5 秒" in sheet
    assert "（jd_union）" not in sheet and "（capture）" in sheet


def test_the_bias_of_a_source_stands_with_it(tmp_path: Path) -> None:
    sheet = impact_sheet(Configuration(data_dir=tmp_path), every=True)
    for name, api in load_apis().items():
        assert f"（{name}）" in sheet and api.bias in sheet
    assert "未设置时不访问任何真实网站" in sheet


def test_one_limit_stands_for_an_api(tmp_path: Path) -> None:
    sheet = impact_sheet(Configuration(data_dir=tmp_path, shop_urls=("https://shop.example/",)), every=True)
    (ebay,) = [line for line in sheet.splitlines() if "api.ebay.com" in line]
    assert "每日次数以密钥的调用上限为准" in ebay and "页" not in ebay and "每日调用上限：5000 次" in sheet
    assert "每日不超过 2000 页" in sheet
