"""Bytes of the practice marketplace's pages: values in, HTML out; knows nothing of HTTP."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup

from gimonitor.practice.catalogue import Catalogue, Good, attributes_of

PAGE_SIZE = 8
PAGE_CAP = 3


@cache
def _environment() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    return jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True)


def _render(name: str, **values: object) -> str:
    return _environment().get_template(name).render(**values)


def search_page(catalogue: Catalogue, query: str, page: int, day: int) -> str:
    """A page of results; the last page served is PAGE_CAP, however many goods there are; fuzzy goods when none match."""
    found = catalogue.search(query, day)
    page = max(1, min(page, PAGE_CAP))
    goods = found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    more = len(found) > page * PAGE_SIZE and page < PAGE_CAP
    return _render(
        "search.html",
        query=query,
        page=page,
        day=day,
        total=len(found),
        fuzzy=not found,
        goods=goods if found else catalogue.fuzzy(query, day),
        shops=catalogue.shops,
        next=page + 1 if more else None,
    )


def item_page(catalogue: Catalogue, good: Good, base: str, day: int, charset: str = "utf-8") -> str:
    """The page of a good as plain HTML with JSON-LD."""
    values = _item_values(catalogue, good, day)
    return _render("item.html", base=base, charset=charset, product=_product(catalogue, good, base, day), **values)


def item_fragment(catalogue: Catalogue, good: Good, day: int) -> str:
    """What the script of a shell page fills in."""
    return _render("item_body.html", **_item_values(catalogue, good, day))


def shell_page(good: Good) -> str:
    """A page that is empty until its script has run."""
    return _render("shell.html", good=good)


def shop_page(catalogue: Catalogue, shop_id: str, day: int) -> str:
    """A shop with its licence and its goods."""
    return _render("shop.html", shop=catalogue.shops[shop_id], goods=catalogue.of_shop(shop_id, day))


def notice_page(title: str, text: str, extra: str = "") -> str:
    """A page that is no answer: login, challenge, gone, busy. `extra` is trusted mark-up."""
    return _render("notice.html", title=title, text=text, extra=extra)


def login_page() -> str:
    """The page to which a login wall redirects."""
    form = (
        '<form class="login"><input name="username"><input type="password" name="password"><button>登录</button></form>'
    )
    return notice_page("账号登录 - 演练市场", "请登录后继续访问。", form)


def challenge_page() -> str:
    """A verification page, sent with status 200."""
    return notice_page(
        "安全验证 - 演练市场", "系统检测到异常访问，请拖动滑块完成验证。", '<div id="slider-captcha"></div>'
    )


def home_page(catalogue: Catalogue, day: int) -> str:
    """Links to every subject."""
    subjects = sorted({s for g in catalogue.goods.values() if g.is_offered(day) for s in g.about.split(";")})
    links = Markup("").join(Markup('<li><a href="/search?q={0}">{0}</a></li>').format(s) for s in subjects)
    return notice_page("演练市场", f"第 {day} 天", f"<ul>{links}</ul>")


def sitemap(catalogue: Catalogue, base: str, day: int) -> str:
    """Addresses of all goods that are pages of their own."""
    goods = [g for g in catalogue.goods.values() if g.is_offered(day) and not g.flavour]
    urls = "".join(f"<url><loc>{base}/item/{g.id}.html</loc></url>" for g in goods)
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f'{head}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'


def _item_values(catalogue: Catalogue, good: Good, day: int) -> dict[str, object]:
    up = ".." if good.flavour == "relative" else ""
    return {
        "good": good,
        "shop": catalogue.shops[good.shop],
        "attributes": attributes_of(good),
        "day": day,
        "up": up,
    }


def _product(catalogue: Catalogue, good: Good, base: str, day: int) -> dict[str, object]:
    return {
        "@context": "https://schema.org",
        "@type": "Product",
        "sku": good.id,
        "name": good.title,
        "description": good.text,
        "category": good.category,
        "brand": {"@type": "Brand", "name": good.brand},
        "image": [f"{base}/image/{good.same_as or good.id}.png"],
        "offers": {
            "@type": "Offer",
            "price": f"{good.price_on(day):.2f}",
            "priceCurrency": "CNY",
            "seller": {"@type": "Organization", "name": catalogue.shops[good.shop].name},
        },
    }
