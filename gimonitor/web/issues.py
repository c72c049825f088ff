"""What is wrong with a rule file or an example of a model, as those who write models read it: a Chinese sentence and the line itself."""

from __future__ import annotations

import re

_ISSUE = re.compile(r"[^:\n]+:(?P<line>\d+)(?::(?P<column>\d+))?: (?:error|warning) (?P<code>[\w-]+): .*", re.DOTALL)
_OF = r"[^:\n]+:(?P<line>\d+): (?P<model>[\w-]+): must(?P<no> not)? flag: "
_FIRED = re.compile(_OF + r"(?P<example>.*) \(fired: (?P<fired>[^()]*)\)", re.DOTALL)
_UNREAD = re.compile(_OF + r"(?P<example>.*?) \((?P<why>.*)\)", re.DOTALL)
_SAID = {
    "bad-example": "例子读不出来：带字段的例子应当是一行 JSON，引号和括号成对",
    "bad-parameter": "参数不能用：这个模型没有它，或者它的值不在允许的范围内",
    "unknown-family": "没有这一类模型",
    "unknown-article": "所引的法律条款在档案中没有",
    "law-gap": "所引的条款在某些日期都没有效力",
    "duplicate-id": "编号与另一处重复",
    "duplicate-key": "同一个字段写了两次",
    "missing-key": "缺少必填的字段",
    "unknown-key": "没有这个字段，可能写错了",
    "bad-value": "字段的值不能用",
    "empty-value": "字段没有值：填写它，或者删去这个字段",
    "bad-yaml": "不符合 YAML 的写法：检查缩进、引号和冒号",
    "bad-character": "含有 YAML 不允许的字符",
    "not-utf8": "不是 UTF-8 文字",
    "empty-file": "文件是空的",
}


def issue_told(line: str) -> str:
    """A line of `RulesError.issues` or of a failing example, with a Chinese sentence before it; any other line as it is."""
    issue = _ISSUE.fullmatch(line)
    if issue:
        at = f"第 {issue['line']} 行" + (f"第 {issue['column']} 列" if issue["column"] else "")
        return f"{at}：{_SAID.get(issue['code'], '规则文件有误')}。（{line}）"
    example = _FIRED.fullmatch(line)
    if example:
        wanted = "不应提示而提示了" if example["no"] else "应当提示而未提示"
        fired = "没有模型提示疑点" if example["fired"] == "none" else f"提示疑点的模型：{example['fired']}"
        return f"第 {example['line']} 行，{example['model']}，{wanted}：{example['example']}（{fired}）"
    unread = _UNREAD.fullmatch(line)
    return (
        f"第 {unread['line']} 行，{unread['model']}，例子读不出来：{unread['example']}（{unread['why']}）"
        if unread
        else line
    )
