"""How a model comes into force: a draft by one person, a back-test of exactly that draft, a release by another person.

The rule file in force is always the one in the rules folder; drafts and earlier versions are kept in the store. A draft
raises no lead anywhere. Who did what stands in the file, in the store and in the audit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection

from gimonitor.errors import ConflictError, InputError, NotFoundError, PermissionDeniedError, RulesError
from gimonitor.model.register import Model, Register
from gimonitor.register.issues import Severity
from gimonitor.register.loader import change_rules, load_register
from gimonitor.register.modelfile import check_model, file_name, line_of, model_digest, read_model, released, with_model
from gimonitor.screening.lab import Broken, Judged, judge_examples, shadowed
from gimonitor.screening.reach import acting_part
from gimonitor.store.audit import append_audit
from gimonitor.store.columns import clean_text
from gimonitor.store.database import Store
from gimonitor.store.models import (
    ModelVersion,
    StoredBacktest,
    VersionState,
    add_draft,
    archive_version,
    backtests_of,
    load_model_version,
    mark_released,
    mark_rolled_back,
    model_versions_of,
    withdraw_draft,
)
from gimonitor.store.registers import borne_digests, recall_register, standing_of
from gimonitor.workflow.releasers import drafter, is_same_person, releaser


def text_in_force(folder: Path, model_id: str) -> str:
    """The text of the model's file. Raises NotFoundError."""
    path = folder / file_name(model_id)
    if not path.is_file() or path.parent != folder / "models":
        raise NotFoundError(f"no model {model_id}")
    return path.read_text(encoding="utf-8-sig")


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """A model's rule file in force (empty where there is none), its drafts and versions in order, and the newest back-test of
    each by its id."""

    in_force: str
    versions: tuple[ModelVersion, ...]
    backtests: dict[int, StoredBacktest | None]


def versions_of(store: Store, folder: Path, model_id: str) -> Versions:
    """Everything kept of a model. Raises NotFoundError where there neither is nor was one."""
    with store.read() as c:
        versions = model_versions_of(c, model_id)
        tests = {v.id: next(iter(backtests_of(c, v.digest)), None) for v in versions}
    try:
        in_force = text_in_force(folder, model_id)
    except NotFoundError:
        if not versions:
            raise
        in_force = ""
    return Versions(in_force=in_force, versions=in_order(versions), backtests=tests)


def in_order(versions: Sequence[ModelVersion]) -> tuple[ModelVersion, ...]:
    """Drafts, the newest first; then versions from the highest number down; then drafts that were withdrawn."""
    rank = {VersionState.DRAFT: 0, VersionState.WITHDRAWN: 2}
    return tuple(sorted(versions, key=lambda v: (rank.get(v.state, 1), -v.version, -v.id)))


def save_draft(store: Store, folder: Path, text: str, *, author: str, now: datetime) -> int:
    """Keep a draft of a model and return its id.

    Raises RulesError with every problem and its line, ConflictError where the model in force was changed under the number
    of an earlier version, and what `releasers.drafter` raises.
    """
    with store.read() as c:
        author = drafter(c, author)
    return keep_draft(store, folder, text, author=author, now=now)


def keep_draft(store: Store, folder: Path, text: str, *, author: str, now: datetime) -> int:
    """The same for an author who is none of our people: another bureau."""
    model = check_model(folder, text)
    with store.write() as c:
        _refuse_unnumbered(c, folder, model.id)
        draft_id = add_draft(c, model.id, text, model_digest(model), author, now)
        append_audit(
            c, author, "model.draft", f"model:{model.id}", {"draft": draft_id, "digest": model_digest(model)}, at=now
        )
    return draft_id


def _refuse_unnumbered(c: Connection, folder: Path, model_id: str) -> None:
    current = _in_force(folder, model_id)
    for changed in changed_under_number(c, [current[0]] if current else []):
        raise ConflictError(
            f"{model_id}：{file_name(model_id)} 的内容已改而版本号仍为{changed.version}；请改大版本号，或者恢复原文件后以草稿修改"
        )


def changed_under_number(c: Connection, models: Sequence[Model]) -> tuple[Model, ...]:
    """Models that do something else than what is kept, or than what stored listings were screened by, under their number."""
    kept: dict[tuple[str, int], set[Model]] = defaultdict(set)
    for digest in {standing_of(c, digest) for digest in borne_digests(c)}:
        register = recall_register(c, digest)
        for model in register.models if register else ():
            kept[model.id, model.version].add(_acting(model))
    for version in model_versions_of(c):
        if version.version and (known := _read_kept(version)) is not None:
            kept[version.model_id, version.version] = {_acting(known)}
    return tuple(m for m in models if (m.id, m.version) in kept and _acting(m) not in kept[m.id, m.version])


def _read_kept(version: ModelVersion) -> Model | None:
    """A version as it was kept; None where this version of the program reads such files no more."""
    try:
        return read_model(version.text, file_name(version.model_id))
    except RulesError:
        return None


def _acting(model: Model) -> Model:
    return replace(acting_part(model), status="")


def candidate_of(folder: Path, text: str) -> Register:
    """The register as it would be with a draft in force. Raises RulesError."""
    model = read_model(text)
    register, issues = with_model(folder, text, model.id)
    errors = [str(issue) for issue in issues if issue.severity is Severity.ERROR]
    if errors:
        raise RulesError(errors)
    return shadowed(register, replace(model, path=f"{file_name(model.id)}:1"))


