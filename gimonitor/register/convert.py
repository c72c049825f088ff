"""From the forms of rule files to the values of `gimonitor.model.register`. Pure, nothing is looked up."""

from __future__ import annotations

from typing import TypeVar

from gimonitor.model.register import (
    GI,
    Area,
    Article,
    AuthorisedUser,
    Certainty,
    Fact,
    Model,
    Protection,
    Season,
    Sign,
    Standard,
    Word,
)
from gimonitor.register.schema import (
    FactForm,
    GIFile,
    LawFile,
    ModelFile,
    ProtectionForm,
    SeasonForm,
    SignFile,
    StandardForm,
    UserRow,
    WordsFile,
)

T = TypeVar("T")


def fact(form: FactForm[T], source: str | None) -> Fact[T]:
    """A fact with its certainty settled: a found one without its own source takes the file's."""
    certainty = form.certainty
    if certainty is None:
        certainty = Certainty.FOUND if form.source or form.checked_by else Certainty.UNVERIFIED
    own = form.source or ("" if certainty is Certainty.UNVERIFIED else source or "")
    return Fact(
        value=form.value,
        certainty=certainty,
        source=own,
        checked_by=form.checked_by or "",
        checked_on=form.checked_on,
    )


def _maybe(form: FactForm[T] | None, source: str | None) -> Fact[T] | None:
    return None if form is None else fact(form, source)


def _facts(forms: tuple[FactForm[T], ...], source: str | None) -> tuple[Fact[T], ...]:
    return tuple(fact(form, source) for form in forms)


def to_gi(form: GIFile, path: str) -> GI:
    """A GI from its file. `path` is file:line."""
    source = form.source
    area = None
    if form.area:
        area = Area(adcodes=fact(form.area.adcodes, source), townships=_maybe(form.area.townships, source))
    protections = tuple(_protection(p, source) for p in form.protections)
    eu_list = _maybe(form.eu_list, source)
    return GI(
        id=form.id,
        name=form.name,
        certainty=form.certainty or _certainty(protections, eu_list),
        source=source or "",
        province=form.province or "",
        city=form.city or "",
        protections=protections,
        aliases=_facts(form.aliases, source),
        translations=_facts(form.translations, source),
        near=_facts(form.near, source),
        core=form.core or "",
        product_words=form.product_words,
        like_words=form.like_words,
        not_goods=form.not_goods,
        generic_words=form.generic_words,
        needs_near=form.needs_near,
        twins=_facts(form.twins, source),
        company_words=_facts(form.company_words, source),
        brands=_facts(form.brands, source),
        category=_maybe(form.category, source),
        product_group=_maybe(form.product_group, source),
        goods=_maybe(form.goods, source),
        nice_classes=form.nice_classes,
        sc_categories=form.sc_categories,
        area=area,
        standards=tuple(_standard(s, source) for s in form.standards),
        conflicting_standards=_facts(form.conflicting_standards, source),
        season=_season(form.season, source) if form.season else None,
        price_floors_fen=tuple((p.year, fact(p.fen_per_500g, source)) for p in form.price_floors),
        output_tonnes=tuple((o.year, fact(o.tonnes, source)) for o in form.outputs),
        eu_list=eu_list,
        eu_name=_maybe(form.eu_name, source),
        tier=_maybe(form.tier, source),
        notes=form.notes or "",
        origin=form.origin or "",
        path=path,
    )


def _certainty(protections: tuple[Protection, ...], eu_list: Fact[str] | None) -> Certainty:
    """A name is found when one of its protections is; a protection by agreement counts."""
    kinds = [p.kind.certainty for p in protections] + ([eu_list.certainty] if eu_list else [])
    for certainty in (Certainty.FOUND, Certainty.PRACTICE):
        if certainty in kinds:
            return certainty
    return Certainty.UNVERIFIED


