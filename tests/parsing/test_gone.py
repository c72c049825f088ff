"""Pages that say that their good is no more."""

from __future__ import annotations

import pytest

from gimonitor.parsing import says_gone


@pytest.mark.parametrize(
    "text",
    [
        "<html><body><h1>商品已下架</h1><p>看看其他商品</p></body></html>",
        "<title>很抱歉，您查看的宝贝不存在，可能已下架或者被转移</title>",
        "<div>This listing was ended by the seller on Sat</div>",
        "<p>THIS ITEM IS NO LONGER AVAILABLE</p>",
    ],
)
def test_a_notice_is_understood(text: str) -> None:
    assert says_gone(text)


LONG = "看看其他商品" * 100


@pytest.mark.parametrize("word", ["已下架", "页面不存在", "No Longer Available", "已失效"])
def test_a_single_word_counts_on_a_short_page_alone(word: str) -> None:
    assert says_gone(f"很抱歉，{word}").casefold() == word.casefold()
    assert says_gone(f"{word}。{LONG}") == ""


def test_a_whole_notice_counts_on_a_page_of_any_length_and_is_named() -> None:
    assert says_gone(f"{LONG}您查看的宝贝不存在{LONG}") == "您查看的宝贝不存在"


@pytest.mark.parametrize("text", ["", "<h1>正宗五常大米 5kg</h1>", "页面加载中", "库存紧张，即将下架"])
def test_nothing_else_is_taken_for_one(text: str) -> None:
    assert not says_gone(text)
