"""An audit entry in words: its object, its fields and their values; what is not known stands as it is."""

from __future__ import annotations

import re
from pathlib import Path

import gimonitor
from gimonitor.web.audited import LISTED, LONGEST, say_detail, say_object
from gimonitor.web.words import AUDITED


def test_objects_and_fields_are_said_in_words() -> None:
    assert (say_object("lead:12"), say_object("installation"), say_object("thing:1")) == (
        "线索 12",
        "本系统",
        "thing:1",
    )
    detail = {"version": 3, "state": "judged", "resolution": "", "day": None, "roles": "officer,approver", "odd": True}
    told = (("版本", "3"), ("状态", "已判定"), ("角色", "审核员、审批人"), ("odd", "是"))
    assert say_detail(detail) == told


def test_long_values_are_cut() -> None:
    told = dict(say_detail({"why": "长" * 200, "leads": list(range(1, 40)), "sha256": "a" * 64}))
    assert told["理由"] == "长" * LONGEST + "…" and told["SHA-256"] == "a" * 16 + "…"
    assert (
        told["线索"].startswith("1、2") and told["线索"].endswith("等 39 项") and told["线索"].count("、") == LISTED - 1
    )


def test_every_act_that_is_audited_has_a_word() -> None:
    code = "".join(path.read_text("utf-8") for path in Path(gimonitor.__file__).parent.rglob("*.py"))
    acts = set(re.findall(r'append_audit\([^)]*?"([a-z]+\.[a-z_.]+)"', code))
    assert len(acts) > 30
    assert acts - AUDITED.keys() == set()
