"""What a change of the register can touch: the GIs that changed, every listing that named something, or every listing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from gimonitor.model.register import GI, Article, AuthorisedUser, Model, Register, Sign

F = TypeVar("F", GI, AuthorisedUser, Article, Sign)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far a change reaches. `changes` names what changed, one short word each, for the record.

    `gis`: listings that name these GIs, or could have. `named`: listings in which screening came past the names, for
    models and articles are not asked before. `everything`: any listing, for words and signs are asked everywhere.
    `models`: ids of the models that changed.
    """

    gis: frozenset[str] = frozenset()
    named: bool = False
    everything: bool = False
    changes: tuple[str, ...] = ()
    models: frozenset[str] = frozenset()

    @property
    def is_empty(self) -> bool:
        """True where no listing can come out otherwise."""
        return not (self.gis or self.named or self.everything)


EVERYTHING = Reach(named=True, everything=True, changes=("unknown register",))
"""Where it is not known what a listing was screened by."""


def reach_of(old: Register, new: Register) -> Reach:
    """What may come out otherwise under `new`. A draft or retired model decides nothing, so its changes reach nothing."""
    gis = _changed_gis(old, new)
    models = dict(_changed_models(_active(old), _active(new)))
    articles = ["articles"] if _placeless(old.articles) != _placeless(new.articles) else []
    texts = ["words"] if old.words != new.words else []
    texts += ["signs"] if _placeless(old.signs) != _placeless(new.signs) else []
    return Reach(
        gis=gis,
        named=bool(models or articles or texts),
        everything=bool(texts),
        changes=(*(f"gi {gi_id}" for gi_id in sorted(gis)), *models.values(), *articles, *texts),
        models=frozenset(models),
    )


def _changed_gis(old: Register, new: Register) -> frozenset[str]:
    """GIs whose own facts or users changed. Where they stand in a file does not count."""
    before, after = ({gi.id: gi for gi in register.gis} for register in (old, new))
    apart = (gi_id for gi_id in before.keys() | after.keys() if before.get(gi_id) != after.get(gi_id))
    gis = {gi_id for gi_id in apart if _at_no_place(before.get(gi_id)) != _at_no_place(after.get(gi_id))}
    users = set() if old.users == new.users else set(_placeless(old.users)) ^ set(_placeless(new.users))
    return frozenset(gis | {user.gi_id for user in users})


def _at_no_place(gi: GI | None) -> GI | None:
    return replace(gi, path="") if gi else None


def _placeless(facts: Sequence[F]) -> tuple[F, ...]:
    return tuple(replace(fact, path="") for fact in facts)


def _active(register: Register) -> dict[str, Model]:
    return {m.id: acting_part(m) for m in register.models if m.status == "active"}


def acting_part(model: Model) -> Model:
    """A model without what does not decide anything: who wrote and released it, its examples."""
    return replace(model, path="", author="", reader="", released_on=None, must_flag=(), must_not_flag=())


def _changed_models(old: dict[str, Model], new: dict[str, Model]) -> Iterator[tuple[str, str]]:
    """Ids of models that decide otherwise, each with what changed."""
    for model_id in sorted(old.keys() | new.keys()):
        before, after = old.get(model_id), new.get(model_id)
        if before != after:
            unnumbered = " under the same number" if before and after and before.version == after.version else ""
            yield model_id, f"model {model_id} {_version(before)}->{_version(after)}{unnumbered}"


def _version(model: Model | None) -> str:
    return str(model.version) if model else "none"


def union(reaches: Iterable[Reach]) -> Reach:
    """All that any of them touches."""
    found = list(reaches)
    return Reach(
        gis=frozenset().union(*(r.gis for r in found)),
        named=any(r.named for r in found),
        everything=any(r.everything for r in found),
        changes=tuple(dict.fromkeys(change for r in found for change in r.changes)),
        models=frozenset().union(*(r.models for r in found)),
    )
