"""How a model comes into force: a draft by one person, a back-test of exactly that draft, a release by another person.

The rule file in force is always the one in the rules folder; drafts and earlier versions are kept in the store. A draft
raises no lead anywhere. Who did what stands in the file, in the store and in the audit.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection

from gimonitor.errors import ConflictError, InputError, NotFoundError, PermissionDeniedError, RulesError
from gimonitor.model.register import Model, Register
from gimonitor.register.issues import Severity
from gimonitor.register.loader import change_rules
from gimonitor.register.modelfile import check_model, file_name, model_digest, read_model, released, with_model
from gimonitor.screening.lab import broken_examples, shadowed
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
    model_versions_of,
)


def text_in_force(folder: Path, model_id: str) -> str:
    """The text of the model's file. Raises NotFoundError."""
    path = folder / file_name(model_id)
    if not path.is_file() or path.parent != folder / "models":
        raise NotFoundError(f"no model {model_id}")
    return path.read_text(encoding="utf-8-sig")


def save_draft(store: Store, folder: Path, text: str, *, author: str, now: datetime) -> int:
    """Keep a draft of a model and return its id. Raises RulesError with every problem and its line."""
    _require_name(author)
    model = check_model(folder, text)
    with store.write() as c:
        draft_id = add_draft(c, model.id, text, model_digest(model), author, now)
        append_audit(c, author, "model.draft", f"model:{model.id}", {"draft": draft_id, "digest": model_digest(model)}, at=now)
    return draft_id


def _require_name(name: str) -> None:
    if not name.strip() or clean_text(name) != name:
        raise InputError("say who you are")


def candidate_of(folder: Path, text: str) -> Register:
    """The register as it would be with a draft in force. Raises RulesError."""
    model = check_model(folder, text)
    register, issues = with_model(folder, text, model.id)
    errors = [str(issue) for issue in issues if issue.severity is Severity.ERROR]
    if errors:
        raise RulesError(errors)
    return shadowed(register, model)


def finished_backtest(c: Connection, digest: str) -> StoredBacktest | None:
    """The newest back-test of exactly this draft that came to its end."""
    return next((b for b in backtests_of(c, digest) if b.ended_at is not None), None)


def release(store: Store, folder: Path, draft_id: int, *, reader: str, now: datetime, on: date) -> ModelVersion:
    """Put a draft in force: in the rules folder, the store and the audit, all or none.

    Raises PermissionDeniedError when the reader wrote it, ConflictError without a back-test of exactly this draft or
    when it is no draft any more, RulesError when it would not load or its examples do not come out as they should.
    """
    _require_name(reader)
    with store.read() as c:
        draft = load_model_version(c, draft_id)
    if reader.strip().casefold() == draft.author.strip().casefold():
        raise PermissionDeniedError(f"{draft.model_id}：起草人不能发布自己的草稿，须由另一人发布")
    _check_examples(folder, draft, on)
    with store.write() as c:
        draft = load_model_version(c, draft_id, lock=True)
        if draft.state is not VersionState.DRAFT:
            raise ConflictError(f"{draft.model_id}：这份草稿已经发布或者撤回")
        tested = finished_backtest(c, draft.digest)
        if tested is None:
            raise ConflictError(f"{draft.model_id}：发布前须先对这份草稿完成回测")
        version = _put_in_force(c, folder, draft, reader, now, on)
        made = load_model_version(c, draft_id)
        detail = {"version": version, "digest": draft.digest, "author": draft.author, "backtest": tested.id}
        append_audit(c, reader, "model.release", f"model:{draft.model_id}", detail, at=now)
        mark_released(
            c, draft_id, version=version, text=made.text, reader=reader, backtest_id=tested.id, now=now
        )
        text = released(draft.text, version=version, author=draft.author, reader=reader, on=on)
        change_rules(folder, {file_name(draft.model_id): text.encode()})
    with store.read() as c:
        return load_model_version(c, draft_id)