def finished_backtest(c: Connection, digest: str) -> StoredBacktest | None:
    """The newest back-test of exactly this draft that came to its end."""
    return next((b for b in backtests_of(c, digest) if b.ended_at is not None), None)


def release(
    store: Store,
    folder: Path,
    draft_id: int,
    *,
    reader: str,
    now: datetime,
    on: date,
    tell: Callable[[Judged], None] = lambda judged: None,
) -> ModelVersion:
    """Put a draft in force: in the rules folder, the store and the audit, all or none.

    What it makes of examples goes to `tell`; the audit names the models whose examples no longer hold.

    Raises PermissionDeniedError when the reader wrote it or may not release, ConflictError without a back-test of exactly this draft or
    when it is no draft any more, RulesError when it would not load or examples of it come out wrong that did not before.
    """
    with store.read() as c:
        draft = load_model_version(c, draft_id)
        reader = releaser(c, reader)
        is_author = is_same_person(c, reader, draft.author)
    if is_author:
        raise PermissionDeniedError(f"{draft.model_id}：起草人不能发布自己的草稿，须由另一人发布")
    judged = judge_draft(folder, draft.text, on)
    if judged.own:
        raise RulesError([said_of(b, draft.text) for b in judged.own])
    with store.write() as c:
        draft = load_model_version(c, draft_id, lock=True)
        if draft.state is not VersionState.DRAFT:
            raise ConflictError(f"{draft.model_id}：这份草稿已经发布或者撤回")
        tested = finished_backtest(c, draft.digest)
        if tested is None:
            raise ConflictError(f"{draft.model_id}：发布前须先对这份草稿完成回测")
        version, text = _settle_version(c, folder, draft, reader, now, on)
        mark_released(c, draft_id, version=version, text=text, reader=reader, backtest_id=tested.id, now=now)
        detail = {"version": version, "digest": draft.digest, "author": draft.author, "backtest": tested.id}
        if judged.elsewhere:
            detail["broke"] = sorted({b.model_id for b in judged.elsewhere})
        append_audit(c, reader, "model.release", f"model:{draft.model_id}", detail, at=now)
        change_rules(folder, {file_name(draft.model_id): text.encode()})  # last: what fails before it changes no file
    tell(judged)
    with store.read() as c:
        return load_model_version(c, draft_id)


def judge_draft(folder: Path, text: str, on: date) -> Judged:
    """What a draft would make of examples. Raises RulesError where it would not load."""
    return judge_examples(load_register(folder), candidate_of(folder, text), on, only=[read_model(text).id])


def said_of(broken: Broken, text: str) -> str:
    """A broken example in a line for officers. `text` is its model's file."""
    wrong = broken.fault or ("应当提示而未提示" if broken.must_flag else "不应提示而提示了")
    return f"{file_name(broken.model_id)}:{line_of(text, broken.place)}: {broken.model_id}：{wrong}：{broken.example}"


def _settle_version(
    c: Connection, folder: Path, draft: ModelVersion, reader: str, now: datetime, on: date
) -> tuple[int, str]:
    """The number and text of the new version. Keeps the one in force until now.

    A release that was broken off after its file was written is found there and finished, never done twice.
    """
    if current := _in_force(folder, draft.model_id):
        model, text = current
        if (model_digest(model), model.reader, model.released_on is None) == (draft.digest, reader, False):
            return model.version, text
        _refuse_unnumbered(c, folder, model.id)
        mark_rolled_back(c, model.id, model.version + 1)  # in a store where that was not noted when it was done
        if model.status != "draft":
            archive_version(c, model.id, model.version, text, model_digest(model), model.author, model.reader, now)
    version = max(v.version for v in model_versions_of(c, draft.model_id)) + 1  # a draft has the number 0
    return version, released(draft.text, version=version, author=draft.author, reader=reader, on=on)


def _in_force(folder: Path, model_id: str) -> tuple[Model, str] | None:
    try:
        text = text_in_force(folder, model_id)
    except NotFoundError:
        return None
    return read_model(text, file_name(model_id)), text


def roll_back(store: Store, folder: Path, model_id: str, *, who: str, why: str, now: datetime) -> ModelVersion:
    """Put the version back, exactly as it was, that was in force before the one that is and was not rolled back itself.

    Raises NotFoundError where there is no such model, ConflictError where nothing was released before, and what
    `releasers.releaser` raises.
    """
    if not why.strip():
        raise InputError("退回须说明理由")
    with store.write() as c:
        who = releaser(c, who)
        text = text_in_force(folder, model_id)
        model = read_model(text, file_name(model_id))
        archive_version(c, model_id, model.version, text, model_digest(model), model.author, model.reader, now)
        mark_rolled_back(c, model_id, model.version)
        earlier = model_versions_of(c, model_id, VersionState.RELEASED)
        if not earlier:
            raise ConflictError(f"{model_id}：没有更早的已发布版本可以退回")
        target = max(earlier, key=lambda v: v.version)
        detail = {"from": model.version, "to": target.version, "digest": target.digest, "why": clean_text(why)}
        append_audit(c, who, "model.rollback", f"model:{model_id}", detail, at=now)
        change_rules(folder, {file_name(model_id): target.text.encode()})
    return target


def withdraw(store: Store, draft_id: int, *, who: str, now: datetime) -> None:
    """Give a draft up. Raises ConflictError when it is no draft any more."""
    with store.write() as c:
        draft = load_model_version(c, draft_id, lock=True)
        withdraw_draft(c, draft_id)
        append_audit(c, who, "model.withdraw", f"model:{draft.model_id}", {"draft": draft_id}, at=now)
