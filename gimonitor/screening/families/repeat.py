"""What the store knows: the same goods listed again after a removal, the same subject confirmed before. P20, R1 of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator

from gimonitor.model.finding import Finding
from gimonitor.screening.case import Case
from gimonitor.screening.explain import Law, Rule, finding
from gimonitor.screening.mentions import How


def repeated(case: Case, rule: Rule, law: Law) -> Iterator[Finding]:
    """A priority, not a proof: it speaks only where something else was found in the listing."""
    history = case.history
    said = []
    if history.removals:
        said.append(f"同组链接曾有{history.removals}条下架后重新上架")
    if history.confirmed:
        said.append(f"同一主体此前有{history.confirmed}条线索经人工确认")
    if history.penalties:
        said.append(f"同一主体此前有{history.penalties}次处罚记录")
    mention = case.best(frozenset(How)) or next(iter(case.all_mentions), None)
    if said and mention is not None:
        place = case.sheet.place(mention.start, mention.end)
        yield finding(rule, case, law, place, "；".join(said) + "。", rule.number("confidence", 0.4))
