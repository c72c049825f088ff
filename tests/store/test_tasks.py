"""Tasks for people: one open task of a source, closed once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from gimonitor.errors import ConflictError, NotFoundError
from gimonitor.model.task import TaskKind
from gimonitor.store.database import Store
from gimonitor.store.tasks import close_task, create_task, list_tasks, load_task

DAY = timedelta(days=1)


def test_a_source_has_one_open_task(store: Store, night: datetime) -> None:
    with store.write() as c:
        first = create_task(
            c,
            TaskKind.CAPTURE,
            "taobao",
            ["五常大米"],
            platform="taobao",
            url="http://x/",
            reason="challenge",
            now=night,
        )
        again = create_task(
            c, TaskKind.CAPTURE, "taobao", ["五常大米", "西湖龙井"], reason="challenge", now=night + DAY
        )
        other = create_task(c, TaskKind.CAPTURE, "jd", ["五常大米"], platform="jd", now=night)
    assert first == again != other
    with store.read() as c:
        task = load_task(c, first)
        assert [t.id for t in list_tasks(c)] == [first, other]
        assert [t.id for t in list_tasks(c, platform="jd")] == [other] == [t.id for t in list_tasks(c, source="jd")]
    assert task.queries == ("五常大米", "西湖龙井") and task.platform == "taobao"
    assert (task.created_at, task.changed_at, task.is_open) == (night, night + DAY, True)


def test_a_closed_task_stays_closed_and_a_new_one_is_made(store: Store, night: datetime) -> None:
    with store.write() as c:
        first = create_task(c, TaskKind.CAPTURE, "jd", ["五常大米"], now=night)
        close_task(c, first, "zhangsan", "三个页面已导入", now=night + DAY)
        second = create_task(c, TaskKind.CAPTURE, "jd", ["西湖龙井"], now=night + 2 * DAY)
    assert second != first
    with store.read() as c:
        closed = load_task(c, first)
        assert (closed.closed_at, closed.closed_by, closed.note) == (night + DAY, "zhangsan", "三个页面已导入")
        assert [t.id for t in list_tasks(c)] == [second]
        assert [t.id for t in list_tasks(c, is_open=False)] == [first]
        assert len(list_tasks(c, is_open=None)) == 2
    with pytest.raises(ConflictError, match="zhangsan"), store.write() as c:
        close_task(c, first, "lisi")
    with pytest.raises(NotFoundError), store.write() as c:
        close_task(c, 99, "lisi")
