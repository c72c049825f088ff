"""What is wrong with rule files and examples, in Chinese before the line itself."""

from __future__ import annotations

import pytest

from gimonitor.errors import RulesError
from gimonitor.register.modelfile import read_model
from gimonitor.screening.lab import Broken, told
from gimonitor.web.issues import issue_told

FILE = "id: x\nmust_flag:\n  - a\nmust_not_flag:\n  - b\n"


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (
            {"place": "must_flag.0", "must_flag": True, "example": "连衣裙 (新款)"},
            "第 3 行，x，应当提示而未提示：连衣裙 (新款)（没有模型提示疑点）",
        ),
        (
            {"place": "must_not_flag.0", "must_flag": False, "example": "五常大米", "fired": ("name-unknown", "style")},
            "第 5 行，x，不应提示而提示了：五常大米（提示疑点的模型：name-unknown, style）",
        ),
        (
            {"place": "must_flag.0", "must_flag": True, "example": '{"title"', "fault": "no JSON record: (char 8)"},
            '第 3 行，x，例子读不出来：{"title"（no JSON record: (char 8)）',
        ),
    ],
)
def test_a_failing_example_is_told_in_chinese(broken: dict[str, object], said: str) -> None:
    made = Broken(model_id="x", path="models/x.yml", **broken)  # type: ignore[arg-type]
    assert issue_told(told(made, FILE)) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id: [x\n", "不符合 YAML 的写法"),
        ("id: x\nid: y\n", "同一个字段写了两次"),
        ("id: x\n", "缺少必填的字段"),
    ],
)
def test_a_broken_file_is_told_in_chinese(text: str, said: str) -> None:
    with pytest.raises(RulesError) as caught:
        read_model(text)
    lines = [issue_told(line) for line in caught.value.issues]
    assert any(said in line for line in lines)
    assert all(line.startswith("第 ") for line in lines)


def test_what_is_chinese_already_stays() -> None:
    assert issue_told("model.yml:3: 这里的 id 是“x”") == "model.yml:3: 这里的 id 是“x”"