def _protection(form: ProtectionForm, source: str | None) -> Protection:
    return Protection(
        kind=fact(form.kind, source),
        numbers=_facts(form.numbers, source),
        starts=_maybe(form.starts, source),
        ends=_maybe(form.ends, source),
        converted_from=_maybe(form.converted_from, source),
        holder=_maybe(form.holder, source),
        note=form.note or "",
    )


def _standard(form: StandardForm, source: str | None) -> Standard:
    return Standard(code=fact(form.code, source), starts=_maybe(form.starts, source), ends=_maybe(form.ends, source))


def _season(form: SeasonForm, source: str | None) -> Season:
    return Season(
        opens=_maybe(form.opens, source),
        closes=_maybe(form.closes, source),
        harvest=_maybe(form.harvest, source),
        opening_dates=tuple((o.year, fact(o.date, source)) for o in form.opening_dates),
    )


def to_sign(form: SignFile, path: str) -> Sign:
    """A sign from its file."""
    return Sign(
        id=form.id,
        name=form.name,
        kind=form.kind,
        certainty=form.certainty,
        source=form.source or "",
        claims=form.claims,
        numbers=_facts(form.numbers, form.source),
        duties=_facts(form.duties, form.source),
        starts=_maybe(form.starts, form.source),
        ends=_maybe(form.ends, form.source),
        holders=_facts(form.holders, form.source),
        looks=_maybe(form.looks, form.source),
        look_alikes=_facts(form.look_alikes, form.source),
        not_this=form.not_this,
        checked_by=form.checked_by or "",
        checked_on=form.checked_on,
        path=path,
    )


def to_articles(form: LawFile, lines: dict[tuple[int, int], str]) -> tuple[Article, ...]:
    """The articles of all versions of an instrument. `lines` gives file:line by (version, article) index."""
    return tuple(
        Article(
            key=f"{form.id}:{a.key}",
            instrument=form.name,
            article=a.article,
            text=a.text,
            url=version.url,
            starts=version.starts,
            ends=version.ends,
            certainty=a.certainty or version.certainty,
            version=version.version,
            source=a.source or version.source or "",
            new=a.new,
            dropped=a.dropped,
            goods_from=a.goods_from or "",
            kinds=a.kinds,
            checked_by=a.checked_by or "",
            checked_on=a.checked_on,
            path=lines[v, i],
        )
        for v, version in enumerate(form.versions)
        for i, a in enumerate(version.articles)
    )


def to_words(form: WordsFile) -> tuple[Word, ...]:
    """The words of a group, in the order of the file."""
    return tuple(
        Word(text=w.text, group=form.group, reason=w.reason or "", certainty=w.certainty, source=w.source or "")
        for w in form.words
    )


def to_model(form: ModelFile, path: str) -> Model:
    """A detection model from its file."""
    return Model(
        id=form.id,
        version=form.version,
        family=form.family,
        title=form.title,
        severity=form.severity,
        status=form.status,
        law=form.law,
        clears=form.clears,
        parameters=tuple(form.parameters.items()),
        must_flag=form.must_flag,
        must_not_flag=form.must_not_flag,
        author=form.author,
        reader=form.reader or "",
        released_on=form.released_on,
        path=path,
    )


def to_user(row: UserRow, path: str) -> AuthorisedUser:
    """An authorised user from a row. Shops are written `platform:name`, lists separated by `;`."""
    pairs = (shop.partition(":") for shop in split_list(row.shops))
    return AuthorisedUser(
        gi_id=row.gi_id,
        name=row.name,
        uscc=row.uscc,
        basis=row.basis,
        certainty=row.certainty,
        source=row.source,
        number=row.number,
        starts=row.starts,
        ends=row.ends,
        scope=row.scope,
        brands=split_list(row.brands),
        shops=tuple((platform.strip(), name.strip()) for platform, _, name in pairs),
        origin=row.origin,
        checked_by=row.checked_by,
        checked_on=row.checked_on,
        path=path,
    )


def split_list(text: str) -> tuple[str, ...]:
    """The parts of a cell that holds several values, separated by ; or ；."""
    return tuple(part.strip() for part in text.replace("；", ";").split(";") if part.strip())
