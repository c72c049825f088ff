"""文书: the papers there are, their templates, and a paper filled in as DOCX. A bureau's own template goes before ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage  # type: ignore[import-untyped]  # docxtpl has no stubs
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from gimonitor.errors import InputError
from gimonitor.evidence.pages import visible
from gimonitor.papers.drafting import draft_template

OUTLINES = Path(__file__).parent / "outlines"
_MM = 25.4 / 96  # of a dot on a screen
_WIDEST, _HIGHEST = 400, 240  # dots of a picture in a table's cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A kind of paper: `code` names its template, `title` is what people call it."""

    code: str
    title: str


FORMS: dict[str, Form] = {
    code: Form(code=code, title=title)
    for code, title in (
        ("lead-registration", "线索登记表"),
        ("case-source", "案件来源登记表"),
        ("extraction-record", "电子数据证据提取笔录"),
        ("evidence-list", "证据清单"),
        ("transfer-letter", "线索移送函"),
        ("assistance-letter", "协查函"),
        ("batch-cover", "投诉封面"),
        ("platform-notice", "平台投诉通知书"),
        ("reminder", "警示提醒书"),
        ("rectification", "整改提醒函"),
        ("recheck", "复核记录"),
        ("platform-push", "线索推送函"),
        ("test-purchase", "购样记录"),
        ("turnover", "经营额估算表"),
    )
}

REPORTS: dict[str, Form] = {
    code: Form(code=code, title=title)
    for code, title in (
        ("work-summary", "工作统计"),
        ("special-mark-report", "专用标志使用情况年度报表"),
        ("typical-case", "典型案例材料"),
    )
}
"""Papers over a period or for publication; no pack holds them."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that a paper shows as large as it is on a screen, or as large as there is room for."""

    path: Path

    def inline(self, template: DocxTemplate) -> InlineImage:
        """The picture as a template takes it."""
        from PIL import Image

        with Image.open(self.path) as shown:
            width, height = shown.size
        dots = min(width, _WIDEST, _HIGHEST * width / height)
        return InlineImage(template, str(self.path), width=Mm(dots * _MM))


def blank(what: str) -> str:
    """The mark of a blank that a person must fill."""
    return f"【待填：{what}】"


def default_template(code: str) -> bytes:
    """The template of a form as we ship it, to be used or to be changed in Word."""
    return draft_template((OUTLINES / f"{(FORMS | REPORTS)[code].code}.txt").read_text("utf-8"))


def template_of(code: str, own: Path | None) -> bytes:
    """A form's template: `own/CODE.docx` where the bureau has one, else ours. Raises InputError for an unknown form."""
    if code not in FORMS | REPORTS:
        raise InputError(f"{code}: no such paper; there are {', '.join(FORMS | REPORTS)}")
    path = own / f"{code}.docx" if own else None
    return path.read_bytes() if path and path.is_file() else default_template(code)


def fill_form(code: str, values: Mapping[str, object], own: Path | None = None) -> bytes:
    """Fill a form in and return the DOCX. All text in `values` is data: it can be neither markup nor template.

    Raises:
        InputError: no such form, or its template asks for something there is not; names both.
    """
    environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
    template = DocxTemplate(BytesIO(template_of(code, own)))
    out = BytesIO()
    try:
        template.render({**_clean(values, template), "blank": blank}, environment)
        template.save(out)
    except (TemplateError, TypeError, ValueError) as error:
        raise InputError(f"template {code}.docx: {error}") from error
    return out.getvalue()


def blanks_of(docx: bytes) -> list[str]:
    """What a person must still fill in a paper, in order."""
    import docx as word

    document = word.Document(BytesIO(docx))
    cells = [c.text for t in document.tables for r in t.rows for c in dict.fromkeys(r.cells)]
    text = "\n".join([*(p.text for p in document.paragraphs), *cells])
    return [part.partition("】")[0] for part in text.split("【待填：")[1:]]


def _clean(value: Mapping[str, object], template: DocxTemplate) -> dict[str, object]:
    return {str(name): _plain(item, template) for name, item in value.items()}


def _plain(value: object, template: DocxTemplate) -> object:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, Picture):
        return value.inline(template)
    if isinstance(value, Mapping):
        return _clean(value, template)
    if isinstance(value, (list, tuple)):
        return [_plain(item, template) for item in value]
    return value
