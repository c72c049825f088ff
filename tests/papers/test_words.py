"""What a capture could not keep is said in Chinese, whatever module wrote it down."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gimonitor.papers.words import UNKNOWN, say_gap, say_gaps

EVIDENCE = Path(__file__).parents[2] / "gimonitor" / "evidence"


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (
            "not sealed: http://x.example/a.mp4: sound and video are not kept",
            "未保存 http://x.example/a.mp4：音频、视频不保存",
        ),
        (
            "the server did not end its answer within 10 s; the page was opened again",
            "服务器 10 秒内没有答复完毕，已重新打开页面，显示到当时为止",
        ),
        (
            "crop crop-02.png: the page shows no '五常大米' as text",
            "页面文字中没有“五常大米”，没有疑点处截图 crop-02.png",
        ),
        ("the page was still loading 5 s after it was shown", "页面显示 5 秒之后仍在加载"),
        (
            "buyers' data: 电话号码 of 11 characters moved while it was covered",
            "有一处电话号码（11 字）遮盖时页面变动，未能遮盖",
        ),
        (
            "not sealed: http://x.example/a.png: Response.body: Target page, context or browser has been closed",
            "未保存 http://x.example/a.png：浏览器窗口已经关闭",
        ),
        ("not sealed: http://x.example/a.png: net::ERR_ODD", f"未保存 http://x.example/a.png：{UNKNOWN}"),
        ("nobody knows this", "nobody knows this"),
    ],
)
def test_gap_is_said_in_chinese(gap: str, said: str) -> None:
    assert say_gap(gap) == said


def test_every_gap_that_is_written_has_its_words() -> None:
    written = re.findall(r'gaps\.append\(\s*f?"([^"]+)"', "".join(p.read_text("utf-8") for p in EVIDENCE.glob("*.py")))
    assert len(written) >= 8
    for gap in written:
        filled = re.sub(r"\{[^}]*\}", "7", gap).replace("no 7 as", "no '7' as")
        assert say_gap(filled) != filled, gap


def test_what_was_not_kept_is_counted_by_its_reason() -> None:
    slow = [f"not sealed: http://x.example/{number}.jpg: too slow" for number in range(194)]
    video = "not sealed: http://x.example/a.mp4: sound and video are not kept"
    said = say_gaps([*slow, "the page was still loading 5 s after it was shown", video])
    assert (
        said.startswith("页面显示 5 秒之后仍在加载；未保存 http://x.example/0.jpg、") and "等 194 项：响应过慢" in said
    )
    assert said.endswith("；未保存 http://x.example/a.mp4：音频、视频不保存") and said.count("http") == 4
    assert say_gaps([]) == "无"
