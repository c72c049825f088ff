"""A single link: asked once with its source kept, or left to a person."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gimonitor.configuration import Configuration
from gimonitor.errors import InputError
from gimonitor.model.outside import Outside
from gimonitor.model.run import Coverage
from gimonitor.operations.tips import _outcomes, add_links
from gimonitor.practice.hostile import running_hostile
from gimonitor.practice.server import running_practice
from gimonitor.store import runs
from gimonitor.store.database import migrate_store, open_store
from gimonitor.store.loading import load_listing
from gimonitor.store.tasks import list_tasks

OWN = ["http://localhost.:99/1", "http://[::127.0.0.1]:99/1", "http://[64:ff9b::7f00:1]:99/1", "http://intranet/1"]


@pytest.fixture
def configuration(tmp_path: Path) -> Configuration:
    made = Configuration(data_dir=tmp_path / "data", disk_reserve_mb=1)
    migrate_store(made.store_url)
    return made


def test_a_link_is_asked_once_and_keeps_who_reported_it(configuration: Configuration) -> None:
    with running_practice() as server:
        url = f"{server.url}/item/g104.html"
        wanted = [url, f"{server.url}/no/such/page", f"{server.url}/item/g105.html", url]
        tip, gone, other = add_links(
            configuration, wanted, Outside.REPORT_12315, who="张三", note="2026-0017，13812345678"
        )
        asked = [path for _, path, _ in server.market.log if path.startswith("/item/")]
    assert len(tip.listings) == 1 and tip.task_id is None, tip
    assert (tip.url, gone.url, other.url) == (url, *wanted[1:3]), "one answer for each different link"
    assert other.listings[0][1] == "g105" and gone.listings == () and gone.task_id is not None
    assert sorted(asked) == ["/item/g104.html", "/item/g105.html"]
    assert (tip.leads, other.leads) == ((), (1,)), "each its own"
    with open_store(configuration.store_url) as store, store.read() as c:
        stored = load_listing(c, *tip.listings[0][:2])
        run = runs.load_run(c, tip.run_id)
    assert stored.listing.source == "12315"
    assert (run.config["who"], run.config["note"], run.state) == ("张三", "2026-0017，***********", "partial")


def test_what_cannot_be_had_becomes_a_task(configuration: Configuration) -> None:
    with running_practice() as server:
        urls = [f"{server.url}/no/such/page", f"{server.url}/nor/this"]
        tips = add_links(configuration, urls, Outside.ASSOCIATION, who="a")
        (again,) = add_links(configuration, urls[:1], Outside.TIP, who="b")
    assert all(tip.listings == () and tip.task_id is not None and tip.why for tip in tips)
    with open_store(configuration.store_url) as store, store.read() as c:
        found = {task.id: (task.queries, task.url) for task in list_tasks(c)}
    assert found == {tip.task_id: ((tip.url,), tip.url) for tip in tips}, "one page fulfils one of them"
    assert again.task_id == tips[0].task_id, "which waits already"


def test_what_was_refused_is_said_as_asked_once_and_failed(configuration: Configuration) -> None:
    with running_hostile() as (base, asked):
        (tip,) = add_links(configuration, [base + "/long-promise"], Outside.TIP, who="a")
    assert asked.count("/long-promise") == 1
    with open_store(configuration.store_url) as store, store.read() as c:
        (record,) = runs.load_coverage(c, tip.run_id)
        (piece,) = runs.load_slices(c, tip.run_id)
    assert tip.why == record.detail == f"body larger than 16 MiB: {base}/long-promise"
    assert (record.pages_asked, record.seen, record.failed, piece.state) == (1, 1, 1, "failed"), record


def test_each_link_is_told_what_came_of_it(configuration: Configuration) -> None:
    metadata = "http://169.254.169.254/latest/meta-data/"
    with running_hostile() as (base, asked):
        ways = ("/short-two", "/same-one", "/short-one", "/other-goods", "/same-two", "/to-metadata", "/ring-one")
        links = [*(base + way for way in ways), metadata, f"{base}/ring-two", "http://u:pw@shop.example/"]
        named = configuration.model_copy(update={"contact": "a@example.invalid", "practice_url": base})
        tips = add_links(named, [f"HTTP{base[4:]}/good", *links, f"{base}/good"], Outside.TIP, who="a")
    told = {tip.url.removeprefix(base): tip for tip in tips}
    goods = {way: tuple(item_id for _, item_id, _ in tip.listings) for way, tip in told.items() if tip.listings}
    assert goods == {
        "/good": ("good",),
        "/other-goods": ("other",),
        **dict.fromkeys(("/short-two", "/same-one", "/short-one", "/same-two"), ("same",)),
    }
    assert len(tips) == len(links) + 1, "the good page was given twice, in two ways of writing"
    same = [told[way].same_as for way in ("/short-two", "/same-one", "/short-one")]
    assert sorted(map(bool, same)) == [False, True, True] and len(set(filter(None, same))) == 1
    assert asked.count("/same-one") == 1 and "不" not in told["/ring-one"].why
    assert "private address refused" in told[metadata].why and "private address refused" in told["/to-metadata"].why
    assert told[metadata].task_id is told["/to-metadata"].task_id is None, "no browser is sent there"
    for way in ("/ring-one", "/ring-two"):  # by which of the two is asked first
        assert "links that lead to one another" in told[way].why or "redirect to itself" in told[way].why, told[way].why
    assert (told[""].task_id, "name or a password" in told[""].why, "pw" in told[""].why) == (None, True, False)
    with open_store(configuration.store_url) as store, store.read() as c:
        left = [record.query for record in runs.load_coverage(c, tips[0].run_id) if "not asked" in record.detail]
    assert left == []


def test_without_a_contact_a_real_site_waits_for_a_person_and_the_own_network_for_nobody(
    configuration: Configuration,
) -> None:
    real, inside, odd = "https://shop.example/1", "http://10.0.0.8/item/1", "http://0x7f.1:99/1"
    tips = add_links(configuration, [real, inside, odd, *OWN], Outside.TIP, who="a")
    assert [tip.task_id is not None for tip in tips] == [True, *[False] * (len(tips) - 1)]
    assert "GIMONITOR_CONTACT" in tips[0].why
    assert all("private address refused" in tip.why for tip in tips[1:])


def test_with_a_contact_too_the_own_network_is_nobodys_task(configuration: Configuration) -> None:
    named = configuration.model_copy(update={"contact": "a@example.invalid"})
    tips = add_links(named, OWN, Outside.TIP, who="a")
    assert all(tip.task_id is None and "private address refused" in tip.why for tip in tips), tips


def test_without_a_contact_a_practice_link_beside_a_real_one_is_asked(configuration: Configuration) -> None:
    with running_practice() as server:
        links = ["https://shop.example/1", f"{server.url}/item/g104.html"]
        real, practice = add_links(configuration, links, Outside.TIP, who="a")
    assert practice.listings and not practice.why and practice.task_id is None
    assert real.task_id is not None and "GIMONITOR_CONTACT" in real.why


def test_what_was_had_only_in_part_says_what_is_lacking(configuration: Configuration) -> None:
    url = "https://shop.example/1"
    part = Coverage(
        run_id=1, source="link", query=f"tip {url}", seen=2, stored=1, rejected=1, detail="rejected (no_title): 7"
    )
    with open_store(configuration.store_url) as store:
        with store.write() as c:
            run_id = runs.start_run(c, "tip", {})
            runs.save_coverage(c, replace(part, run_id=run_id))
        (tip,) = _outcomes(store, run_id, {part.query: url}, "a@example.invalid")
        with store.read() as c:
            run = runs.load_run(c, run_id)
    assert tip.gaps == (f"link “tip {url}”: 1 of 2 listings were rejected (rejected (no_title): 7)",)
    assert (tip.task_id, run.state) == (None, "partial")


def test_nothing_is_begun_where_no_link_may_be_asked(configuration: Configuration) -> None:
    with pytest.raises(InputError, match="no http"):
        add_links(configuration, ["file:///etc/passwd", "五常大米"], Outside.TIP, who="a")
    with open_store(configuration.store_url) as store, store.read() as c:
        assert runs.latest_runs(c) == ()
