"""Every night and every morning: APScheduler 3 over a durable job store. The work itself is a process; its slot keeps two
schedulers from doubling it."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from apscheduler.job import Job
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from gimonitor.configuration import Configuration, load_configuration
from gimonitor.errors import BlockedError, ConflictError, GimonitorError, PartialError
from gimonitor.logs import Trouble, trouble
from gimonitor.model.run import RunState
from gimonitor.model.zone import BEIJING
from gimonitor.operations.abandoned import close_abandoned
from gimonitor.operations.health import load_health
from gimonitor.operations.nighttold import told_night
from gimonitor.operations.sending import channels, raise_alarm
from gimonitor.operations.slices import child_environment
from gimonitor.store import runs
from gimonitor.store.database import open_store
from gimonitor.workflow.owners import has_died
from gimonitor.workflow.words import RUN_STATES

CATCH_UP_SECONDS = 24 * 3600  # a night missed by a power cut is made up whenever the machine is back before the next
STOP_SECONDS = 120  # what a run gets to store what it has, once its time is over or the scheduler is stopped
TAKE_UP_SECONDS = 300  # between two looks for a night that was cut off
CLOCK_SECONDS = 120  # a clock that moved by more, from one look to the next, was set by somebody
LOOK_SECONDS = 0.5  # between two looks at whether to stop
SAID = 8  # last lines of a process that are kept and sent
WIDE = 200  # characters of one of them
TOLD = 12  # lines about a night that failed
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

TAKEN_UP = (
    "taken_up"  # in the config of a night that the scheduler has gone on with: once, so that no night dies in a circle
)

log = logging.getLogger(__name__)
_stopping = threading.Event()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command of ours ended: its code (negative: the signal that killed it), what it said, and the process it was."""

    code: int
    said: str
    pid: int = 0


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


def go_on_until_stopped(scheduler: BackgroundScheduler) -> None:
    """Take up a night that was cut off, now or later, until `stop`; what runs then ends in order, within STOP_SECONDS and a little."""
    before = _clocks()
    while not _stopping.is_set():
        try:
            take_up()
        except GimonitorError:  # a scheduled job's edge: the store may be back before the night
            log.exception("a night that was cut off could not be looked for")
        _stopping.wait(TAKE_UP_SECONDS)
        now = _clocks()
        _watch_clock(before, now)
        before = now
    scheduler.shutdown(wait=True)


Clocks = tuple[float, float]
"""Seconds of the clock that people set, and of that which nobody can."""


def _clocks() -> Clocks:
    return time.time(), time.clock_gettime(time.CLOCK_BOOTTIME)


def _watch_clock(before: Clocks, now: Clocks) -> None:
    """Say when the clock was moved between two looks, even where it was put right again later."""
    moved = (now[0] - before[0]) - (now[1] - before[1])
    if abs(moved) > CLOCK_SECONDS:
        log.warning("the clock was moved by %+.0f minutes", moved / 60, extra=trouble(Trouble.CLOCK))


def stop() -> None:
    """Ask everything that runs to end. From a thread of its own: a signal may come while the event's lock is held."""
    threading.Thread(target=_stopping.set).start()


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
    """The scheduled run: a process of its own, ended when its hours are over; trouble is told at once.

    A night that has its run already, of another scheduler, is left to it. One whose process was killed is taken up once.
    """
    configuration, now = load_configuration(), datetime.now(BEIJING)
    slot = slot_of(now)
    if _run_of(configuration, slot) is not None:
        log.info("%s has its run already", slot)
        take_up()
        return
    ended = _in_process(configuration, ["run", "nightly", "--slot", slot], configuration.night_hours * 3600)
    if _is_anothers(configuration, slot, ended):
        log.info("%s is run by another scheduler", slot)
    elif ended.code < 0 and not _stopping.is_set() and _run_of(configuration, slot) is not None:
        _alarm(configuration, f"{slot} 夜间采集的进程被终止（{ended.code}），续采一次")
        take_up()
    else:
        _go_on(configuration, slot, ended, now + timedelta(hours=configuration.night_hours))


def take_up() -> None:
    """Go on with the latest night where it was cut off and its hours are not over; once for each, and none that was run by hand.

    Where workers go on with a night whose own process has died, its part is taken up beside them.
    """
    configuration, now = load_configuration(), datetime.now(BEIJING)
    with open_store(configuration.store_url) as store:
        close_abandoned(configuration, store, now)
        with store.write() as c:
            run = next((run for run in runs.latest_runs(c, 5, runs.NIGHTLY) if run.slot), None)
            ends = run.started_at + timedelta(hours=configuration.night_hours) if run else now
            if run is None or ends <= now or not _is_left(configuration, run):
                return
            if not runs.mark_once(c, run.id, TAKEN_UP):
                return
    ended = _in_process(configuration, ["run", "resume", str(run.id)], (ends - now).total_seconds())
    _go_on(configuration, run.slot, ended, ends)


def _is_left(configuration: Configuration, run: runs.StoredRun) -> bool:
    """True for a run that nobody brings to its end; its slices may be at work."""
    if run.state is RunState.RUNNING:
        return configuration.spread and has_died(str(run.config.get(runs.RUNNER, "")))
    return run.state is RunState.INTERRUPTED


