"""The models tried on a text: compiled at the first use, because that takes seconds, and kept. And back-tests begun."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

from gimonitor.configuration import Configuration
from gimonitor.errors import InputError, RulesError
from gimonitor.model.finding import Screening
from gimonitor.model.listing import Listing
from gimonitor.model.register import Model, Register
from gimonitor.register import load_register
from gimonitor.screening.screener import Screener
from gimonitor.web.rules import Rules


class Lab:
    """Screens listings that are stored nowhere. Safe to share between threads."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._lock = threading.Lock()
        self._compiled: tuple[str, Screener] | None = None  # by its register's digest
        self._draft: tuple[str, Screener] | None = None  # the one tried last, by its register's digest

    @property
    def models(self) -> tuple[Model, ...]:
        """The models in force and out of force, as the rule files hold them."""
        register = self._rules.register
        return register.models if register else ()

    def screen(self, listing: Listing, on: date) -> Screening:
        """What the active models say of a listing. Raises InputError where the rules are broken."""
        register = self._rules.register
        if register is None:
            raise InputError("档案文件有错误，暂不能试跑")
        with self._lock:
            if self._compiled is None or self._compiled[0] != register.digest:
                self._compiled = (register.digest, _compiled(register))
            return self._compiled[1].screen(listing, on)

    def screen_with(self, candidate: Register, listing: Listing, on: date) -> Screening:
        """What a register that is not in force would say. Raises InputError where it cannot be screened with."""
        with self._lock:
            if self._draft is None or self._draft[0] != candidate.digest:
                self._draft = (candidate.digest, _compiled(candidate))
            return self._draft[1].screen(listing, on)

    def reload(self, folder: Path) -> None:
        """Take the rules as they are now, after a model came into force or went out of it."""
        self._rules.replace(load_register(folder))


def _compiled(register: Register) -> Screener:
    try:
        return Screener(register)
    except RulesError as error:
        raise InputError("规则文件不完整，暂不能试跑；请运维员检查规则文件") from error


def start_backtest(configuration: Configuration, rules: Path, draft_id: int, who: str) -> None:
    """Begin a back-test in a process of its own: it takes minutes, and what it found stands in the store."""
    environment = dict(os.environ, GIMONITOR_DATA_DIR=str(configuration.data_dir.resolve()))
    environment |= {"GIMONITOR_DATABASE_URL": configuration.store_url, "GIMONITOR_RULES_DIR": str(rules.resolve())}
    logs = configuration.data_dir / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-P", "-m", "gimonitor", "models", "backtest", str(draft_id), f"--by={who}", "--json"]
    with (logs / "backtest.log").open("ab") as log:
        subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=log, cwd=logs, start_new_session=True
        )
