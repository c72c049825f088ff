"""协作交换: signed files to and from other bureaus; what came in is shown before it is merged."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, File, Form, Response, UploadFile

from gimonitor.errors import InputError
from gimonitor.model.zone import BEIJING
from gimonitor.register.exchange import public_hex
from gimonitor.register.keys import own_key, trusted_keys
from gimonitor.store import audit
from gimonitor.store.bundles import latest_shared
from gimonitor.web.access import DeciderPage, Page
from gimonitor.web.files import attached_bytes
from gimonitor.web.ownleads import gi_choices, screen_for
from gimonitor.web.uploads import BUNDLES, keep_bundle, kept_table
from gimonitor.workflow.bundles import Bundle, Merged, build_bundle, merge, model_texts, preview, read_bundle
from gimonitor.workflow.sharing import policies

router = APIRouter()
Line = Annotated[str, Form(max_length=200)]
LISTED = 50


@router.get("/bundles")
def overview(page: DeciderPage) -> Response:
    """What came in last, and the forms for both directions."""
    return _page(page)


@router.post("/bundles/export")
def export(
    page: DeciderPage,
    to: Annotated[str, Form()],
    policy: Line,
    since: Annotated[date, Form()],
    gi: Line = "",
    models: Line = "",
) -> Response:
    """The file for another bureau, as a download."""
    name, content = exported(page, to=to, policy=policy, since=since, gi=gi, models=bool(models))
    return attached_bytes(content, name)


def exported(page: Page, *, to: str, policy: str, since: date, gi: str, models: bool) -> tuple[str, bytes]:
    """Name and bytes of the file for another bureau, noted in the audit. Raises InputError."""
    services = page.services
    if models and page.within is not None:
        raise InputError("模型只由不限辖区的人员发送")
    texts = model_texts(page.services.rules_folder) if models else {}
    with services.store.write() as c:
        content, count = build_bundle(
            c,
            policy_id=policy,
            to=to,
            since=datetime.combine(since, time(), BEIJING),
            origin=services.configuration.organisation,
            key=own_key(_keys(page)),
            made=page.now,
            gi_ids=(gi,) if gi else (),
            models=texts,
            within=page.within,
        )
        name = f"leads-{page.now.astimezone(BEIJING):%Y%m%d-%H%M%S}.gibundle"
        detail: dict[str, object] = {"to": to, "policy": policy, "leads": count, "models": len(texts)}
        audit.append_audit(c, page.person.login, "bundle.export", f"bundle:{name}", detail, at=page.now)
    return name, content


@router.post("/bundles")
def show(page: DeciderPage, file: Annotated[UploadFile, File()]) -> Response:
    """Keep the file and show what merging it would do."""
    kept = keep_bundle(page.services.configuration, file)
    bundle = read_kept(page, kept.sha256)
    with page.services.store.read() as c:
        found = preview(c, bundle, page.services.rules_folder, page.within)
    return _page(page, bundle, found)


@router.post("/bundles/merge")
def take(page: DeciderPage, sha256: Annotated[str, Form(max_length=64)]) -> Response:
    """Do what was shown; the file is read and verified again."""
    bundle = read_kept(page, sha256)
    done = merge(
        page.services.store, page.person.actor, bundle, page.services.rules_folder, screen_for(page), now=page.now
    )
    return _page(page, bundle, done, is_done=True)


def _page(page: Page, bundle: Bundle | None = None, found: Merged | None = None, *, is_done: bool = False) -> Response:
    with page.services.store.read() as c:
        received = latest_shared(c, LISTED, page.within)
    return page.render(
        "bundles.html",
        "/reports",
        tab="bundles",
        bundle=bundle,
        found=found,
        is_done=is_done,
        received=received,
        policies=policies(),
        gis=gi_choices(page),
        since=page.now.astimezone(BEIJING).date() - timedelta(days=30),
        key=public_hex(own_key(_keys(page)).public_key()),
        trusted=trusted_keys(_keys(page)),
    )


def read_kept(page: Page, sha256: str) -> Bundle:
    """The bundle kept under a digest, verified. Raises InputError in words."""
    path = kept_table(page.services.configuration, sha256, BUNDLES)
    if path is None:
        raise InputError("没有这个文件，请重新上传")
    try:
        return read_bundle(path, trusted_keys(_keys(page)))
    except InputError as error:
        raise InputError(_in_chinese(str(error))) from error


_REASONS = (
    ("not trusted", "签名的密钥不在信任名单中；请运维员电话核对对方公钥后登记"),
    ("was changed", "文件在签名之后被改动，已拒绝"),
    ("signature", "签名不成立，已拒绝"),
    ("carries", "这是另一种交换文件（档案交换），请交运维员合并"),
    ("more than", "线索过多，请对方分开发送"),
)


def _in_chinese(said: str) -> str:
    return next((words for mark, words in _REASONS if mark in said), "不是可以读取的交换文件，或内容不合规格")


def _keys(page: Page) -> Path:
    return page.services.configuration.data_dir / "keys"
