"""An officer's saved pages into the store: sealed, read, with who and when, and the tasks they fulfil."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from gimonitor.cli.coverage import app as coverage
from gimonitor.cli.imports import app
from gimonitor.configuration import Configuration
from gimonitor.errors import InputError, NotFoundError
from gimonitor.evidence.digest import digest_file
from gimonitor.evidence.seal import WarcSeal
from gimonitor.model.task import TaskKind
from gimonitor.operations.captures import PagesImported, import_pages, preview_pages
from gimonitor.operations.handedin import SOURCE, HandedIn, Told
from gimonitor.papers.places import custody_log
from gimonitor.store import runs
from gimonitor.store.captures import SAVED, StoredCapture, captures_of
from gimonitor.store.database import Store, migrate_store, open_store
from gimonitor.store.loading import StoredListing, load_listing
from gimonitor.store.queue import QueueFilter, queue_page
from gimonitor.store.saved import latest_files
from gimonitor.store.tasks import create_task, list_tasks

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)
PAGE = """<!doctype html><html><head><title>五常大米</title>
<script type="application/ld+json">{"@context":"https://schema.org","@type":"Product","sku":"77",
"name":"正宗五常大米 5kg","brand":"某牌","description":"联系13812345678，产地辽宁沈阳","image":["https://img.example/1.jpg"],
"offers":{"@type":"Offer","price":"59.90","priceCurrency":"CNY"},
"additionalProperty":[{"@type":"PropertyValue","name":"产地","value":"辽宁沈阳"}]}</script></head>
<body>正宗五常大米</body></html>"""
URL = "https://shop.example/goods/77"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


@pytest.fixture
def configuration(tmp_path: Path) -> Configuration:
    made = Configuration(data_dir=tmp_path / "data")
    migrate_store(made.store_url)
    return made


@pytest.fixture
def store(configuration: Configuration) -> Iterator[Store]:
    with open_store(configuration.store_url) as opened:
        yield opened


def page(tmp_path: Path, name: str = "商品页.html", text: str = PAGE) -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def stored(store: Store, imported: PagesImported) -> tuple[StoredListing, tuple[StoredCapture, ...]]:
    with store.read() as c:
        key = imported.files[0].listings[0].key
        listing = load_listing(c, *key)
        return listing, captures_of(c, listing.id)


def test_a_saved_page_is_kept_read_and_screened(tmp_path: Path, configuration: Configuration, store: Store) -> None:
    path = page(tmp_path)
    done = import_pages(configuration, [path], Told(url=URL), who="张三", now=NOW)
    listing, captures = stored(store, done)
    assert (listing.listing.title, listing.listing.source, listing.last_seen) == ("正宗五常大米 5kg", SOURCE, NOW)
    assert "13812345678" not in listing.listing.description
    (capture,) = captures
    kept = configuration.evidence_dir / capture.file
    assert (capture.kind, capture.who, capture.sha256) == (SAVED, "张三", digest_file(path).sha256)
    assert kept.read_bytes() == path.read_bytes()
    with store.read() as c:
        (saved,) = latest_files(c)
        (record,) = runs.load_coverage(c, done.run_id)
        assert [row.gi_name for row in queue_page(c, QueueFilter()).rows] == ["五常大米"]
    assert (saved.who, saved.at, saved.name, saved.container) == ("张三", NOW, "商品页.html", "html")
    assert saved.readings[0].parser.startswith("product@")
    assert "shop" in saved.readings[0].missing
    assert (record.source, record.seen, record.pages_answered) == (SOURCE, 1, 1)
    (entry,) = custody_log(configuration).entries()
    assert (entry.who, entry.action, entry.sha256) == ("张三", "received", capture.sha256)


def test_the_same_file_again_changes_nothing(tmp_path: Path, configuration: Configuration, store: Store) -> None:
    path = page(tmp_path)
    import_pages(configuration, [path], Told(url=URL), who="张三", now=NOW)
    again = import_pages(configuration, [path], Told(url=URL), who="李四", now=NOW)
    assert (again.saved.new, again.saved.changed, again.saved.unchanged) == (0, 0, 1)
    with store.read() as c:
        assert [one.who for one in latest_files(c)] == ["张三"]
    assert len(list(custody_log(configuration).entries())) == 1


def test_a_challenge_is_no_answer_and_is_kept(tmp_path: Path, configuration: Configuration, store: Store) -> None:
    text = "<html><head><title>验证码拦截</title></head><body>请拖动下方滑块完成验证</body></html>"
    done = import_pages(
        configuration, [page(tmp_path, text=text)], Told(url="https://s.taobao.com/x"), who="a", now=NOW
    )
    assert done.files[0].troubles == ("challenge",)
    with store.read() as c:
        (record,) = runs.load_coverage(c, done.run_id)
        assert runs.load_run(c, done.run_id).state.value == "partial"
    assert (record.blocked, record.pages_asked, record.pages_answered) == ("challenge", 1, 0)
    assert (configuration.evidence_dir / done.files[0].file).is_file()


def test_pictures_and_recordings_are_evidence_of_the_listing_they_show(
    tmp_path: Path, configuration: Configuration, store: Store
) -> None:
    done = import_pages(configuration, [page(tmp_path)], Told(url=URL), who="a", now=NOW)
    listing, _ = stored(store, done)
    picture, recording = tmp_path / "截图.png", tmp_path / "录屏.mp4"
    picture.write_bytes(PNG)
    recording.write_bytes(b"\x00\x00\x00\x20ftypisom" + b"\x00" * 100)
    told = Told(listing=(listing.listing.platform, listing.listing.item_id))
    shown = import_pages(configuration, [picture, recording], told, who="b", now=NOW)
    assert [one.container for one in shown.files] == ["picture", "recording"]
    with store.read() as c:
        kinds = [capture.kind for capture in captures_of(c, listing.id)]
    assert sorted(kinds) == ["image", "saved", "saved"]
    with pytest.raises(NotFoundError):
        import_pages(configuration, [picture], Told(listing=("nobody", "1")), who="b", now=NOW)


def har(*pages: tuple[str, str]) -> str:
    entries = [
        {
            "startedDateTime": "2026-02-27T08:00:00+08:00",
            "request": {"url": url},
            "response": {"status": 200, "content": {"mimeType": "text/html", "text": text}},
        }
        for url, text in pages
    ]
    return json.dumps({"log": {"entries": entries}})


def test_a_file_says_when_it_was_saved(tmp_path: Path, configuration: Configuration) -> None:
    (one,) = preview_pages([page(tmp_path, "a.har", har((URL, PAGE)))], Told())
    assert one.listings[0].observed_at == datetime(2026, 2, 27, tzinfo=UTC)


def test_a_task_is_closed_when_all_it_asks_is_shown(tmp_path: Path, configuration: Configuration, store: Store) -> None:
    with store.write() as c:
        fulfilled = create_task(c, TaskKind.CAPTURE, "shop", ["五常 大米"], platform="", url=URL, now=NOW)
        named = create_task(c, TaskKind.CAPTURE, "douyin", ["西湖龙井"], platform="douyin", now=NOW)
        half = create_task(c, TaskKind.CAPTURE, "other", ["五常大米", "沁州黄小米"], url=URL, now=NOW)
    done = import_pages(configuration, [page(tmp_path)], Told(url=URL, task_id=named), who="张三", now=NOW)
    assert sorted(done.closed) == sorted([fulfilled, named])
    assert len(done.left) == 1 and "沁州黄小米" in done.left[0] and "五常大米" not in done.left[0]
    with store.read() as c:
        assert [task.id for task in list_tasks(c)] == [half]
        closed = {task.id: task for task in list_tasks(c, is_open=False)}
    assert closed[named].closed_by == "张三" and "商品页.html" in closed[named].note


def test_a_file_that_cannot_be_read_does_not_keep_the_others_out(
    tmp_path: Path, configuration: Configuration, store: Store
) -> None:
    empty, cut = page(tmp_path, "empty.html", ""), page(tmp_path, "cut.har", har((URL, PAGE))[:-9])
    bad = [tmp_path / "none.html", empty, cut]
    done = import_pages(configuration, [*bad, page(tmp_path)], Told(url=URL), who="a", now=NOW)
    assert [bool(one.troubles) for one in done.files] == [True, True, True, False]
    assert [bool(one.file) for one in done.files] == [False, False, True, True], "what there is of a file is kept"
    assert done.saved.new == 1 and len(done.files[3].listings) == 1
    with store.read() as c:
        records = {record.query: record for record in runs.load_coverage(c, done.run_id)}
        assert runs.load_run(c, done.run_id).state.value == "partial"
        assert sorted(one.name for one in latest_files(c)) == ["cut.har", "商品页.html"]
    assert [records[path.name].unread for path in bad] == [1, 1, 1]
    assert "no JSON" in records["cut.har"].detail and "0 bytes" in records["empty.html"].detail
    with pytest.raises(InputError, match=r"none\.html.*empty\.html"):
        import_pages(configuration, bad[:2], Told(url=URL), who="a", now=NOW)
    with store.read() as c:
        assert [run.id for run in runs.latest_runs(c)] == [done.run_id], "nothing begun where nothing can be kept"


def test_nothing_is_stored_by_a_preview(tmp_path: Path, configuration: Configuration, store: Store) -> None:
    (one,) = preview_pages([page(tmp_path)], Told(url=URL))
    assert isinstance(one, HandedIn) and len(one.listings) == 1 and not one.file
    assert not configuration.evidence_dir.exists()


def test_a_page_without_goods_is_said_to_have_given_none(tmp_path: Path) -> None:
    path = tmp_path / "nothing.html"
    path.write_text("<html><title>公告</title><body><p>本店春节期间照常发货，欢迎选购。</p></body></html>", "utf-8")
    told = CliRunner().invoke(app, ["pages", str(path), "--url", URL, "--dry-run"])
    assert "no goods were read from it" in told.output and told.exit_code == 5
    assert (
        "no goods were read"
        not in CliRunner().invoke(app, ["pages", str(page(tmp_path)), "--url", URL, "--dry-run"]).output
    )


def test_what_was_unchanged_is_counted_as_that(tmp_path: Path, configuration: Configuration, store: Store) -> None:
    for _ in range(2):
        done = import_pages(configuration, [page(tmp_path)], Told(url=URL), who="a", now=NOW)
    with store.read() as c:
        (record,) = runs.load_coverage(c, done.run_id)
    assert (record.seen, record.stored, record.unchanged) == (1, 0, 1)


def test_files_that_gave_goods_are_listed_so(
    tmp_path: Path, configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_pages(configuration, [page(tmp_path)], Told(url=URL), who="a", now=NOW)
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(configuration.data_dir))
    told = CliRunner().invoke(app, ["files"]).output
    assert "1 listings" in told and "no goods were read" not in told and "2026-03-01 10:00, a" in told


def results(*ids: str) -> str:
    goods = [{"nid": one, "raw_title": "五常大米", "nick": "店", "view_price": "39.90"} for one in ids]
    config = json.dumps({"mods": {"itemlist": {"data": {"auctions": goods}}}})
    return f"<html><script>g_page_config = {config};</script></html>"


def test_only_a_first_page_of_results_gives_a_rank(tmp_path: Path) -> None:
    search, text = "https://s.taobao.com/search?q=x", results("571575866199", "571575866200")
    first, further, unknown, item = preview_pages(
        [
            page(tmp_path, "1.har", har((f"{search}&s=0&page=1", text))),
            page(tmp_path, "2.har", har((f"{search}&s=44", text))),
            page(tmp_path, "3.html", text),
            page(tmp_path, "4.har", har((URL, PAGE))),
        ],
        Told(),
    )
    assert [one.rank for one in first.listings] == [1, 2]
    assert [one.rank for file in (further, unknown, item) for one in file.listings] == [None] * 5


def test_an_address_of_other_goods_is_told(tmp_path: Path) -> None:
    text = '<html><script>var g_config = {itemId: "571575866199"};</script><h3 class="tb-main-title" data-title="五常大米"></html>'
    kinds = {"571575866199": (), "571575866200": ("the address names taobao/571575866200",)}
    for named, said in kinds.items():
        url = f"https://item.taobao.com/item.htm?id={named}"
        (one,) = preview_pages([page(tmp_path, text=text)], Told(url=url))
        assert [listing.item_id for listing in one.listings] == ["571575866199"]
        assert len(one.readings[0].notes) == len(said) and all(
            n.startswith(s) for n, s in zip(one.readings[0].notes, said, strict=True)
        )


def test_a_file_with_the_session_of_whoever_saved_it_is_told(tmp_path: Path, configuration: Configuration) -> None:
    entry = json.loads(har((URL, PAGE)))
    entry["log"]["entries"][0]["request"]["headers"] = [{"name": "Cookie", "value": "sid=secret"}]
    done = import_pages(configuration, [page(tmp_path, "a.har", json.dumps(entry))], Told(), who="a", now=NOW)
    (note,) = done.files[0].readings[0].notes
    assert "session" in note and "cookie" in note and "log out" in note and "secret" not in note
    assert "secret" not in repr(done.files[0].listings)


def test_a_file_of_no_known_kind_is_a_gap(tmp_path: Path, configuration: Configuration, store: Store) -> None:
    path = tmp_path / "random.html"
    path.write_bytes(bytes(range(256)) * 20)
    done = import_pages(configuration, [path, page(tmp_path)], Told(url=URL), who="a", now=NOW)
    with store.read() as c:
        records = {record.query: record for record in runs.load_coverage(c, done.run_id)}
        assert runs.load_run(c, done.run_id).state.value == "partial"
    assert (records["random.html"].unread, records["random.html"].has_gap) == (1, True)
    assert "no page of a kind" in records["random.html"].detail and not records["商品页.html"].has_gap


def test_goods_that_a_crawl_would_reject_are_rejected_and_told(
    tmp_path: Path, configuration: Configuration, store: Store
) -> None:
    untitled = page(tmp_path, "products.json", '{"products":[{"id":1,"title":"","variants":[{"price":"5.00"}]}]}')
    told = Told(url="https://shop.example/products.json", content_type="application/json")
    done = import_pages(configuration, [untitled], told, who="a", now=NOW)
    (one,) = done.files
    assert (one.listings, one.troubles, done.saved.new) == ((), ("1 rejected (1 no_title)",), 0)
    with store.read() as c:
        (record,) = runs.load_coverage(c, done.run_id)
        assert runs.load_run(c, done.run_id).state.value == "partial"
    assert (record.seen, record.rejected, record.unread, record.pages_answered) == (1, 1, 0, 1)
    assert preview_pages([untitled], told)[0].troubles == one.troubles


WHOLE = """<html><body><main class="item" data-id="g1"><h1>五常大米 5kg</h1><p class="price">59.90</p>
<a class="shop" data-id="s1" href="/shop/s1">粮油店</a><table class="attributes"><tr><th>产地</th><td>黑龙江五常</td></tr></table>
</main></body></html>"""
ITEM = Told(url="http://127.0.0.1:8777/item/g1", platform="practice")


def mhtml(text: str, end: str = "\r\n--b--\r\n") -> str:
    head = "MIME-Version: 1.0\r\nDate: Fri, 27 Feb 2026 00:00:00 +0000\r\nContent-Type: multipart/related; boundary=b\r\n\r\n"
    return f"{head}--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Location: {ITEM.url}\r\n\r\n{text}{end}"


@pytest.mark.parametrize("is_mhtml", [False, True])
def test_a_page_cut_short_is_kept_but_replaces_no_fuller_one(
    tmp_path: Path, configuration: Configuration, store: Store, is_mhtml: bool
) -> None:
    cut = WHOLE[: WHOLE.index("<p class")]
    whole, torn = (mhtml(WHOLE), mhtml(cut, "")) if is_mhtml else (WHOLE, cut)
    import_pages(configuration, [page(tmp_path, "a", whole)], ITEM, who="a", now=NOW)
    with store.write() as c:
        task = create_task(c, TaskKind.CAPTURE, "practice", ("五常大米",), platform="practice")
    done = import_pages(configuration, [page(tmp_path, "b", torn)], ITEM, who="a", now=NOW)
    (one,) = done.files
    assert "cut short" in one.troubles[0] and "practice/g1 stands as it was" in one.troubles[0]
    assert (done.saved.changed, done.saved.unchanged, done.closed) == (0, 0, ())
    listing, captures = stored(store, done)
    assert (listing.version, listing.listing.price_fen, len(captures)) == (1, 5990, 2)
    with store.read() as c:
        (record,) = runs.load_coverage(c, done.run_id)
        assert runs.load_run(c, done.run_id).state.value == "partial"
        assert [one.id for one in list_tasks(c)] == [task]
    assert (record.seen, record.rejected) == (1, 1) and "cut short" in record.detail
    again = import_pages(configuration, [page(tmp_path, "c", whole.replace("59.90", "49.90"))], ITEM, who="a", now=NOW)
    assert (again.saved.changed, stored(store, again)[0].listing.price_fen) == (1, 4990)


def test_a_first_page_without_its_end_that_says_nothing_is_kept_and_named_but_no_listing(
    tmp_path: Path, configuration: Configuration, store: Store
) -> None:
    cut = page(tmp_path, text=WHOLE[: WHOLE.index("<p class")])
    done = import_pages(configuration, [cut], ITEM, who="a", now=NOW)
    (one,) = done.files
    assert (done.saved.new, one.held) == (
        0,
        {("practice", "g1")},
    ) and "nothing of practice/g1 is stored" in one.troubles[0]
    assert one.readings[0].notes == ("the page has no </html> and lacks price, shop: it may be cut short",)
    assert preview_pages([cut], ITEM)[0].readings[0].notes == one.readings[0].notes
    whole = import_pages(configuration, [page(tmp_path, text=mhtml(WHOLE))], ITEM, who="a", now=NOW)
    assert (whole.saved.new, stored(store, whole)[0].listing.price_fen) == (1, 5990), "though it was saved before"
    thin = WHOLE.replace("</body></html>", "")  # end tags may be left out: what is all there is taken
    assert import_pages(configuration, [page(tmp_path, text=thin)], ITEM, who="a", now=NOW).files[0].held == frozenset()


def test_a_login_stands_before_an_answer_of_zero_and_each_reason_is_told_with_its_number(
    tmp_path: Path, configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(configuration.data_dir))
    fuzzy = '<html><body><div class="no-exact-match">没有</div></body></html>'
    login = "<html><head><title>登录</title></head><body><form><input type='password'></form>请登录</body></html>"
    own = [(f"https://shop.example/search?q={n}", fuzzy) for n in (1, 2)]
    mixed = page(tmp_path, "mixed.har", har(*own, ("https://shop.example/login", login)))
    zero = page(tmp_path, "zero.har", har(*own))
    import_pages(configuration, [mixed, zero, page(tmp_path)], Told(), who="a", now=NOW)
    with open_store(configuration.store_url) as store, store.read() as c:
        records = {record.query: record for record in runs.load_coverage(c, 1)}
    assert (records["mixed.har"].blocked, records["mixed.har"].detail) == ("login", "login; fuzzy (2 times)")
    assert records["zero.har"].blocked == "fuzzy"
    told = CliRunner().invoke(coverage, ["--gaps"]).output
    assert "login; fuzzy (2 times)" in told and told.count("login") == 1, told
    assert "2 pages without an answer" in told and "notes: fuzzy (2 times)" in told and "商品页" not in told


def test_the_reason_of_a_cut_archive_is_told_beside_a_refusal(
    tmp_path: Path, configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(configuration.data_dir))
    with WarcSeal(tmp_path / "warc", "w", reserve=0) as seal:
        for n in (1, 2):
            body = f'<html><body><div class="no-exact-match">没有{n}</div></body></html>'.encode()
            seal.write(f"https://shop.example/search?q={n}", 200, [("Content-Type", "text/html")], body)
    (whole,) = (tmp_path / "warc").rglob("*.warc.gz")
    cut = tmp_path / "cut.warc.gz"
    cut.write_bytes(whole.read_bytes()[:-40])
    import_pages(configuration, [cut], Told(), who="a", now=NOW)
    told = CliRunner().invoke(coverage, ["--gaps"]).output
    assert "fuzzy (2 times); WARC cannot be read behind 2 pages" in told, told


def test_a_task_that_is_none_is_refused_and_a_picture_of_nothing_is_told(
    tmp_path: Path, configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(configuration.data_dir))
    picture = tmp_path / "a.png"
    picture.write_bytes(PNG)
    with pytest.raises(NotFoundError, match="no task 77"):
        import_pages(configuration, [page(tmp_path)], Told(url=URL, task_id=77), who="a", now=NOW)
    with open_store(configuration.store_url) as store, store.read() as c:
        assert runs.latest_runs(c) == ()
    told = CliRunner().invoke(app, ["pages", str(picture)]).output
    assert "a.png is kept, but belongs to no listing" in told
