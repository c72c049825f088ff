"""The register between bureaus: signed, believed only from known keys, previewed, taken over whole with its origin."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gimonitor.errors import ConfigurationError, InputError, RulesError
from gimonitor.model.register import GI as GIValue
from gimonitor.model.register import Register
from gimonitor.register import load_register
from gimonitor.register.differing import PLAIN_FIELDS
from gimonitor.register.exchange import Exchange, build_exchange, public_hex, read_exchange
from gimonitor.register.keys import own_key, trust_key, trusted_keys
from gimonitor.register.merging import apply_merge, chosen_gis, plan_merge
from gimonitor.register.refusals import refused_marks, remember_refused
from tests.register.conftest import GI, LAW, USERS, write

MADE = datetime(2026, 11, 22, 4, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(b"1" * 32)
PUBLIC = public_hex(KEY.public_key())
OTHER_GI = GI.replace("hlj-wuchang-dami", "ln-panjin-dami").replace("五常", "盘锦").replace("230184", "211100")


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """The rules of another bureau: our GI with a checked standard, one more GI, its user."""
    folder = tmp_path / "theirs"
    checked = "{value: GB/T 19266-2008, source: 国标, checked_by: 李四, checked_on: 2026-01-01}"
    write(folder, "gi/heilongjiang/hlj-wuchang-dami.yml", GI.replace("GB/T 19266-2008", checked))
    write(folder, "gi/liaoning/ln-panjin-dami.yml", OTHER_GI)
    write(folder, "law/some-law.yml", LAW)
    row = "ln-panjin-dami,盘锦甲公司,92230184MA1CRXT36R,member,,2024-01-01,,,,,found,协会名单\n"
    write(folder, "users/users.csv", USERS + row)
    return folder


def sent(theirs: Path, tmp_path: Path, key: Ed25519PrivateKey = KEY) -> Path:
    path = tmp_path / "their.gireg"
    path.write_bytes(build_exchange(theirs, load_register(theirs), origin="乙局", key=key, made=MADE))
    return path


def received(theirs: Path, tmp_path: Path) -> Exchange:
    return read_exchange(sent(theirs, tmp_path), {PUBLIC: "乙局"})


def test_what_is_sent_is_what_is_received(theirs: Path, tmp_path: Path) -> None:
    exchange = received(theirs, tmp_path)
    assert (exchange.origin, exchange.made, exchange.key) == ("乙局", MADE, PUBLIC)
    assert sorted(exchange.files) == [
        "gi/heilongjiang/hlj-wuchang-dami.yml",
        "gi/liaoning/ln-panjin-dami.yml",
        "users/users.csv",
    ]


def test_practice_users_stay_at_home_and_a_province_can_be_chosen(shipped: Register, shipped_copy: Path) -> None:
    content = build_exchange(shipped_copy, shipped, origin="乙局", key=KEY, made=MADE, province="山西")
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert len(names) == 99 + 2
    assert not any("users" in name for name in names)
    with pytest.raises(InputError, match="no GI of the province"):
        build_exchange(shipped_copy, shipped, origin="乙局", key=KEY, made=MADE, province="火星")


def test_an_unknown_key_is_refused_and_named(theirs: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=rf"not trusted: {PUBLIC} .*乙局"):
        read_exchange(sent(theirs, tmp_path), {})


def test_every_changed_byte_of_content_is_noticed(theirs: Path, tmp_path: Path) -> None:
    path = sent(theirs, tmp_path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for name in members:
        changed = dict(members)
        content = bytearray(changed[name])
        content[len(content) // 2] ^= 1
        changed[name] = bytes(content)
        with pytest.raises(InputError, match=path.name):
            read_exchange(repack(path, changed), {PUBLIC: "乙局"})


def repack(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def forged(tmp_path: Path, files: dict[str, bytes], key: Ed25519PrivateKey = KEY) -> Path:
    """A file that is signed in order, over whatever the signer wanted."""
    import hashlib

    head = json.dumps(
        {
            "format": 1,
            "origin": "乙局",
            "made": MADE.isoformat(),
            "key": public_hex(key.public_key()),
            "files": {name: hashlib.sha256(raw).hexdigest() for name, raw in files.items()},
        }
    ).encode()
    members = {"manifest.json": head, "signature": key.sign(head)}
    return repack(tmp_path / "f.gireg", members | {f"files/{name}": raw for name, raw in files.items()})


@pytest.mark.parametrize(
    "name", ["../../etc/x.yml", "gi/../../x.yml", "law/x.yml", "models/x.yml", "gi/x.py", "/gi/x.yml", "users/../x.csv"]
)
def test_even_a_trusted_sender_writes_only_gi_and_user_files(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="has no place in such a file"):
        read_exchange(forged(tmp_path, {name: b"x"}), {PUBLIC: "乙局"})


def test_a_file_beyond_its_limit_is_not_unpacked(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="larger than"):
        read_exchange(forged(tmp_path, {"gi/a/b.yml": b"#" * 10_000_000}), {PUBLIC: "乙局"})


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a zip", b"\0" * 1000])
def test_what_is_no_exchange_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.gireg"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"x\.gireg"):
        read_exchange(path, {PUBLIC: "乙局"})


def test_other_formats_and_extra_parts_are_refused(theirs: Path, tmp_path: Path) -> None:
    path = sent(theirs, tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("files/gi/a/extra.yml", b"x")
    with pytest.raises(InputError, match="other parts"):
        read_exchange(path, {PUBLIC: "乙局"})
    repack(path, {"manifest.json": b'{"format": 2}', "signature": b""})
    with pytest.raises(InputError, match=r"manifest\.json"):
        read_exchange(path, {PUBLIC: "乙局"})


def test_the_preview_says_what_would_change_and_writes_nothing(rules: Path, theirs: Path, tmp_path: Path) -> None:
    before = {p: p.read_bytes() for p in rules.rglob("*") if p.is_file()}
    plan = plan_merge(load_register(rules), received(theirs, tmp_path))
    assert plan.new == ("盘锦大米",)
    assert [(d.name, d.lines) for d in plan.changed] == [
        ("五常大米", ("standards.0.code: GB/T 19266-2008 (unverified) -> GB/T 19266-2008 (found)",))
    ]
    assert plan.users_new == ("盘锦甲公司 (ln-panjin-dami)",)
    assert plan.users_same == 1
    assert {p: p.read_bytes() for p in rules.rglob("*") if p.is_file()} == before


def test_every_field_of_a_gi_is_compared() -> None:
    facts_or_frames = {"protections", "aliases", "translations", "near", "brands", "area", "standards", "season",
                       "conflicting_standards", "price_floors_fen", "output_tonnes", "eu_list", "eu_name", "twins", "company_words",
                       "category", "product_group", "goods", "tier"}  # fmt: skip
    told_otherwise = {"id", "certainty", "origin", "path"}
    assert {f.name for f in fields(GIValue)} == facts_or_frames | told_otherwise | set(PLAIN_FIELDS)


def test_taking_over_keeps_the_origin_and_leaves_ours_alone(rules: Path, theirs: Path, tmp_path: Path) -> None:
    exchange = received(theirs, tmp_path)
    apply_merge(rules, plan_merge(load_register(rules), exchange))
    register = load_register(rules)
    assert {gi.id: gi.origin for gi in register.gis} == {"hlj-wuchang-dami": "", "ln-panjin-dami": "乙局"}
    assert {user.name: user.origin for user in register.users} == {"五常市甲米业有限公司": "", "盘锦甲公司": "乙局"}
    again = plan_merge(register, exchange)
    assert (again.new, again.users_new, again.files_new, again.same) == ((), (), {}, 1)
    apply_merge(rules, again, taken=chosen_gis(again, (), all_changed=True))
    gi = load_register(rules).gi("hlj-wuchang-dami")
    assert (gi.standards[0].code.checked_by, gi.origin) == ("李四", "乙局")


def test_an_origin_survives_a_second_bureau(rules: Path, theirs: Path, tmp_path: Path) -> None:
    apply_merge(rules, plan_merge(load_register(rules), received(theirs, tmp_path)))
    second = Ed25519PrivateKey.from_private_bytes(b"2" * 32)
    content = build_exchange(rules, load_register(rules), origin="甲局", key=second, made=MADE)
    (tmp_path / "second.gireg").write_bytes(content)
    third = tmp_path / "third"
    write(third, "law/some-law.yml", LAW)
    exchange = read_exchange(tmp_path / "second.gireg", {public_hex(second.public_key()): "甲局"})
    apply_merge(third, plan_merge(load_register(third), exchange))
    register = load_register(third)
    told = {"hlj-wuchang-dami": "甲局", "ln-panjin-dami": "甲局（称来自乙局）"}
    assert {gi.id: gi.origin for gi in register.gis} == told
    assert {user.gi_id: user.origin for user in register.users} == told


def test_users_gone_from_their_next_file_are_told(rules: Path, theirs: Path, tmp_path: Path) -> None:
    apply_merge(rules, plan_merge(load_register(rules), received(theirs, tmp_path)))
    write(theirs, "users/users.csv", USERS)
    plan = plan_merge(load_register(rules), received(theirs, tmp_path))
    assert plan.users_gone == ("盘锦甲公司 (ln-panjin-dami)",)
    apply_merge(rules, plan)
    assert [user.name for user in load_register(rules).users] == ["五常市甲米业有限公司"]


def test_the_same_name_under_another_id_is_left_to_people(
    rules: Path, theirs: Path, tmp_path: Path, put: Callable[[str, str], Path]
) -> None:
    put("gi/liaoning/ln-x.yml", OTHER_GI.replace("id: ln-panjin-dami", "id: ln-x"))
    plan = plan_merge(load_register(rules), received(theirs, tmp_path))
    assert [d.title for d in plan.conflicts] == [
        "盘锦大米 (ln-panjin-dami): we have it as ln-x",
        "盘锦甲公司 (ln-panjin-dami): user of a GI that we do not have",
    ]
    assert plan.new == ()
    apply_merge(rules, plan)
    assert len(load_register(rules).users) == 1


def test_rule_files_that_are_none_are_refused_with_every_issue(rules: Path, tmp_path: Path) -> None:
    path = forged(tmp_path, {"gi/a/a.yml": b"id: a\nname: [1]\n", "gi/a/b.yml": b"x: &a 1\n"})
    with pytest.raises(RulesError) as caught:
        plan_merge(load_register(rules), read_exchange(path, {PUBLIC: "乙局"}))
    assert len(caught.value.issues) >= 3


def test_the_own_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    first = public_hex(own_key(folder).public_key())
    assert public_hex(own_key(folder).public_key()) == first
    (path,) = folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text("nothing")
    with pytest.raises(InputError, match="no signing key"):
        own_key(folder)


def test_trusted_keys_are_kept_with_their_names(tmp_path: Path) -> None:
    assert trusted_keys(tmp_path) == {}
    trust_key(tmp_path, PUBLIC, "乙局\n二")
    assert trusted_keys(tmp_path) == {PUBLIC: "乙局 二"}
    with pytest.raises(InputError, match="64 hexadecimal"):
        trust_key(tmp_path, "xyz", "甲")
    (tmp_path / "register-trusted.txt").write_text("oops\n")
    with pytest.raises(InputError, match=r"register-trusted\.txt:1"):
        trusted_keys(tmp_path)


def test_the_origin_is_the_name_the_key_was_trusted_under(rules: Path, theirs: Path, tmp_path: Path) -> None:
    exchange = read_exchange(sent(theirs, tmp_path), {PUBLIC: "辽宁局"})
    assert (exchange.origin, exchange.says) == ("辽宁局", "乙局")
    apply_merge(rules, plan_merge(load_register(rules), exchange))
    assert load_register(rules).gi("ln-panjin-dami").origin == "辽宁局"
    with pytest.raises(InputError, match="whose key"):
        trust_key(tmp_path, PUBLIC, " ")


@pytest.mark.parametrize("origin", ["（单位名称待填）", "", " ", "局", "局" * 201])
def test_nobody_exports_without_a_name(rules: Path, origin: str) -> None:
    with pytest.raises(ConfigurationError, match="GIMONITOR_ORGANISATION"):
        build_exchange(rules, load_register(rules), origin=origin, key=KEY, made=MADE)


def test_a_fact_verified_with_us_is_never_lost(rules: Path, theirs: Path, tmp_path: Path) -> None:
    path = rules / "gi/heilongjiang/hlj-wuchang-dami.yml"
    checked = '{value: ["230184"], source: 公告, checked_by: 张三, checked_on: 2026-01-01}'
    text = path.read_text(encoding="utf-8").replace('["230184"]', checked)
    path.write_text(text, encoding="utf-8")
    plan = plan_merge(load_register(rules), received(theirs, tmp_path))
    assert plan.changed == ()
    (conflict,) = plan.conflicts
    assert conflict.title == "五常大米 (hlj-wuchang-dami): verified with us and not with theirs: area.adcodes"
    assert "area.adcodes: 230184 (found) -> 230184 (unverified)" in conflict.lines
    with pytest.raises(InputError, match="not among the changed"):
        chosen_gis(plan, ("五常大米",))
    apply_merge(rules, plan, taken=chosen_gis(plan, (), all_changed=True))
    assert path.read_text(encoding="utf-8") == text


def test_what_differs_is_said_field_by_field(rules: Path, theirs: Path, tmp_path: Path) -> None:
    path = theirs / "gi/heilongjiang/hlj-wuchang-dami.yml"
    text = path.read_text(encoding="utf-8").replace(
        "notes: 说明", "notes: 另说\nprice_floors: [{year: 2026, fen_per_500g: 900}]"
    )
    text = text.replace(
        'numbers: [{value: "2003年第1号", certainty: found}]',
        'numbers: [{value: "2003年第1号", source: 官网}]\n    note: 注',
    )
    path.write_text(text, encoding="utf-8")
    users = theirs / "users/users.csv"
    users.write_text(users.read_text(encoding="utf-8").replace("甲牌", "甲牌;乙牌"), encoding="utf-8")
    plan = plan_merge(load_register(rules), received(theirs, tmp_path))
    assert plan.changed[0].lines == (
        "price_floors.0.fen_per_500g: nothing -> 900 (unverified)",
        "protections.0.numbers.0: 2003年第1号 (found; source: 公告; not checked) -> 2003年第1号 (found; source: 官网; not checked)",
        "standards.0.code: GB/T 19266-2008 (unverified) -> GB/T 19266-2008 (found)",
        "notes: 说明 -> 另说",
        "price_floors.0.year: nothing -> 2026",
        "protections.0.note: nothing -> 注",
    )
    assert [(d.name, d.lines) for d in plan.users_differ] == [("五常市甲米业有限公司", ("brands: 甲牌 -> 甲牌、乙牌",))]


def test_what_was_looked_at_and_left_stands_apart_until_it_changes(rules: Path, theirs: Path, tmp_path: Path) -> None:
    exchange, register = received(theirs, tmp_path), load_register(rules)
    first = plan_merge(register, exchange)
    assert first.left(["hlj-wuchang-dami"]) == ()
    remember_refused(tmp_path, ((d.mark, d.title) for d in first.left()), on=MADE.date())
    again = plan_merge(register, exchange, refused=refused_marks(tmp_path))
    assert (again.changed, again.refused) == ((), first.changed)
    assert chosen_gis(again, (), all_changed=True) == frozenset()
    assert chosen_gis(again, ("五常大米",)) == {"hlj-wuchang-dami"}
    path = theirs / "gi/heilongjiang/hlj-wuchang-dami.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("notes: 说明", "notes: 另说"), encoding="utf-8")
    later = plan_merge(register, received(theirs, tmp_path), refused=refused_marks(tmp_path))
    assert (len(later.changed), later.refused) == (1, ())
    (tmp_path / "register-refused.txt").write_text("oops\n")
    with pytest.raises(InputError, match=r"register-refused\.txt:1"):
        refused_marks(tmp_path)
