"""规则台: the models, a place to try them on an offer without storing anything, and their way into force by two people."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response
from starlette.responses import RedirectResponse

from gimonitor.errors import InputError, NotFoundError, PermissionDeniedError, RulesError
from gimonitor.model.finding import Finding, Screening
from gimonitor.model.listing import Listing, Shop
from gimonitor.model.register import Model
from gimonitor.model.zone import BEIJING
from gimonitor.register.modelfile import line_of, read_model
from gimonitor.screening.lab import Judged
from gimonitor.store import models as store
from gimonitor.store.models import VersionState
from gimonitor.web import lab
from gimonitor.web.access import Page, ReaderPage, allow
from gimonitor.web.leadview import texts
from gimonitor.web.modelform import Parameter, filled_in, parameters_of
from gimonitor.web.names import names_of
from gimonitor.web.views import Flash
from gimonitor.workflow import releasing
from gimonitor.workflow.backtesting import report_of
from gimonitor.workflow.releasers import DRAFTERS, RELEASERS
from gimonitor.workflow.roles import Role

router = APIRouter()
Line = Annotated[str, Form(max_length=500)]
Long = Annotated[str, Form(max_length=20_000)]
Draft = Annotated[int, Form(ge=1, lt=1 << 62)]
AuthorPage = Annotated[Page, Depends(allow(DRAFTERS))]
TestPage = Annotated[Page, Depends(allow(DRAFTERS | {Role.APPROVER}))]
ReleasePage = Annotated[Page, Depends(allow(RELEASERS))]

DONE = {
    "draft": "草稿已保存，尚未启用；下一步：回测",
    "new": "已存为新模型的草稿，尚未启用；下一步：回测",
    "backtest": "回测已开始，在后台进行；刷新本页查看进度",
    "release": "已发布，按规则文件启用或者停用；请运维员重新筛查已存商品，使其按新版本提示",
    "withdraw": "草稿已撤回",
    "rollback": "已退回上一版本；请运维员重新筛查已存商品",
}


@router.get("/models")
def overview(page: ReaderPage) -> Response:
    """The models with their versions, and an empty form."""
    return _page(page, None, None)


@router.post("/models/try")
def try_out(
    page: ReaderPage,
    title: Line = "",
    origin: Line = "",
    shop: Line = "",
    standard: Line = "",
    description: Long = "",
    draft: Annotated[int, Form(ge=0, lt=1 << 62)] = 0,
) -> Response:
    """What fires on an offer and why, and what was cleared; with a draft in force where one is chosen."""
    listing = offer_of(title=title, origin=origin, shop=shop, standard=standard, description=description)
    return _page(page, listing, tried(page, listing, draft), draft)


def offer_of(*, title: str, origin: str, shop: str, standard: str, description: str) -> Listing:
    """An offer to try the models on, which is stored nowhere."""
    return Listing(
        platform="lab",
        item_id="lab",
        title=title.strip(),
        origin=origin.strip(),
        shop=Shop(name=shop.strip()) if shop.strip() else None,
        attributes=(("产品标准号", standard.strip()),) if standard.strip() else (),
        description=description.strip(),
    )


def tried(page: Page, listing: Listing, draft: int = 0) -> Screening:
    """What the models say of an offer; with a draft in force where one is named. Raises InputError, NotFoundError."""
    on = page.now.astimezone(BEIJING).date()
    if not draft:
        return page.services.lab.screen(listing, on)
    with page.services.store.read() as c:
        text = store.load_model_version(c, draft).text
    try:
        candidate = releasing.candidate_of(page.services.rules_folder, text)
    except RulesError as error:
        raise InputError(f"草稿 {draft} 有错误：{error.issues[0]}") from error
    return page.services.lab.screen_with(candidate, listing, on)


def _page(page: Page, listing: Listing | None, screening: Screening | None, draft: int = 0) -> Response:
    findings: tuple[Finding, ...] = ()
    if screening:
        findings = tuple(f for suspicion in screening.suspicions for f in suspicion.findings) + screening.reminders
    with page.services.store.read() as c:
        drafts = store.model_versions_of(c, state=VersionState.DRAFT)
        names = names_of(c)
    return page.render(
        "models.html",
        "/models",
        models=page.services.lab.models,
        drafts=drafts,
        names=names,
        draft=draft,
        given=listing or Listing(platform="lab", item_id="lab", title=""),
        standard=dict(listing.attributes).get("产品标准号", "") if listing else "",
        screening=screening,
        findings=findings,
        texts=texts(listing, findings) if listing else None,
    )


@router.get("/models/{model_id}")
def model(page: ReaderPage, model_id: str, did: str = "") -> Response:
    """One model: its rule file, its versions and drafts, and what may be done with them."""
    flash = Flash(text=DONE[did]) if did in DONE else None
    return _model(page, model_id, flash=flash)


def _model(
    page: Page,
    model_id: str,
    *,
    text: str | None = None,
    problems: tuple[str, ...] = (),
    flash: Flash | None = None,
    judged: Judged | None = None,
) -> Response:
    kept = releasing.versions_of(page.services.store, page.services.rules_folder, model_id)
    with page.services.store.read() as c:
        names = names_of(c)
    drafts = [v for v in kept.versions if v.state is VersionState.DRAFT]
    shown = text if text is not None else drafts[0].text if drafts else kept.in_force
    answer = page.render(
        "model.html",
        "/models",
        flash=flash,
        model_id=model_id,
        model=next((m for m in page.services.lab.models if m.id == model_id), None),
        in_force=kept.in_force,
        text=shown,
        form=_form_of(shown),
        problems=problems,
        examples=_examples(page, judged, text or kept.in_force) if judged else None,
        drafts=drafts,
        versions=[v for v in kept.versions if v.state is not VersionState.DRAFT],
        tests=kept.backtests,
        names=names,
    )
    answer.status_code = 422 if problems else 200
    return answer


def _examples(page: Page, judged: Judged, text: str) -> tuple[list[str], list[str], list[str]]:
    """Examples that do not come out, in lines: of the model in `text` by its fault, before already, and of other models."""
    folder = page.services.rules_folder
    own, before = ([releasing.said_of(b, text) for b in kept] for kept in (judged.own, judged.before))
    return own, before, [releasing.said_of(b, releasing.text_in_force(folder, b.model_id)) for b in judged.elsewhere]


def _form_of(text: str) -> tuple[Model, list[Parameter]] | None:
    """The model with its parameters as fields; None where the text is none."""
    try:
        model = read_model(text)
    except RulesError:
        return None
    return model, parameters_of(model)


@router.post("/models/{model_id}/form")
def fill_in(
    page: AuthorPage,
    model_id: str,
    text: Annotated[str, Form(max_length=200_000)],
    title: Line,
    severity: Annotated[float, Form(gt=0, le=1)],
    clears: Long,
    parameter: Annotated[tuple[str, ...], Form()] = (),
    value: Annotated[tuple[str, ...], Form()] = (),
    must_flag: Long = "",
    must_not_flag: Long = "",
) -> Response:
    """Keep as a draft what was filled in over the rule file that the form was made of."""
    if len(parameter) != len(value):
        raise InputError("参数与其数值不成对，请刷新页面")
    changed = filled_in(
        text.replace("\r\n", "\n"),
        title=title,
        severity=severity,
        clears=clears,
        parameters=dict(zip(parameter, value, strict=True)),
        must_flag=must_flag.splitlines(),
        must_not_flag=must_not_flag.splitlines(),
    )
    return draft(page, model_id, changed)


@router.post("/models/{model_id}/draft")
def draft(page: AuthorPage, model_id: str, text: Annotated[str, Form(max_length=200_000)]) -> Response:
    """Keep a draft and say which examples do not come out, or show what is wrong with it and at which line."""
    text = text.replace("\r\n", "\n")
    try:
        _refuse_another(page, model_id, text)
        draft_id = releasing.save_draft(
            page.services.store, page.services.rules_folder, text, author=page.person.login, now=page.now
        )
    except RulesError as error:
        return _model(page, model_id, text=text, problems=tuple(error.issues))
    with page.services.store.read() as c:
        saved = store.load_model_version(c, draft_id)
    did = "draft" if saved.model_id == model_id else "new"
    judged = _judged(page, text)
    if judged and (judged.own or judged.before or judged.elsewhere):
        return _model(page, saved.model_id, text=text, flash=Flash(text=DONE[did]), judged=judged)
    return RedirectResponse(f"/models/{saved.model_id}?did={did}", 303)


def _judged(page: Page, text: str) -> Judged | None:
    """What a draft makes of examples; None where other rule files are broken, which the back-test says."""
    try:
        return releasing.judge_draft(page.services.rules_folder, text, page.now.astimezone(BEIJING).date())
    except RulesError:
        return None


def _refuse_another(page: Page, model_id: str, text: str) -> None:
    """Raise RulesError for the file of another model that there is: it has a page of its own."""
    given = read_model(text).id
    if given != model_id and any(m.id == given for m in page.services.lab.models):
        line = line_of(text, "id")
        raise RulesError(
            [f"model.yml:{line}: 这里的 id 是“{given}”，本页是“{model_id}”；要改“{given}”，请打开它的页面起草"]
        )


@router.post("/models/{model_id}/backtest")
def backtest(page: TestPage, model_id: str, draft: Draft) -> Response:
    """Begin a back-test of a draft."""
    require_own(page, model_id, draft)
    lab.start_backtest(page.services.configuration, page.services.rules_folder, draft, page.person.login)
    return RedirectResponse(f"/models/{model_id}?did=backtest", 303)


@router.post("/models/{model_id}/release")
def release(page: ReleasePage, model_id: str, draft: Draft) -> Response:
    """Put a draft in force; not one's own."""
    require_own(page, model_id, draft)
    try:
        judged = put_in_force(page, draft)
    except RulesError as error:
        return _model(page, model_id, problems=tuple(error.issues))
    if judged.before or judged.elsewhere:
        return _model(page, model_id, flash=Flash(text=DONE["release"]), judged=judged)
    return RedirectResponse(f"/models/{model_id}?did=release", 303)


