"""协作交换: leads, results and models as one signed file to another bureau, without a network; what came in is shown before
anything is written, merged by listing and GI, and keeps whom it is from.

A lead of theirs over an offer that we know stands beside ours and changes nothing of it; one that we do not know becomes a
lead of ours. A model of theirs becomes a draft, which comes into force like any other draft. The same file twice changes
nothing; of two files the later counts, in whichever order they arrive.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from sqlalchemy import Connection

from gimonitor.errors import InputError, NotFoundError, RulesError
from gimonitor.model.lead import Resolution, State
from gimonitor.model.listing import Listing
from gimonitor.register.modelfile import check_model, model_digest
from gimonitor.register.signed import MAX_FILE, open_signed, seal_files
from gimonitor.store import audit, leads, loading
from gimonitor.store import bundles as store
from gimonitor.store.database import Store
from gimonitor.store.models import model_versions_of
from gimonitor.workflow.areas import Within
from gimonitor.workflow.decisions import Actor
from gimonitor.workflow.ownleads import Report, Screen, add_lead
from gimonitor.workflow.releasing import keep_draft, text_in_force
from gimonitor.workflow.sharing import Part, SharedContent, as_listing, policy_of, share_lead
from gimonitor.workflow.vocabulary import ComplaintSource

KIND = "bundle"
MOST = 2_000
MOST_NAME = 100
_LEADS, _HEAD = "leads.json", "bundle.json"
_MOST_MODEL = 400_000


class Head(BaseModel):
    """Whom a bundle is for, and by which policy it was cut."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: str
    policy: str
    since: datetime


