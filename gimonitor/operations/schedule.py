"""Every night and every morning: APScheduler 3 over a durable job store. The work itself is a process; its slot keeps two
schedulers from doubling it."""

from __future__ import annotations

import logging
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta

from apscheduler.job import Job
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from gimonitor.configuration import Configuration, load_configuration
from gimonitor.errors import BlockedError, ConflictError, PartialError
from gimonitor.model.run import RunState
from gimonitor.model.zone import BEIJING
from gimonitor.operations.sending import channels, raise_alarm
from gimonitor.operations.slices import child_environment
from gimonitor.store import runs
from gimonitor.store.database import open_store

CATCH_UP_SECONDS = 24 * 3600  # a night missed by a power cut is made up whenever the machine is back before the next
STOP_SECONDS = 120  # what a run gets to store what it has, once its time is over
SAID = 2000  # characters of a process's last words that are kept and sent
TABLE = "scheduled_jobs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """A kind of job: the setting that holds its time of day in Beijing, and the function that APScheduler calls."""

    id: str
    setting: str
    function: str


NIGHTLY = Scheduled(id="nightly", setting="nightly_at", function=f"{__name__}:nightly")
MORNING = Scheduled(id="digest", setting="digest_at", function=f"{__name__}:morning")
JOBS = (NIGHTLY, MORNING)
AFTER = (  # what follows a night's crawl, each in its own process; one that fails does not stop the next
    ("share", "pull"),
    ("rescreen",),
    ("run", "pictures"),
    ("signs", "run"),
    ("evidence", "capture", "--new"),
    ("leads", "recheck"),
    ("share", "push"),
)

log = logging.getLogger(__name__)


def start_scheduler(configuration: Configuration) -> BackgroundScheduler:
    """Start a scheduler with the jobs in the store's database.

    A job that stands there already keeps its due time, so that a night missed while the machine was off is made up once;
    it is written anew only when the configured time changed.
    """
    scheduler = BackgroundScheduler(
        jobstores={"default": _job_store(configuration)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": CATCH_UP_SECONDS},
        timezone=BEIJING,
    )
    for job in JOBS:
        trigger, standing = _trigger(configuration, job), standing_job(configuration, job)
        if standing is None or str(standing.trigger) != str(trigger):
            scheduler.add_job(job.function, trigger, id=job.id, name=job.id, replace_existing=True)
    scheduler.start()
    return scheduler


def _job_store(configuration: Configuration) -> SQLAlchemyJobStore:
    return SQLAlchemyJobStore(url=configuration.store_url, tablename=TABLE)


def _trigger(configuration: Configuration, job: Scheduled) -> CronTrigger:
    hour, minute = getattr(configuration, job.setting).split(":")
    return CronTrigger(hour=int(hour), minute=int(minute), timezone=BEIJING)


def standing_job(configuration: Configuration, job: Scheduled = NIGHTLY) -> Job | None:
    """The job as the store keeps it. Nothing is started: a scheduler that stops with a job due would drop it."""
    store = _job_store(configuration)
    store.start(BackgroundScheduler(timezone=BEIJING), "default")
    try:
        return store.lookup_job(job.id)
    finally:
        store.shutdown()


def next_run(configuration: Configuration, job: Scheduled = NIGHTLY) -> datetime:
    """When a job is due next, by the store, else by the configured time."""
    standing, trigger = standing_job(configuration, job), _trigger(configuration, job)
    kept = standing is not None and str(standing.trigger) == str(trigger)
    due = standing.next_run_time if kept and standing else trigger.get_next_fire_time(None, datetime.now(BEIJING))
    assert isinstance(due, datetime)
    return due


def slot_of(now: datetime, job: Scheduled = NIGHTLY) -> str:
    """The name of the night, or morning, that `now` belongs to: its date in Beijing."""
    return f"{job.id}:{now.astimezone(BEIJING).date().isoformat()}"


def nightly() -> None:
    """The scheduled run: a process of its own, ended when its hours are over; trouble is told at once."""
    configuration, now = load_configuration(), datetime.now(BEIJING)
    slot = slot_of(now)
    code, said = _in_process(configuration, ["run", "nightly", "--slot", slot], configuration.night_hours * 3600)
    if code not in (0, PartialError.exit_code):  # gaps are for the morning
        raise_alarm(configuration, f"{slot} 夜间采集以 {code} 结束：\n{said[-SAID:]}", datetime.now(BEIJING))
        return
    ends = now + timedelta(hours=configuration.night_hours)
    for step in AFTER:
        left = (ends - datetime.now(BEIJING)).total_seconds()
        if left <= 0:
            log.warning("no time is left for %s", " ".join(step))
            continue
        code, said = _in_process(configuration, list(step), left)
        if code not in (0, PartialError.exit_code, BlockedError.exit_code):
            raise_alarm(
                configuration, f"{slot} {' '.join(step)} 以 {code} 结束：\n{said[-SAID:]}", datetime.now(BEIJING)
            )


def morning() -> None:
    """The scheduled digest: sent once a day, however many schedulers there are; only filed where no way is set up."""
    configuration, now = load_configuration(), datetime.now(BEIJING)
    slot = slot_of(now, MORNING)
    with open_store(configuration.store_url) as store:
        try:
            with store.write() as c:
                run_id = runs.start_run(c, "digest", {}, slot=slot)
        except ConflictError:
            log.info("%s has been sent already", slot)
            return
        code, said = _in_process(configuration, ["digest", *(["--send"] if channels(configuration) else [])], 600)
        with store.write() as c:
            runs.finish_run(c, run_id, RunState.OK if code == 0 else RunState.FAILED, said[-SAID:])
    if code:
        raise_alarm(configuration, f"{slot} 晨报以 {code} 结束：\n{said[-SAID:]}", datetime.now(BEIJING))


def _in_process(configuration: Configuration, arguments: list[str], seconds: float) -> tuple[int, str]:
    """Run a command of ours; SIGTERM when its time is over, SIGKILL after STOP_SECONDS. Returns its code and what it said."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "gimonitor", *arguments],
        env=child_environment(configuration),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    try:
        said, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.terminate()
        try:
            said, _ = process.communicate(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            said, _ = process.communicate()
        said += f"\nstopped after {seconds / 3600:g} hours"
    log.log(logging.ERROR if process.returncode else logging.INFO, "%s: %s\n%s", arguments, process.returncode, said)
    return process.returncode, said
