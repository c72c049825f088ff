"""复核记录: the looks and recorded results of a lead as one paper, in the packs that it belongs to."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from pathlib import Path

import docx
import pytest

from gimonitor.errors import InputError
from gimonitor.papers.case import load_case
from gimonitor.papers.looking import Waiver
from gimonitor.papers.packing import pack_lead
from gimonitor.papers.rechecks import recheck_values, was_looked_again
from gimonitor.papers.taking import BEFORE_SENDING, RECHECK
from gimonitor.store.leads import load_lead_row
from gimonitor.workflow import following
from gimonitor.workflow.decisions import Actor
from gimonitor.workflow.roles import Role
from gimonitor.workflow.vocabulary import Channel, PackKind, Seen

from .conftest import NOW, House, judged, seen

WANG = Actor(login="wang", roles=frozenset({Role.OFFICER}))
LATER = NOW + timedelta(days=3)


@pytest.fixture(autouse=True)
def no_office(monkeypatch) -> None:
    monkeypatch.setattr("gimonitor.papers.pdf.find_office", lambda: None)


def sent_and_rechecked(house: House) -> House:
    """Captured, looked at before sending, sent, and looked at again after three days: gone."""
    judged(house)
    seen(house, Seen.STILL_UP, NOW - timedelta(hours=3), purpose="flag")
    seen(house, Seen.STILL_UP, NOW - timedelta(hours=1), purpose=BEFORE_SENDING)
    pack_lead(house.store, house.configuration, house.lead_id, who="wang", now=NOW, kind=PackKind.PUSH)
    with house.store.write() as c:
        version = following.send(
            c,
            WANG,
            house.lead_id,
            load_lead_row(c, house.lead_id).version,
            now=NOW,
            channel=Channel.PLATFORM,
            addressee="演练平台",
            receipt="R-1",
            workdays=7,
        )
    seen(house, Seen.GONE, LATER, purpose=RECHECK)
    with house.store.write() as c:
        following.recheck(c, WANG, house.lead_id, version, now=LATER, seen=Seen.GONE, text="页面返回 404", day=3)
    return house


def paper(pack: Path, code: str) -> str:
    """The text of a paper in a pack; "" where it is not there."""
    with zipfile.ZipFile(pack) as archive:
        names = [name for name in archive.namelist() if name.endswith(f"-{code}.docx")]
        document = docx.Document(io.BytesIO(archive.read(names[0]))) if names else docx.Document()
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def test_every_look_and_every_recorded_result_stands_in_the_record(house: House) -> None:
    sent_and_rechecked(house)
    pack, row = pack_lead(house.store, house.configuration, house.lead_id, who="wang", now=LATER, kind=PackKind.RECHECK)
    assert row.kind == "recheck"
    text = paper(pack.path, "recheck")
    for words in (
        "复核记录",
        pack.path.stem,
        "2026年11月23日",
        "演练山大米 10斤",
        "发现疑点时固证",
        "报送前复看",
        "报送后复核",
        "演练平台",
        "R-1",
        "报送后第 3 日",
        "页面返回 404",
        "【待填：勾选并说明】",
        "【待填：签名】",
    ):
        assert words in text, words
    assert "{{" not in text and "{%" not in text
    with house.store.read() as c:
        record = load_case(c, house.lead_id).record
    looks = [capture for capture in record.captures if capture.kind == "manifest"]
    assert len(looks) == 3 and all(capture.sha256 in text for capture in looks)


def test_the_record_goes_with_a_transfer_and_the_platform_gets_the_looks_alone(house: House) -> None:
    sent_and_rechecked(house)
    waiver = Waiver(without_look=True)  # the last look says that it is gone
    for kind, told in ((PackKind.TRANSFER, True), (PackKind.PUSH, False), (PackKind.REMINDER, None)):
        pack, _ = pack_lead(
            house.store, house.configuration, house.lead_id, who="wang", now=LATER, kind=kind, waiver=waiver
        )
        text = paper(pack.path, "recheck")
        assert ("报送前复看" in text) is (told is not None), kind
        assert ("登记的复核结果" in text and "R-1" in text) is bool(told), (
            kind
        )  # what the house decided stays with bureaus


def test_where_nobody_looked_again_there_is_nothing_to_record(house: House) -> None:
    judged(house)
    seen(house, Seen.STILL_UP, NOW - timedelta(hours=3), purpose="flag")
    with pytest.raises(InputError, match="还没有复看或者复核过"):
        pack_lead(house.store, house.configuration, house.lead_id, who="wang", now=NOW, kind=PackKind.RECHECK)
    pack, _ = pack_lead(house.store, house.configuration, house.lead_id, who="wang", now=NOW, kind=PackKind.PUSH)
    assert paper(pack.path, "recheck") == ""


def test_links_of_a_complaint_are_told_by_their_numbers(house: House) -> None:
    seen(house, Seen.STILL_UP, NOW, purpose=BEFORE_SENDING)
    with house.store.read() as c:
        record = load_case(c, house.lead_id).record
    assert was_looked_again(record)
    looks = recheck_values([record, record])["looks"]
    assert isinstance(looks, list)
    assert [(look["number"], look["link"]) for look in looks] == [("1", "1"), ("2", "2")]