_LIST = TypeAdapter(tuple[SharedContent, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A bundle whose signature held. `origin` is the name its key is trusted under, `sha256` of the file."""

    origin: str
    says: str
    sender: str
    made: datetime
    sha256: str
    head: Head
    leads: tuple[SharedContent, ...]
    models: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """How far a lead of ours is."""

    state: State
    resolution: Resolution | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What merging would do with one part: `new`, `beside` (ours stands), `same`, `older`, `outside`, or `refused`.

    Of a lead, `shared` is what they say of it, `ours` how far our own one is, and `changed` the parts of theirs that are not
    as the file before had them.
    """

    what: str
    name: str
    does: str
    why: str = ""
    lead_id: int | None = None
    shared: SharedContent | None = None
    ours: Stand | None = None
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What a merge did."""

    items: tuple[Item, ...]

    def count(self, does: str) -> int:
        """How many parts it did this with."""
        return sum(item.does == does for item in self.items)


def build_bundle(
    c: Connection,
    *,
    policy_id: str,
    to: str,
    since: datetime,
    origin: str,
    key: Ed25519PrivateKey,
    made: datetime,
    gi_ids: tuple[str, ...] = (),
    models: Mapping[str, str] | None = None,
    within: Within = None,
) -> tuple[bytes, int]:
    """The bytes of a bundle of confirmed leads, and how many it holds. `models` are rule files by the id of their model.

    Raises InputError when there is nothing to send, too much, or nobody to send it to.
    """
    policy = policy_of(policy_id)
    if not to.strip():
        raise InputError("须填写接收单位")
    if len(to) > MOST_NAME:
        raise InputError(f"接收单位最多 {MOST_NAME} 个字，填写了 {len(to)} 个字")
    ids = store.confirmed_since(c, since, gi_ids, MOST + 1, within) if policy.listing else []
    if len(ids) > MOST:
        raise InputError(f"超过 {MOST} 条线索，请缩小起始日期或按地理标志分开")
    shared = tuple(share_lead(leads.load_lead(c, lead_id), policy) for lead_id in ids)
    texts = dict(models or {}) if Part.MODELS in policy.parts else {}
    if not shared and not texts:
        raise InputError("没有可以交换的内容：期内没有判定为“疑似成立”的线索，也没有选择模型")
    files = {
        _HEAD: Head(to=to.strip(), policy=policy.id, since=since).model_dump_json().encode(),
        _LEADS: _LIST.dump_json(shared, exclude_defaults=True),
    }
    files |= {f"models/{name}.yml": text.encode() for name, text in texts.items()}
    return seal_files(files, kind=KIND, origin=origin, key=key, made=made), len(shared)


def model_texts(folder: Path) -> dict[str, str]:
    """The rule files of all models in force, by the id of the model."""
    return {path.stem: text_in_force(folder, path.stem) for path in sorted((folder / "models").glob("*.yml"))}


def read_bundle(path: Path, trusted: Mapping[str, str]) -> Bundle:
    """Read and verify a bundle. Raises InputError when it is none, is not signed by a trusted key, or was changed."""
    opened = open_signed(path, trusted, kind=KIND, limit=_limit)
    try:
        head = Head.model_validate_json(opened.files[_HEAD])
        shared = _LIST.validate_json(opened.files[_LEADS])
        texts = {n[7:-4]: raw.decode() for n, raw in opened.files.items() if n.startswith("models/")}
    except (KeyError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: lacks a part of a bundle, or it cannot be read: {error}") from error
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in problem["loc"])
        raise InputError(f"{path}: {where}: {problem['msg']}") from error
    if len(shared) > MOST:
        raise InputError(f"{path}: more than {MOST} leads; refused")
    return Bundle(
        origin=opened.origin,
        says=opened.says,
        sender=opened.key,
        made=opened.made,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        head=head,
        leads=shared,
        models=texts,
    )


def _limit(name: str) -> int | None:
    if name in (_HEAD, _LEADS):
        return MAX_FILE
    return _MOST_MODEL if re.fullmatch(r"models/[A-Za-z0-9][A-Za-z0-9_-]{0,80}\.yml", name) else None


def preview(c: Connection, bundle: Bundle, folder: Path, within: Within = None) -> Merged:
    """What merging would do; nothing is written."""
    items = [_lead_item(c, bundle, shared, within) for shared in bundle.leads]
    return Merged(items=(*items, *(_model_item(c, bundle, folder, name) for name in bundle.models)))


def _lead_item(c: Connection, bundle: Bundle, shared: SharedContent, within: Within) -> Item:
    ours = store.lead_over(c, shared.platform, shared.item_id, shared.gi_id)
    before = store.said_before(c, store.shared_key(bundle.sender, shared.platform, shared.item_id, shared.gi_id))
    name = f"{shared.gi_name}　{shared.platform} {shared.item_id}"
    does, why = ("new", "") if ours is None else ("beside", "本单位已有此线索，对方的处理列在旁边")
    if before is not None and before.made >= bundle.made:
        does, why = ("same", "已合并过") if before.made == bundle.made else ("older", "已有对方更新的记录")
    if within is not None and shared.gi_id not in within:
        does, why, ours = "outside", "不在您的辖区内", None
    elif not shared.listing.title and ours is None:
        does, why = "refused", "对方没有给商品标题，本单位也没有此商品"
    return Item(
        what="lead",
        name=name,
        does=does,
        why=why,
        lead_id=ours,
        shared=shared,
        ours=_stand(c, ours) if ours is not None else None,
        changed=_changed(before.content, shared) if before is not None and does == "beside" else (),
    )


def _stand(c: Connection, lead_id: int) -> Stand:
    row = leads.load_lead_row(c, lead_id)
    return Stand(state=row.state, resolution=row.resolution)


def _changed(before: Mapping[str, object], shared: SharedContent) -> tuple[str, ...]:
    now = _plain(shared)
    return tuple(name for name in SharedContent.model_fields if before.get(name) != now.get(name))


def _plain(shared: SharedContent) -> dict[str, object]:
    """What is kept of it."""
    plain: dict[str, object] = json.loads(shared.model_dump_json(exclude_defaults=True))
    return plain


def _model_item(c: Connection, bundle: Bundle, folder: Path, name: str) -> Item:
    try:
        model = check_model(folder, bundle.models[name])
    except RulesError as error:
        return Item(what="model", name=name, does="refused", why=str(error).splitlines()[0][:200])
    try:
        in_force = model_digest(check_model(folder, text_in_force(folder, model.id)))
    except (NotFoundError, RulesError):
        in_force = ""
    kept = {in_force, *(v.digest for v in model_versions_of(c, model.id) if v.author == bundle.origin)}
    if model_digest(model) in kept:
        return Item(what="model", name=model.id, does="same", why="与本单位的相同，或已收过")
    return Item(what="model", name=model.id, does="new", why="列为草稿，经回测和另一人发布后生效")


def merge(database: Store, actor: Actor, bundle: Bundle, folder: Path, screen: Screen, *, now: datetime) -> Merged:
    """Do what the preview showed: leads in one transaction, then models as drafts of the sender. Says what was done."""
    with database.write() as c:
        done = preview(c, bundle, folder, actor.within)
        taken = [
            replace(item, lead_id=_take(c, actor, bundle, shared, screen, now))
            if item.does in ("new", "beside")
            else item
            for shared, item in zip(bundle.leads, done.items, strict=False)
        ]
        detail: dict[str, object] = {"origin": bundle.origin, "sha256": bundle.sha256, "made": bundle.made.isoformat()}
        counts = {does: done.count(does) for does in sorted({item.does for item in done.items})}
        audit.append_audit(c, actor.login, "bundle.merge", f"bundle:{bundle.sha256[:16]}", detail | counts, at=now)
    models = done.items[len(bundle.leads) :]
    if actor.within is None:
        for name, item in zip(bundle.models, models, strict=True):
            if item.does == "new":
                keep_draft(database, folder, bundle.models[name], author=bundle.origin, now=now)
    else:
        models = tuple(replace(m, does="outside", why="模型只由不限辖区的人员接收") for m in models)
    return Merged(items=(*taken, *models))


def _take(c: Connection, actor: Actor, bundle: Bundle, shared: SharedContent, screen: Screen, now: datetime) -> int:
    """Keep what they said, and make a lead where there is none. Returns its id."""
    ours = store.lead_over(c, shared.platform, shared.item_id, shared.gi_id)
    if ours is None:
        report = Report(
            gi_id=shared.gi_id,
            gi_name=shared.gi_name,
            source=ComplaintSource.TRANSFER,
            title=shared.listing.title,
            url=shared.listing.url,
            text=f"{bundle.origin}线索 {shared.number}：" + "；".join(f.reason for f in shared.findings)[:1500],
        )
        offer, first_seen = _offer(c, bundle, shared, now), shared.listing.first_seen or shared.found
        ours = add_lead(c, actor, report, screen, now=now, offer=offer, first_seen=first_seen).lead_id
    key = store.shared_key(bundle.sender, shared.platform, shared.item_id, shared.gi_id)
    kept = store.SharedLead(
        sender=bundle.sender,
        origin=bundle.origin,
        number=shared.number,
        lead_id=ours,
        made=bundle.made,
        received_at=now,
        who=actor.login,
        bundle=bundle.sha256,
        content=_plain(shared),
    )
    store.save_shared(c, key, kept)
    return ours


def _offer(c: Connection, bundle: Bundle, shared: SharedContent, now: datetime) -> Listing:
    """The listing as we know it, else as they tell it."""
    try:
        return loading.load_listing(c, shared.platform, shared.item_id).as_seen
    except NotFoundError:
        return as_listing(shared, bundle.origin, now)
