"""Every night: APScheduler 3 over a durable job store. The run itself is a process; its slot keeps two schedulers from doubling it."""

from __future__ import annotations

import logging
import subprocess
import sys
from datetime import datetime
from zoneinfo import ZoneInfo

from apscheduler.job import Job
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from gimonitor.configuration import Configuration, load_configuration
from gimonitor.operations.nightly import child_environment

BEIJING = ZoneInfo("Asia/Shanghai")
CATCH_UP_SECONDS = 24 * 3600  # a night missed by a power cut is made up whenever the machine is back before the next
JOB_ID = "nightly"
JOB = "gimonitor.operations.schedule:nightly"
TABLE = "scheduled_jobs"

log = logging.getLogger(__name__)


def start_scheduler(configuration: Configuration) -> BackgroundScheduler:
    """Start a scheduler with the nightly job in the store's database.

    A job that stands there already keeps its due time, so that a night missed while the machine was off is made up once;
    it is written anew only when the configured time changed.
    """
    scheduler = BackgroundScheduler(
        jobstores={"default": _job_store(configuration)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": CATCH_UP_SECONDS},
        timezone=BEIJING,
    )
    trigger = _trigger(configuration)
    standing = standing_job(configuration)
    if standing is None or str(standing.trigger) != str(trigger):
        scheduler.add_job(JOB, trigger, id=JOB_ID, name="nightly run", replace_existing=True)
    scheduler.start()
    return scheduler


def _job_store(configuration: Configuration) -> SQLAlchemyJobStore:
    return SQLAlchemyJobStore(url=configuration.store_url, tablename=TABLE)


def _trigger(configuration: Configuration) -> CronTrigger:
    hour, minute = configuration.nightly_at.split(":")
    return CronTrigger(hour=int(hour), minute=int(minute), timezone=BEIJING)


def standing_job(configuration: Configuration) -> Job | None:
    """The nightly job as the store keeps it. Nothing is started: a scheduler that stops with a job due would drop it."""
    store = _job_store(configuration)
    store.start(BackgroundScheduler(timezone=BEIJING), "default")
    try:
        return store.lookup_job(JOB_ID)
    finally:
        store.shutdown()


def next_run(configuration: Configuration) -> datetime:
    """When the nightly job is due next, by the store, else by the configured time."""
    standing, trigger = standing_job(configuration), _trigger(configuration)
    kept = standing is not None and str(standing.trigger) == str(trigger)
    due = standing.next_run_time if kept and standing else trigger.get_next_fire_time(None, datetime.now(BEIJING))
    assert isinstance(due, datetime)
    return due


def slot_of(now: datetime) -> str:
    """The name of the night that `now` belongs to: its date in Beijing."""
    return f"nightly:{now.astimezone(BEIJING).date().isoformat()}"


def nightly() -> None:
    """The scheduled job: the night's run as a process of its own; what it says goes to the log."""
    configuration = load_configuration()
    slot = slot_of(datetime.now(BEIJING))
    command = [sys.executable, "-P", "-m", "gimonitor", "run", "nightly", "--slot", slot]
    done = subprocess.run(command, env=child_environment(configuration), capture_output=True, text=True, check=False)
    level = logging.INFO if done.returncode == 0 else logging.ERROR
    log.log(level, "%s ended with %s\n%s", slot, done.returncode, done.stdout + done.stderr)
