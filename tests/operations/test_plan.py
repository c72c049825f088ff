"""What a night asks, by register and configuration."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gimonitor.configuration import Configuration
from gimonitor.errors import ConfigurationError
from gimonitor.operations.plan import PRACTICE_QUERIES, SLICE_QUERIES, plan_night
from gimonitor.register import load_register
from gimonitor.vault import write_vault

REGISTER = load_register()


def test_every_protected_name_is_asked_once_of_each_source(tmp_path: Path) -> None:
    configuration = Configuration(
        data_dir=tmp_path, practice_url="http://127.0.0.1:1", shop_urls=("https://a.example/",)
    )
    plan = plan_night(configuration, REGISTER)
    asked = [query for piece in plan if piece.source == "practice" for query in piece.queries]
    assert sorted(asked) == sorted({gi.name for gi in REGISTER.gis if gi.is_gi})
    assert max(len(piece.queries) for piece in plan) <= PRACTICE_QUERIES
    assert [piece.queries for piece in plan if piece.source == "shop"] == [("https://a.example/",)]


def test_an_ordinary_mark_is_not_asked_for(tmp_path: Path) -> None:
    plan = plan_night(Configuration(data_dir=tmp_path, practice_url="http://127.0.0.1:1"), REGISTER)
    assert "逍遥镇胡辣汤" not in {query for piece in plan for query in piece.queries}


def test_nothing_set_up_is_an_error_that_names_the_settings(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="GIMONITOR_PRACTICE_URL"):
        plan_night(Configuration(data_dir=tmp_path), REGISTER)
    with pytest.raises(ConfigurationError, match="shop"):
        plan_night(Configuration(data_dir=tmp_path, practice_url="http://127.0.0.1:1"), REGISTER, ["shop"])


def test_an_open_api_is_asked_once_its_key_is_there_and_abroad_in_latin_letters(tmp_path: Path) -> None:
    write_vault(tmp_path, '[ebay]\nkey = "k"\nsecret = "s"\n', os.environ)
    plan = plan_night(Configuration(data_dir=tmp_path), REGISTER)
    assert {piece.source for piece in plan} == {"ebay"}
    assert max(len(piece.queries) for piece in plan) <= SLICE_QUERIES
    assert "Wuchang rice" in {query for piece in plan for query in piece.queries}
