"""Charts as SVG, drawn here by pygal: no script in them, nothing from elsewhere. The table beside each says the same."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from math import ceil
from xml.etree.ElementTree import Element

import pygal  # type: ignore[import-untyped]  # it has no stubs
from pygal.style import Style  # type: ignore[import-untyped]
from starlette.responses import Response

# pygal hooks the import of plug-ins into every import of the process, the old way that Python warns of; we have none
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)]

CHART_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""For a chart opened by itself; inside a page it is an image and runs nothing."""
_LINES = 6
_FONT = "'Noto Sans CJK SC','Microsoft YaHei','PingFang SC',sans-serif"
_STYLE = Style(
    background="transparent",
    plot_background="transparent",
    foreground="#37475a",
    foreground_strong="#1c2733",
    foreground_subtle="#8a97a5",
    colors=("#17406d", "#b45309", "#14653f", "#7a3e9d", "#a61b1b"),
    font_family=_FONT,
    value_font_family=_FONT,
    label_font_size=13,
    major_label_font_size=13,
    legend_font_size=14,
    value_font_size=13,
    title_font_size=15,
    no_data_font_size=18,
    opacity=".9",
    guide_stroke_color="#dde3ea",
    major_guide_stroke_color="#c4cdd7",
    guide_stroke_dasharray="0",
    major_guide_stroke_dasharray="0",
)
_GAPS = Style(**{**_STYLE.__dict__, "colors": ("#9db8d2", "#d69e2e")})


def curves(labels: Sequence[str], series: Mapping[str, Sequence[int]]) -> bytes:
    """A curve for each name over the labels."""
    return _drawn(pygal.Line(**_frame(_STYLE, labels), dots_size=3), labels, series)


def bars(labels: Sequence[str], series: Mapping[str, Sequence[float | None]]) -> bytes:
    """A bar for each name beside the others at each label; None leaves a gap."""
    return _drawn(pygal.Bar(**_frame(_STYLE, labels), print_values=True, print_values_position="top"), labels, series)


def piles(labels: Sequence[str], series: Mapping[str, Sequence[int]]) -> bytes:
    """One on top of another: what was answered in full, and what was not."""
    return _drawn(pygal.StackedBar(**_frame(_GAPS, labels) | {"width": 420}), labels, series)


def chart(svg: bytes) -> Response:
    """The answer that carries a chart."""
    return Response(svg, media_type="image/svg+xml", headers={"content-security-policy": CHART_POLICY})


def _frame(style: Style, labels: Sequence[str]) -> dict[str, object]:
    return {
        "style": style,
        "js": [],
        "width": 760,
        "height": 300,
        "margin": 8,
        "legend_at_bottom": True,
        "legend_box_size": 11,
        "disable_xml_declaration": True,
        "no_data_text": "期内没有数据",
        "show_minor_x_labels": False,
        "x_labels_major_count": min(len(labels), 12),
        "value_formatter": lambda value: "" if value is None else f"{value:g}",
    }


def _drawn(made: pygal.Graph, labels: Sequence[str], series: Mapping[str, Sequence[float | None]]) -> bytes:
    made.x_labels = list(labels)
    most = max((value or 0 for values in series.values() for value in values), default=0)
    if isinstance(made, pygal.StackedBar):
        most = max((sum(value or 0 for value in pile) for pile in zip(*series.values(), strict=True)), default=0)
    step = _step(most / _LINES)
    made.y_labels = list(range(0, step * (ceil(most / step) + 1), step))
    for name, values in series.items():
        made.add(name, list(values))
    made.add_xml_filter(_without_scripts)
    drawn = made.render()
    return drawn if isinstance(drawn, bytes) else str(drawn).encode()


def _step(least: float) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50 … that is not below."""
    power = 1
    while 5 * power < least:
        power *= 10
    return next(step for step in (power, 2 * power, 5 * power) if step >= least)


def _without_scripts(root: Element) -> Element:
    """The drawing without the script that pygal puts in for tooltips."""
    for parent in list(root.iter()):
        for child in [child for child in parent if str(child.tag).endswith("script")]:
            parent.remove(child)
    return root
