"""Slices of a night, as the runner crawls them: a source that has refused is left alone, and what it was not asked is a task."""

from gimonitor.configuration import Configuration
from gimonitor.operations import nightly
from gimonitor.store import runs
from gimonitor.store.database import open_store
from gimonitor.store.tasks import list_tasks


def test_a_refused_source_is_left_alone_and_its_queries_are_a_task(crawl, market, monkeypatch):
    configuration = Configuration(data_dir=crawl.folder, practice_url=market.url, disk_reserve_mb=1)
    monkeypatch.setenv("GIMONITOR_DISK_RESERVE_MB", "1")
    said = []
    with open_store(crawl.store_url) as store:
        with store.write() as c:
            run_id = runs.start_run(c, "nightly", {})
            planned = [("practice", ("需要验证", "西湖龙井")), ("practice", ("五常大米",))]
            runs.plan_slices(c, run_id, planned)
        verdict = nightly._work(configuration, store, run_id, said.append)
        with store.read() as c:
            (task,), slices = list_tasks(c), runs.load_slices(c, run_id)
    assert set(task.queries) == {"需要验证", "西湖龙井", "五常大米"} and task.run_id == run_id
    assert [piece.state for piece in slices] == ["blocked", "blocked"] and verdict.state in ("blocked", "partial")
    assert any("1 more slices of it are not asked tonight" in line for line in said), said
    assert not [path for _, path, _ in market.market.log if "%E4%BA%94%E5%B8%B8" in path], "asked after it had refused"
