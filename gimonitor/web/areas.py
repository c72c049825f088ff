"""辖区 at the door: what an address names must be over a GI of the person's area, whichever route it goes to."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection

from gimonitor.errors import NotFoundError, PermissionDeniedError
from gimonitor.store import audit, captures, complaints, ignores, leads, samples
from gimonitor.store.database import Store
from gimonitor.workflow.areas import Within

LARGEST = 1 << 62
WHOLE = frozenset({"backtest_id", "dropped_id"})
"""Parameters of objects that reach over all GIs: nobody with an area opens them."""


def require_area(store: Store, within: Within, named: Mapping[str, object]) -> None:
    """Raise PermissionDeniedError where something that an address names is over a GI outside `within`.

    What does not exist is left to the route. `named` are the address's parameters; each kind of object has its row in
    the table below, and a test walks every route to see that none is forgotten.
    """
    if within is None:
        return
    if WHOLE & set(named):
        require_whole(within)
    with store.read() as c:
        for name, gis_of in OBJECTS.items():
            number = _number(named.get(name))
            if number is None:
                continue
            try:
                gis = gis_of(c, number)
            except NotFoundError:
                continue
            if not gis <= within:
                raise PermissionDeniedError("不在您的辖区内")


def require_whole(within: Within) -> None:
    """Raise PermissionDeniedError for a person with an area, where something reaches over all GIs."""
    if within is not None:
        raise PermissionDeniedError("跨辖区的回测与抽样只对不限辖区的人员开放")


def _number(text: object) -> int | None:
    said = str(text)
    return int(said) if said.isascii() and said.isdigit() and len(said) < 19 and int(said) < LARGEST else None


def _of_leads(c: Connection, lead_ids: tuple[int, ...]) -> frozenset[str]:
    return frozenset(leads.load_lead_row(c, lead_id).gi_id for lead_id in lead_ids)


def _of_batch(c: Connection, batch_id: int) -> frozenset[str]:
    found = audit.latest_audit(c, 1, before=batch_id + 1)
    items = found[0].detail.get("items", []) if found and found[0].id == batch_id else []
    return _of_leads(c, tuple(int(item[0]) for item in items))


OBJECTS: dict[str, Callable[[Connection, int], frozenset[str]]] = {
    "lead_id": lambda c, number: _of_leads(c, (number,)),
    "pack_id": lambda c, number: _of_leads(c, captures.load_pack(c, number).lead_ids),
    "batch_id": _of_batch,
    "ignore_id": lambda c, number: frozenset({ignores.load_ignore(c, number).gi_id}),
    "complaint_id": lambda c, number: frozenset({complaints.load_complaint(c, number).gi_id}),
    "sample_id": lambda c, number: frozenset({samples.load_sample(c, number).gi_id}),
}