def _go_on(configuration: Configuration, slot: str, ended: Ended, ends: datetime) -> None:
    """What follows a crawl: an alarm where it failed or collected nothing, and the other steps while there is time."""
    if _stopping.is_set():
        return
    run, whole = _run_of(configuration, slot), ended.code in (0, PartialError.exit_code)  # gaps are for the morning
    useless = run is not None and run.state in (RunState.FAILED, RunState.BLOCKED)
    if run is not None and useless and (whole or ended.code == BlockedError.exit_code):
        told = _of_night(configuration, run)
        _alarm(configuration, f"{slot} 夜间采集{RUN_STATES[run.state]}，没有可用的商品：\n{told}")
    elif not whole:
        _tell(configuration, f"{slot} 夜间采集", ended)
    if whole:
        _follow(configuration, slot, ends)


def _follow(configuration: Configuration, slot: str, ends: datetime) -> None:
    """The steps that follow a night's crawl, while there is time."""
    for step in AFTER:
        left = (ends - datetime.now(BEIJING)).total_seconds()
        if left <= 0 or _stopping.is_set():
            log.warning("no time is left for %s", " ".join(step))
            continue
        ended = _in_process(configuration, list(step), left)
        fine = (0, PartialError.exit_code, BlockedError.exit_code)
        if ended.code not in fine and not _stopping.is_set():
            _tell(configuration, f"{slot} {' '.join(step)} ", ended)


def _of_night(configuration: Configuration, run: runs.StoredRun) -> str:
    """What a night got and why not more, by its records: the sum first, then each kind of gap once."""
    with open_store(configuration.store_url) as store, store.read() as c:
        symptoms = load_health(c, run).symptoms
        lines = told_night(run, runs.load_coverage(c, run.id), runs.load_slices(c, run.id), symptoms)
    more = [f"另有 {len(lines) - TOLD} 行，见 gimonitor coverage --run {run.id} --gaps"] if len(lines) > TOLD else []
    return "\n".join([*lines[:TOLD], *more])


def _last_words(said: str) -> str:
    """The last lines of what a process said, none cut but at its end."""
    lines = [line.rstrip() for line in said.splitlines() if line.strip()][-SAID:]
    return "\n".join(line if len(line) <= WIDE else f"{line[:WIDE]}…" for line in lines)


def _tell(configuration: Configuration, what: str, ended: Ended) -> None:
    _alarm(configuration, f"{what}以 {ended.code} 结束：\n{_last_words(ended.said)}")


def _alarm(configuration: Configuration, text: str) -> None:
    log.error("%s", text)
    raise_alarm(configuration, text, datetime.now(BEIJING))


def _run_of(configuration: Configuration, slot: str) -> runs.StoredRun | None:
    """The run of a slot; None where there is none, or the store does not tell: the run itself will say why."""
    try:
        with open_store(configuration.store_url) as store, store.read() as c:
            return runs.find_run(c, slot)
    except GimonitorError as error:
        log.warning("%s: the store does not tell: %s", slot, error)
        return None


def _is_anothers(configuration: Configuration, slot: str, ended: Ended) -> bool:
    """True when our process found the slot taken: two schedulers began within one moment."""
    if ended.code != ConflictError.exit_code:
        return False
    run = _run_of(configuration, slot)
    return run is not None and f":{ended.pid}:" not in str(run.config.get(runs.RUNNER, ""))


def morning() -> None:
    """The scheduled digest: sent once a day, however many schedulers there are; only filed where no way is set up.

    Where the store cannot note it (gone, locked, no room on the disk) it is sent all the same: it says so itself.
    """
    configuration, slot = load_configuration(), slot_of(datetime.now(BEIJING), MORNING)
    command = ["digest", *(["--send"] if channels(configuration) else [])]
    try:
        with open_store(configuration.store_url) as store, store.write() as c:
            run_id = runs.start_run(c, runs.DIGEST, {}, slot=slot)
    except ConflictError:
        log.info("%s has been sent already", slot)
        return
    except GimonitorError as error:
        log.warning("%s cannot be noted in the store: %s", slot, error)
        ended = _in_process(configuration, command, 600)
    else:
        ended = _in_process(configuration, command, 600)
        with open_store(configuration.store_url) as store, store.write() as c:
            runs.finish_run(c, run_id, RunState.OK if ended.code == 0 else RunState.FAILED, _last_words(ended.said))
    if ended.code and not _stopping.is_set():
        _tell(configuration, f"{slot} 晨报", ended)


def _in_process(configuration: Configuration, arguments: list[str], seconds: float) -> Ended:
    """Run a command of ours. SIGTERM when its time is over or the scheduler is stopped, SIGKILL after STOP_SECONDS more."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "gimonitor", *arguments],
        env=child_environment(configuration),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,  # Ctrl-C in a terminal is for the scheduler, which passes it on once
    )
    said = _await(process, seconds)
    log.info("%s: %s\n%s", arguments, process.returncode, said)  # what is wrong with that, `_alarm` says
    return Ended(code=process.returncode, said=said, pid=process.pid)


def _await(process: subprocess.Popen[str], seconds: float) -> str:
    """Wait for a process, or end it, and return what it said."""
    ends = time.monotonic() + seconds
    while True:
        try:
            return process.communicate(timeout=LOOK_SECONDS)[0]
        except subprocess.TimeoutExpired:
            if not _stopping.is_set() and time.monotonic() < ends:
                continue
        why = "stopped with the scheduler" if _stopping.is_set() else f"stopped after {seconds / 3600:g} hours"
        process.terminate()
        try:
            said, _ = process.communicate(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            said, _ = process.communicate()
        return f"{said}\n{why}"
