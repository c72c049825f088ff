"""Signed files between bureaus: what goes along, what merging does, and that it can be done twice and in any order."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from starlette.testclient import TestClient

from gimonitor.cli import bundles as cli
from gimonitor.configuration import Configuration
from gimonitor.errors import InputError, NotFoundError
from gimonitor.model.finding import Screening, Stage
from gimonitor.model.lead import Resolution, State
from gimonitor.papers.origins import learnt_of
from gimonitor.papers.values import values_of
from gimonitor.register.files import rules_dir
from gimonitor.register.keys import own_key, trust_key
from gimonitor.register.signed import public_hex, seal_files
from gimonitor.store import audit, bundles, leads
from gimonitor.store.database import Store
from gimonitor.store.listings import Observation, save_listings
from gimonitor.store.models import VersionState, model_versions_of
from gimonitor.workflow import decisions
from gimonitor.workflow.bundles import Bundle, Stand, build_bundle, merge, preview, read_bundle
from gimonitor.workflow.decisions import Actor
from gimonitor.workflow.roles import Role
from gimonitor.workflow.sharing import policies, policy_of, share_lead

Enter = Callable[[str], TestClient]
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = public_hex(KEY.public_key())
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
SINCE = NOW - timedelta(days=30)
WANG = Actor(login="wang", roles=frozenset({Role.OFFICER}))


def judged(store: Store) -> None:
    with store.write() as c:
        decisions.judge(c, WANG, 1, 1, Resolution.CONFIRMED, now=NOW, why="电话 13812345678 核实")
        decisions.judge(c, WANG, 2, 1, Resolution.FAIR_USE, now=NOW)


def bundle_of(store: Store, folder: Path, *, policy: str = "neighbour", made: datetime = NOW, **more: object) -> Path:
    with store.read() as c:
        content, _ = build_bundle(
            c, policy_id=policy, to="常熟市局", since=SINCE, origin="乙市局", key=KEY, made=made, **more
        )  # type: ignore[arg-type]
    path = folder / f"{policy}-{made:%d%H%M}.gibundle"
    path.write_bytes(content)
    return path


def changed(bundle: Bundle, **values: object) -> Bundle:
    """The same bundle about another listing or with other words."""
    lead = bundle.leads[0].model_copy(update=values)
    return replace(bundle, leads=(lead,))


def no_models(listing: object, on: object) -> None:
    return None


def test_only_the_fields_of_the_policy_go(store: Store) -> None:
    judged(store)
    with store.read() as c:
        record = leads.load_lead(c, 1)
    told = {p.id: share_lead(record, p) for p in policies()}
    assert told["superior"].listing.address and told["superior"].decisions[-1].why == "电话 *********** 核实"
    neighbour = told["neighbour"]
    assert neighbour.listing.uscc and not neighbour.listing.address and not neighbour.listing.description
    assert all(d.why == "" for d in neighbour.decisions) and all(f.field != "description" for f in neighbour.findings)
    association = told["association"]
    assert not association.listing.uscc and not association.decisions and not association.results
    for shared in told.values():
        assert "wang" not in shared.model_dump_json() and "13812345678" not in shared.model_dump_json()


def test_a_long_address_goes_along_and_what_is_too_large_is_named(store: Store) -> None:
    judged(store)
    with store.read() as c:
        record = leads.load_lead(c, 1)
    link = "https://item.taobao.com/item.htm?id=678901234567&spm=" + "a" * 600
    long = replace(record, suspected=replace(record.suspected, url=link))
    assert share_lead(long, policy_of("superior")).listing.url == link
    huge = replace(record, suspected=replace(record.suspected, title="蟹" * 100_001))
    with pytest.raises(InputError, match=r"线索 1 不能放入交换包：title"):
        share_lead(huge, policy_of("superior"))


def test_a_lead_we_have_stays_as_it_is(store: Store, tmp_path: Path) -> None:
    judged(store)
    bundle = read_bundle(bundle_of(store, tmp_path), {PUBLIC: "乙市局"})
    assert [lead.number for lead in bundle.leads] == [1], "only what was confirmed"
    with store.read() as c:
        before = leads.load_lead_row(c, 1)
        assert [i.does for i in preview(c, bundle, rules_dir()).items] == ["beside"]
        assert bundles.shared_of(c, 1) == (), "a preview writes nothing"
    done = merge(store, WANG, bundle, rules_dir(), no_models, now=NOW)
    with store.read() as c:
        assert leads.load_lead_row(c, 1) == before and done.items[0].lead_id == 1
        said = bundles.shared_of(c, 1)[0]
        assert (said.origin, said.number, said.content["resolution"]) == ("乙市局", 1, "confirmed")
        assert [i.does for i in preview(c, bundle, rules_dir()).items] == ["same"]
        assert audit.verify_audit(c) is None


def test_a_lead_we_do_not_have_becomes_ours(store: Store, tmp_path: Path) -> None:
    judged(store)
    bundle = changed(read_bundle(bundle_of(store, tmp_path), {PUBLIC: "乙市局"}), item_id="other-77")
    for times in range(2):
        merge(store, WANG, bundle, rules_dir(), no_models, now=NOW)
        with store.read() as c:
            ours = bundles.lead_over(c, "practice", "other-77", "yangchenghu-crab")
            assert ours is not None
            record = leads.load_lead(c, ours)
            assert len(bundles.shared_of(c, ours)) == 1, times
    assert record.lead.state is State.CLAIMED and record.lead.claimed_by == "wang"
    assert record.suspected.source == "bundle" and record.suspected.query == "乙市局"
    assert any("乙市局线索 1" in d.why for d in record.decisions)


def test_who_saw_it_when_is_kept(enter: Enter, store: Store, tmp_path: Path) -> None:
    judged(store)
    with store.read() as c:
        theirs = leads.load_lead(c, 1).listing
    bundle = changed(read_bundle(bundle_of(store, tmp_path), {PUBLIC: "乙市局"}), item_id="other-79")
    later = NOW + timedelta(days=40)
    merge(store, WANG, bundle, rules_dir(), no_models, now=later)
    with store.read() as c:
        ours = bundles.lead_over(c, "practice", "other-79", "yangchenghu-crab")
        assert ours is not None
        record = leads.load_lead(c, ours)
        learnt = learnt_of(c, record)
    paper: Any = values_of(record, Configuration(), (), number="1", who="王一", made_at=later, learnt=learnt)
    seen = record.listing.first_seen, record.listing.last_seen
    assert seen == (theirs.first_seen, theirs.last_seen) and record.lead.created_at == later
    assert paper["lead"]["origin"] == "线索提供：外单位移送（乙市局）"
    assert "其他单位提供的线索所载" in paper["listing"]["last_seen"]
    assert paper["listing"]["standing"] == "本单位没有打开页面查看"
    page = enter("wang").get(f"/leads/{ours}").text
    assert page.count('<span class="chip brand">乙市局</span>') == 2
    with store.write() as c:
        quiet = Screening(stage=Stage.NO_NAME, suspicions=(), clearings=(), on=later.date(), register_digest="r")
        again = replace(record.listing.listing, observed_at=later)
        save_listings(c, [Observation(listing=again, screening=quiet)], None, later)
        assert leads.load_lead(c, ours).listing.last_seen == later
    page = enter("wang").get(f"/leads/{ours}").text
    assert page.count('<span class="chip brand">乙市局</span>') == 1, "now we saw it ourselves"


def test_the_later_file_counts_in_any_order(store: Store, tmp_path: Path) -> None:
    judged(store)
    early = read_bundle(bundle_of(store, tmp_path), {PUBLIC: "乙市局"})
    late = read_bundle(bundle_of(store, tmp_path, made=NOW + timedelta(hours=1)), {PUBLIC: "乙市局"})
    late = changed(late, state=State.CLOSED)
    merge(store, WANG, early, rules_dir(), no_models, now=NOW)
    with store.read() as c:
        item = preview(c, late, rules_dir()).items[0]
    ours = Stand(state=State.JUDGED, resolution=Resolution.CONFIRMED)
    assert (item.does, item.changed, item.ours) == ("beside", ("state",), ours)
    for order in ((early, late), (late, early)):
        for bundle in order:
            merge(store, WANG, bundle, rules_dir(), no_models, now=NOW)
        with store.read() as c:
            assert bundles.shared_of(c, 1)[0].content["state"] == "closed"


def test_nobody_merges_over_the_area(store: Store, tmp_path: Path) -> None:
    judged(store)
    bundle = changed(read_bundle(bundle_of(store, tmp_path), {PUBLIC: "乙市局"}), item_id="other-78")
    far = Actor(login="far", roles=frozenset({Role.OFFICER}), within=frozenset({"wuchang-rice"}))
    assert [i.does for i in merge(store, far, bundle, rules_dir(), no_models, now=NOW).items] == ["outside"]
    with store.read() as c:
        assert bundles.lead_over(c, "practice", "other-78", "yangchenghu-crab") is None
        with pytest.raises(InputError, match="没有可以交换的内容"):
            build_bundle(
                c, policy_id="neighbour", to="x", since=SINCE, origin="乙", key=KEY, made=NOW, within=far.within
            )


def test_a_model_becomes_a_draft(store: Store, tmp_path: Path) -> None:
    text = (rules_dir() / "models" / "style.yml").read_text("utf-8")
    other = text.replace('confidence: "0.65"', 'confidence: "0.60"')
    for sent, does in ((text, "same"), (other, "new")):
        path = bundle_of(store, tmp_path, policy="models", models={"style": sent, "bad": "no: model"})
        bundle = read_bundle(path, {PUBLIC: "乙市局"})
        done = merge(store, WANG, bundle, rules_dir(), no_models, now=NOW)
        assert {i.name: i.does for i in done.items} == {"bad": "refused", "style": does}
    with store.read() as c:
        drafts = [v for v in model_versions_of(c, "style") if v.state is VersionState.DRAFT]
        assert [(d.author, d.text) for d in drafts] == [("乙市局", other)]
        assert {i.does for i in preview(c, bundle, rules_dir()).items} == {"refused", "same"}
    assert (rules_dir() / "models" / "style.yml").read_text("utf-8") == text, "a draft is not in force"


@pytest.mark.parametrize("part", ["leads/../x.json", "models/../../x.yml", "models/x.py", "models//x.yml", "evil.json"])
def test_a_part_that_has_no_place_is_refused(tmp_path: Path, part: str) -> None:
    path = tmp_path / "f.gibundle"
    path.write_bytes(seal_files({part: b"x"}, kind="bundle", origin="乙市局", key=KEY, made=NOW))
    with pytest.raises(InputError, match="has no place"):
        read_bundle(path, {PUBLIC: "乙市局"})


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": 0},
        {"platform": ""},
        {"state": "sold"},
        {"found": "soon"},
        {"extra": 1},
        {"listing": {"price_fen": -1}},
        {"score": 1e9},
        {"item_id": "x" * 1001},
    ],
)
def test_content_out_of_shape_is_refused_by_its_place(store: Store, tmp_path: Path, wrong: dict[str, object]) -> None:
    judged(store)
    with zipfile.ZipFile(bundle_of(store, tmp_path)) as archive:
        head, content = archive.read("files/bundle.json"), json.loads(archive.read("files/leads.json"))
    content[0] |= wrong
    path = tmp_path / "f.gibundle"
    files = {"bundle.json": head, "leads.json": json.dumps(content).encode()}
    path.write_bytes(seal_files(files, kind="bundle", origin="乙市局", key=KEY, made=NOW))
    with pytest.raises(InputError, match=r"f\.gibundle: 0\."):
        read_bundle(path, {PUBLIC: "乙市局"})


def test_the_screen(enter: Enter, app: FastAPI, store: Store, configuration: Configuration, tmp_path: Path) -> None:
    judged(store)
    content = bundle_of(store, tmp_path).read_bytes()
    client = enter("wang")
    refused = client.post("/bundles", files={"file": ("a.gibundle", content)})
    assert refused.status_code == 422 and "不在信任名单中" in refused.text
    trust_key(configuration.data_dir / "keys", PUBLIC, "乙市局")
    shown = client.post("/bundles", files={"file": ("a.gibundle", content)})
    assert "合并 1 项" in shown.text and "乙市局" in shown.text
    assert "演练平台" in shown.text and "阳澄湖大闸蟹" in shown.text and "湖畔水产小铺" in shown.text
    sha256 = shown.text.partition('name="sha256" value="')[2][:64]
    assert "已合并" in client.post("/bundles/merge", data={"sha256": sha256}).text
    again = client.post("/bundles", files={"file": ("a.gibundle", content)}).text
    assert "没有可合并的" in again and 'action="/bundles/merge"' not in again
    assert "乙市局" in client.get("/bundles").text
    assert "乙市局：疑似成立" in client.get("/leads/1").text
    form = {"to": "江苏省局", "policy": "superior", "since": "2026-11-01"}
    sent = client.post("/bundles/export", data=form)
    assert sent.headers["content-disposition"].endswith('.gibundle"')
    assert zipfile.ZipFile(io.BytesIO(sent.content)).namelist()[:2] == ["manifest.json", "signature"]
    assert client.post("/bundles/export", data=form | {"policy": "all"}).status_code == 422
    long = client.post("/bundles/export", data=form | {"to": "局" * 1200})
    assert long.status_code == 422 and "接收单位最多 100 个字，填写了 1200 个字" in long.text
    unnamed = Configuration(data_dir=configuration.data_dir)  # a fresh installation
    app.state.services = replace(app.state.services, configuration=unnamed)
    refused = client.post("/bundles/export", data=form)
    assert refused.status_code == 503 and "请运维员设置 GIMONITOR_ORGANISATION" in refused.text


def test_the_commands(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judged(store)
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("GIMONITOR_ORGANISATION", "丙市局")
    target = str(tmp_path / "a.gibundle")

    def call(*arguments: str) -> str:
        return CliRunner().invoke(cli.app, list(arguments), catch_exceptions=False).output

    told = call("export", target, "--to", "乙市局", "--policy", "neighbour", "--since", "2026-11-01")
    assert "1 leads" in told and "乙市局" in told
    with pytest.raises(InputError, match="not trusted"):
        call("preview", target)
    trust_key(tmp_path / "keys", public_hex(own_key(tmp_path / "keys").public_key()), "自己")
    told = call("preview", target)
    assert "beside: 1" in told and "lead 1" in told and "nothing was written" in told
    assert "beside: 1" in call("merge", target, "--who", "wang") and "same: 1" in call("preview", target)
    with pytest.raises(NotFoundError, match="nemo"):
        call("merge", target, "--who", "nemo")
    with pytest.raises(InputError, match="no model nothing"):
        call("export", target, "--to", "x", "--policy", "models", "--since", "2026-11-01", "--model", "nothing")
    assert "neighbour\t协作地区部门" in call("policies")
