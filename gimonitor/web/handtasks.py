"""Tasks for people as screen and interface close them."""

from __future__ import annotations

from gimonitor.errors import PermissionDeniedError
from gimonitor.model.task import Task
from gimonitor.store import audit, tasks
from gimonitor.web.access import Page


def close_task(page: Page, task_id: int, note: str) -> Task:
    """Say that a page was captured by hand; the task after it.

    Raises PermissionDeniedError where some of its queries lie outside the person's area.
    """
    with page.services.store.write() as c:
        found = tasks.load_task(c, task_id)
        if page.tasks([found]) != [found]:
            raise PermissionDeniedError("任务中有辖区外的查询，请不限辖区的人员完成")
        tasks.close_task(c, task_id, page.person.login, note.strip() or "已手工固证", now=page.now)
        audit.append_audit(c, page.person.login, "task.close", f"task:{task_id}", {"note": note.strip()}, at=page.now)
        return tasks.load_task(c, task_id)
