"""Names in titles that are written otherwise, told apart from words and places of their own."""

from __future__ import annotations

from collections.abc import Sequence

from gimonitor.model.register import Register
from gimonitor.screening.dictionary import is_word
from gimonitor.screening.mentions import How, Mention
from gimonitor.screening.names import Profile
from gimonitor.screening.origin import regions_in
from gimonitor.screening.sheet import Sheet
from gimonitor.screening.variants import Row, ShapeView, SoundView, Variant
from gimonitor.screening.vocabulary import Vocabulary


class Alterations:
    """The views of titles by sound and by shape, and what of their variants counts as a mention."""

    def __init__(self, profiles: tuple[Profile, ...], register: Register, words: Vocabulary, engine: str = "") -> None:
        self._profiles = profiles
        self._words = words
        self._sounds = SoundView(profiles, engine)
        self._shapes = ShapeView(
            profiles,
            (w.text for w in register.words if w.group == "look-alikes"),
            (w.text for w in register.words if w.group == "split-characters"),
            engine,
        )

    def look_through(self, titles: Sequence[str]) -> dict[int, list[Variant]]:
        """Variants in folded titles, by the number of the title; titles without variants are left out."""
        row = Row(titles)
        found = self._sounds.look_through(row)
        for number, variants in self._shapes.look_through(row).items():
            found[number] = [*found.get(number, ()), *variants]
        return found

    def mentions_of(self, sheet: Sheet, variants: Sequence[Variant], mentions: Sequence[Mention]) -> list[Mention]:
        """Mentions in the title that are written otherwise, of GIs the title does not name plainly."""
        title, text = sheet.title, sheet.title_text
        if title is None:
            return []
        plain = [(m.start, m.end) for m in mentions if m.segment is title and m.how is not How.PLACE]
        named = {m.owner: m for m in mentions if m.segment is title and m.how is not How.PLACE}
        best: dict[int, Variant] = {}
        for variant in variants:
            start, end = title.start + variant.start, title.start + variant.end
            hidden = any(
                a < end and start < b and not (start <= a and b <= end and b - a < end - start) for a, b in plain
            )
            shown = named.get(variant.owner)
            elsewhere = shown is not None and (shown.how is How.NAME or not (start <= shown.start and shown.end <= end))
            if hidden or elsewhere or self._is_ordinary(text, variant):
                continue
            known = best.get(variant.owner)
            if known is None or variant.end - variant.start > known.end - known.start:
                best[variant.owner] = variant
        return [
            Mention(v.owner, v.how, title.start + v.start, title.start + v.end, title, detail=v.name)
            for v in best.values()
        ]

    def _is_ordinary(self, title: str, variant: Variant) -> bool:
        """True where the altered part is a word or a place of its own: 武昌大米 is no 五常大米."""
        if variant.how not in (How.SOUND, How.SHAPE):
            return False
        shown = title[variant.start : variant.end]
        if self._words.pattern("false-twins").search(title[max(0, variant.start - 2) : variant.end + 2]):
            return True
        profile = self._profiles[variant.owner]
        if any(twin in shown for twin in profile.twins):
            return True
        core = len(profile.core) if variant.name.startswith(profile.core) else 0
        parts = ((shown[:core], variant.name[:core]), (shown[core:], variant.name[core:]))
        for part, meant in parts:
            if part != meant and (is_word(part) or (len(part) >= 2 and bool(regions_in(part)))):
                return True
        return False