def put_in_force(page: Page, draft: int) -> Judged:
    """Release a draft and take the rules as they are then. Returns what it made of examples; raises as `releasing.release`."""
    on = page.now.astimezone(BEIJING).date()
    judged: list[Judged] = []
    releasing.release(
        page.services.store, page.services.rules_folder, draft, reader=page.person.login, now=page.now, on=on,
        tell=judged.append,
    )  # fmt: skip
    page.services.lab.reload(page.services.rules_folder)
    return judged[0]


def put_back(page: Page, model_id: str, why: str) -> None:
    """Put the version before back, and take the rules as they are then. Raises as `releasing.roll_back` does."""
    releasing.roll_back(
        page.services.store, page.services.rules_folder, model_id, who=page.person.login, why=why, now=page.now
    )
    page.services.lab.reload(page.services.rules_folder)


@router.post("/models/{model_id}/withdraw")
def withdraw(page: AuthorPage, model_id: str, draft: Draft) -> Response:
    """Give a draft up; officers their own."""
    require_own(page, model_id, draft)
    require_writer(page, draft)
    releasing.withdraw(page.services.store, draft, who=page.person.login, now=page.now)
    return RedirectResponse(f"/models/{model_id}?did=withdraw", 303)


@router.post("/models/{model_id}/rollback")
def rollback(page: ReleasePage, model_id: str, why: Annotated[str, Form(max_length=2000)]) -> Response:
    """Put the released version before back."""
    put_back(page, model_id, why)
    return RedirectResponse(f"/models/{model_id}?did=rollback", 303)


def require_writer(page: Page, draft_id: int) -> None:
    """Raise PermissionDeniedError for somebody else's draft, unless the person is an author of models."""
    with page.services.store.read() as c:
        author = store.load_model_version(c, draft_id).author
    if Role.MODEL_AUTHOR not in page.person.roles and author != page.person.login:
        raise PermissionDeniedError("只能撤回本人的草稿")


def require_own(page: Page, model_id: str, draft_id: int) -> None:
    """Raise NotFoundError unless the draft is one of this model."""
    with page.services.store.read() as c:
        if store.load_model_version(c, draft_id).model_id != model_id:
            raise NotFoundError(f"{model_id} 没有草稿 {draft_id}")


@router.get("/backtests/{backtest_id}")
def outcome(page: ReaderPage, backtest_id: int) -> Response:
    """What a back-test found, or how far it came."""
    with page.services.store.read() as c:
        found = store.load_backtest(c, backtest_id)
        names = names_of(c)
    return page.render("backtest.html", "/models", test=found, report=report_of(found), names=names)
