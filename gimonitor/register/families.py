"""What each family of models asks for: the parameters that a model of it may give, and what each may be.

The one place where parameters are declared; the families themselves stand in `gimonitor.screening.families`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from gimonitor.model.register import Model
from gimonitor.register.schema import decimal_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A number from 0 to `highest`: a confidence, or a share of something known."""

    highest: float = 1.0

    def fault(self, text: str) -> str:
        """What is wrong with a value, empty where nothing is."""
        number = decimal_of(text)
        if number is None:
            return f"{text!r} is no decimal number such as 0.65"
        lies = 0 <= number <= self.highest and not text.startswith("-")  # -0 is none that anybody means
        return "" if lies else f"{text} does not lie between 0 and {self.highest:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Words separated by blanks; only those of `choices` where there are any."""

    choices: tuple[str, ...] = ()

    def fault(self, text: str) -> str:
        """What is wrong with a value, empty where nothing is."""
        if not text.split():
            return "no word is given"
        if _reads_as_number(text):
            return f"words are wanted, and {text!r} is a number"
        odd = [word for word in text.split() if self.choices and word not in self.choices]
        return f"unknown: {' '.join(odd)}; known: {' '.join(self.choices)}" if odd else ""


def _reads_as_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Family:
    """Parameters by name; a model must give those in `needed`, for without them it would never speak."""

    parameters: Mapping[str, Share | Words]
    needed: tuple[str, ...] = ()


def _shares(*names: str) -> _Family:
    return _Family({name: Share() for name in names})


_FORMS = (
    "near", "tag", "short", "split", "sound", "shape", "pinyin", "mixed", "initials", "inserted", "suffixed", "pictured",
    "inverted", "apart",
)  # fmt: skip
_SURE = _shares("confidence")
_FAMILIES: Mapping[str, _Family] = MappingProxyType(
    {
        "name-outside": _SURE,
        "name-unknown": _shares("confidence", "sent_from_elsewhere"),
        "near-name": _Family(
            {
                "kinds": Words(choices=_FORMS),
                "brand_goods": Words(),
                "beside": Words(),
                "outside": Share(),
                "unknown": Share(),
            },
            needed=("kinds",),
        ),
        "style": _SURE,
        "translation": _shares("outside", "unknown"),
        "mark-claim": _Family(
            {
                **dict.fromkeys(("confidence", "outside", "inside", "no_record", "unchecked"), Share()),
                "of": Words(choices=("mark", "words")),
            }
        ),
        "abolished-claim": _shares("confidence", "late"),
        "agi-claim": _shares("confidence", "outside"),
        "mark-duty": _SURE,
        "uscc": _shares("invalid", "unknown", "no_list", "other", "expired", "other_maker"),
        "sc-region": _shares("outside", "invalid"),
        "standard": _shares("confidence", "other_kind"),
        "packaging": _Family({"confidence": Share(), "trade": Share(), "of": Words(choices=("name", "mark", "words"))}),
        "shop-name": _shares("confidence", "outside"),
        "keywords": _shares("confidence", "outside", "other_goods"),
        "season": _Family(
            {
                **dict.fromkeys(("fresh", "silent", "told"), Share()),
                **dict.fromkeys(("fished", "fished_goods", "live", "made_goods"), Words()),
            }
        ),
        "price": _shares("share", "confidence"),
        "volume": _Family({"share": Share(highest=10), "confidence": Share()}),  # shown sales may be those of years
        "contradiction": _shares("confidence", "seat"),
        "supply": _SURE,
        "repeat": _SURE,
    }
)

KNOWN = frozenset(_FAMILIES)
"""Names of all families."""


def parameters_of(family: str) -> Mapping[str, Share | Words]:
    """The parameters of a known family by their names."""
    return _FAMILIES[family].parameters


def faults_of(family: str, parameters: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """What a model asks of its family that is not there: the dotted place in its file, and a sentence."""
    if family not in KNOWN:
        yield "family", f"unknown family {family}; known: {', '.join(sorted(KNOWN))}"
        return
    known = parameters_of(family)
    for name, text in parameters:
        place = f"parameters.{name}"
        if name not in known:
            yield place, f"unknown parameter {name} of family {family}; known: {', '.join(known)}"
        elif fault := known[name].fault(text):
            yield place, f"parameter {name}: {fault}"
    given = {name for name, _ in parameters}
    for name in _FAMILIES[family].needed:
        if name not in given:
            yield "parameters", f"parameter {name} is missing, without which a model of family {family} never speaks"


def faults_in(models: Iterable[Model]) -> list[str]:
    """The same of several models, each with its file."""
    return [f"{m.path or m.id}: {fault}" for m in models for _, fault in faults_of(m.family, m.parameters)]
