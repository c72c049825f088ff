"""购样: goods bought as an ordinary customer buys them, and whose hands they went through since; each step is an entry of
the custody log too."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from gimonitor.configuration import Configuration
from gimonitor.errors import InputError
from gimonitor.evidence.pages import beijing
from gimonitor.papers.documents import DocumentStore
from gimonitor.papers.places import custody_log, document_store
from gimonitor.papers.words import yuan
from gimonitor.store import audit, purchases
from gimonitor.store.database import Store
from gimonitor.store.leads import load_lead_row
from gimonitor.store.purchases import Purchase, Step

SELLER = "卖家"
"""Who has the goods until they are received."""


class Act(StrEnum):
    """What was done with the goods."""

    ORDERED = "ordered"
    RECEIVED = "received"
    OPENED = "opened"
    SEALED = "sealed"
    HANDED = "handed"
    TESTED = "tested"
    RETURNED = "returned"
    DISPOSED = "disposed"
    VOIDED = "voided"


ACTS: dict[Act, str] = {
    Act.ORDERED: "下单付款",
    Act.RECEIVED: "收货",
    Act.OPENED: "开箱查看",
    Act.SEALED: "封存",
    Act.HANDED: "交接",
    Act.TESTED: "检验",
    Act.RETURNED: "退回",
    Act.DISPOSED: "处置",
    Act.VOIDED: "作废（登记有误）",
}
_MOVES = frozenset({Act.RECEIVED, Act.HANDED, Act.RETURNED, Act.DISPOSED})
"""Acts after which somebody else may have the goods."""


def record_purchase(
    store: Store,
    configuration: Configuration,
    lead_id: int,
    *,
    who: str,
    account: str,
    order_number: str,
    goods: str,
    paid_fen: int | None,
    at: datetime,
    now: datetime,
) -> Purchase:
    """Record that goods were ordered of a lead's offer; the order is the first step of their chain.

    Raises:
        NotFoundError: no such lead.
        InputError: a particular is missing, the price is below zero, the order lies in the future, or is on record.
    """
    blank = [
        name
        for name, text in (("人员", who), ("账号", account), ("订单号", order_number), ("商品", goods))
        if not text.strip()
    ]
    wrong = [f"{'、'.join(blank)}没有填写"] if blank else []
    wrong += ["金额不能为负"] if paid_fen is not None and paid_fen < 0 else []
    wrong += ["下单时间不能晚于现在"] if at > now else []
    if wrong:
        raise InputError(f"购样记录有误：{'；'.join(wrong)}")
    purchase = Purchase(
        lead_id=lead_id,
        who=who,
        account=account,
        order_number=order_number,
        goods=goods,
        created_at=now,
        paid_fen=paid_fen,
    )
    step = Step(
        number=1, at=at, act=Act.ORDERED.value, giver=SELLER, holder=SELLER, who=who, note=f"订单号 {order_number}"
    )
    with store.write() as c:
        load_lead_row(c, lead_id)
        _require_new(purchases.purchases_of(c, lead_id), account, order_number)
        purchase_id = purchases.save_purchase(c, purchase)
        purchases.append_step(c, purchase_id, step)
        audit.append_audit(c, who, "purchase.record", f"purchase:{purchase_id}", {"lead": lead_id}, at=now)
    return _logged(store, configuration, purchase_id, step)


def record_step(
    store: Store,
    configuration: Configuration,
    purchase_id: int,
    act: Act,
    *,
    who: str,
    at: datetime,
    now: datetime,
    holder: str = "",
    place: str = "",
    seal: str = "",
    note: str = "",
    sha256: str = "",
) -> Purchase:
    """Record the next step. Whoever had the goods gives them; `holder`, where they move, has them from then on.

    Raises:
        NotFoundError: no such purchase.
        InputError: the step lies before the last or in the future, moves goods to nobody, receives them twice, seals without a
            number, or voids without a reason.
        ConflictError: somebody else recorded a step at the same time.
    """
    with store.write() as c:
        known = purchases.load_purchase(c, purchase_id)
        last = known.steps[-1]
        _require_possible(known.steps, act, who, at, now, holder, seal, note, sha256, document_store(configuration))
        step = Step(
            number=last.number + 1,
            at=at,
            act=act.value,
            giver=last.holder,
            holder=holder.strip() if act in _MOVES else last.holder,
            who=who,
            place=place,
            seal=seal,
            note=note,
            sha256=sha256,
        )
        purchases.append_step(c, purchase_id, step)
        detail = {"step": step.number, "act": act.value, "holder": step.holder}
        audit.append_audit(c, who, "purchase.step", f"purchase:{purchase_id}", detail, at=now)
    return _logged(store, configuration, purchase_id, step)


def _require_new(known: tuple[Purchase, ...], account: str, order_number: str) -> None:
    """Raise InputError where the order is on record for the lead already; a record that was voided does not count."""
    for each in known:
        is_same = (each.order_number.strip(), each.account.strip()) == (order_number.strip(), account.strip())
        if is_same and each.steps[-1].act != Act.VOIDED:
            raise InputError(f"订单 {each.order_number} 已登记为购样 {each.id}；登记有误的，请先将其作废")


def _require_possible(
    steps: tuple[Step, ...],
    act: Act,
    who: str,
    at: datetime,
    now: datetime,
    holder: str,
    seal: str,
    note: str,
    sha256: str,
    documents: DocumentStore,
) -> None:
    if not who.strip():
        raise InputError("须写明登记人")
    last = steps[-1]
    if act is Act.ORDERED or last.act in (Act.DISPOSED, Act.VOIDED):
        raise InputError("下单只登记一次；处置或者作废之后不再登记")
    if not last.at <= at <= now:
        raise InputError(f"时间须在上一步（{beijing(last.at)}）之后、现在之前")
    if act is Act.VOIDED and not note.strip():
        raise InputError("作废须在说明中写明原因")
    moved = next((step.act for step in reversed(steps) if step.act in (Act.RECEIVED, Act.RETURNED)), "")
    if act is Act.RECEIVED and moved == Act.RECEIVED:
        raise InputError("已经收货，收货只登记一次；收货之后换人保管的请登记为“交接”")
    if last.holder == SELLER and act not in (Act.RECEIVED, Act.VOIDED):
        raise InputError("收货之后才能登记其他步骤")
    if act in _MOVES and not holder.strip():
        raise InputError(f"{ACTS[act]}须写明接收人")
    if act is Act.SEALED and not seal.strip():
        raise InputError("封存须写明封条编号")
    if sha256 and sha256 not in {document.sha256 for document in documents.documents()}:
        raise InputError("材料库中没有这份材料；请先登记材料")


def _logged(store: Store, configuration: Configuration, purchase_id: int, step: Step) -> Purchase:
    detail = f"{step.act}: {hands(step)} {step.seal} {step.note}".rstrip()
    custody_log(configuration).append(
        step.who, "purchase", f"purchase:{purchase_id}.{step.number}", sha256=step.sha256, detail=detail
    )
    with store.read() as c:
        return purchases.load_purchase(c, purchase_id)


def hands(step: Step, stays: str = "{holder}", moves: str = "{giver} -> {holder}") -> str:
    """Who has the goods after a step, and from whom where they moved."""
    return (stays if step.giver == step.holder else moves).format(giver=step.giver, holder=step.holder)


def purchase_values(bought: tuple[Purchase, ...]) -> list[dict[str, object]]:
    """Purchases as the paper prints them."""
    return [
        {
            "id": str(each.id),
            "who": each.who,
            "account": each.account,
            "order_number": each.order_number,
            "goods": each.goods,
            "paid": f"{yuan(each.paid_fen)}元" if each.paid_fen is not None else "（未填）",
            "steps": [
                {
                    "number": str(step.number),
                    "at": beijing(step.at),
                    "act": ACTS[Act(step.act)],
                    "giver": step.giver if step.giver != step.holder else "—",
                    "holder": step.holder,
                    "hands": hands(step, "由{holder}保管", "{giver}交给{holder}"),
                    "place": step.place or "—",
                    "seal": step.seal or "—",
                    "note": step.note + (f"（材料 SHA-256 {step.sha256}）" if step.sha256 else "") or "—",
                    "who": step.who,
                }
                for step in each.steps
            ],
        }
        for each in bought
    ]
