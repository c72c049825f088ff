"""平台页面: how a capture goes about a platform's pages: where its search stands, and which parts buyers wrote. Data of
rules/platforms/captures; `any.yml` holds for every platform."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from gimonitor.model.listing import Listing
from gimonitor.papers.platforms import Count
from gimonitor.register.platforms import NamedForm, load_forms, platform_rules
from gimonitor.register.schema import Text

ANY = "any"


class SiteForm(NamedForm):
    """rules/platforms/captures/<code>.yml. `search` is an address with {origin}, {query} and {page} in it, `emptied` CSS
    selectors of parts that buyers wrote."""

    source: Text
    search: Text | None = None
    page_size: Count | None = None
    emptied: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What is known of one platform's pages, with what holds for all."""

    search: str = ""
    page_size: int = 0
    emptied: tuple[str, ...] = ()

    def search_url(self, listing: Listing) -> str:
        """The page of results on which the offer was found; "" where the platform's search or the query is not known."""
        parts = urlsplit(listing.url)
        if not self.search or not listing.query or "://" in listing.query or not parts.netloc:
            return ""
        page = ((listing.rank or 1) - 1) // self.page_size + 1 if self.page_size else 1
        origin = f"{parts.scheme}://{parts.netloc}"
        return self.search.format(origin=origin, query=quote(listing.query), page=page)


def load_site(platform: str, folder: Path | None = None) -> Site:
    """What is known of a platform's pages. Raises RulesError with every issue of the files."""
    known = load_forms(folder or platform_rules("captures"), SiteForm)
    common, own = known.get(ANY), known.get(platform)
    found = [form for form in (common, own) if form is not None]
    return Site(
        search=(own.search if own else None) or "",
        page_size=(own.page_size if own else None) or 0,
        emptied=tuple(dict.fromkeys(each for form in found for each in form.emptied)),
    )
