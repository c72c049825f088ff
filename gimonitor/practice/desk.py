"""The desk of the practice APIs: goods, calls counted, tokens given, odd answers on purpose; and what all of them check. The
checks are written apart from the client that they try."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from gimonitor.model.zone import BEIJING
from gimonitor.practice.catalogue import Catalogue, Good

KEY = "practice-key"
SECRET = "practice-secret"  # noqa: S105  # the practice server's own, printed in the docs
TOKEN = "practice-token"  # noqa: S105  # as above
MINUTES = 10

Json = dict[str, object]
Form = Mapping[str, str]


class ApiFault(StrEnum):
    """What the APIs do wrong on purpose, all of them alike, until told otherwise."""

    SIGNATURE = "signature"  # every signature counts as wrong, as with another secret; at eBay the client's credentials
    TOKEN = "token"  # noqa: S105  # a name, not a token: no access token holds: Kuaishou, 1688, eBay; the others have none
    QUOTA = "quota"  # the calls of the key are used up
    FREQUENCY = "frequency"  # every other call came too fast
    EMPTY = "empty"  # nothing is found
    EMPTY_LATER = "empty_later"  # from the second page on
    TYPES = "types"  # numbers as text and the other way round
    RENAMED = "renamed"  # a field that was documented is gone
    HTML = "html"  # a page instead of JSON
    BROKEN = "broken"  # JSON that is cut off
    DOWN = "down"  # status 503


class Refused(Exception):  # an answer, not an accident
    """The platform's error answer: HTTP status and body."""

    def __init__(self, body: Json, status: int = 200) -> None:
        self.body = body
        self.status = status
        super().__init__(str(body))


Refuse = Callable[[str], Refused]


@dataclass(slots=True)
class ApiDesk:
    """What the APIs remember. `quota` is the calls a key has; `fault` is what they do wrong at present."""

    catalogue: Catalogue
    quota: int = 5000
    fault: ApiFault | None = None
    token: str = TOKEN
    token_seconds: float = 7200
    token_calls: int | None = None
    calls: Counter[str] = field(default_factory=Counter)
    tokens: dict[str, float] = field(default_factory=dict)
    uses: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, name: str, refuse: Refuse) -> None:
        """Count a call. Raises what `refuse` makes of "quota" when it is used up, of "limit" when the call came too fast."""
        with self.lock:
            self.calls[name] += 1
            number = self.calls[name]
        if self.fault is ApiFault.QUOTA or number > self.quota:
            raise refuse("quota")
        if self.fault is ApiFault.FREQUENCY and number % 2:
            raise refuse("limit")

    def holds(self, token: str) -> bool:
        """True for the access token that was given by hand, while it holds."""
        return self.fault is not ApiFault.TOKEN and token == self.token

    @property
    def signing_secret(self) -> str:
        """By which signatures are checked."""
        return f"{SECRET}-changed" if self.fault is ApiFault.SIGNATURE else SECRET

    def name_of(self, field: str) -> str:
        """The name under which a documented field is answered."""
        return f"{field}_new" if self.fault is ApiFault.RENAMED else field

    def found(self, query: str, page: int, size: int) -> tuple[list[Good], int]:
        """A page of goods and how many there are in all."""
        goods = [] if self.fault is ApiFault.EMPTY else self.catalogue.search(query, 1)
        is_cut = self.fault is ApiFault.EMPTY_LATER and page > 1
        shown = [] if is_cut else goods[(page - 1) * size : page * size]
        return shown, len(goods)


def is_now(moment: datetime | None) -> bool:
    """True for a time that a platform accepts."""
    return moment is not None and abs(datetime.now(BEIJING) - moment) <= timedelta(minutes=MINUTES)


def moment_of(text: str) -> datetime | None:
    """`2026-11-22 09:02:03`, Beijing time."""
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
    except ValueError:
        return None


def moment_of_milliseconds(text: str) -> datetime | None:
    """Milliseconds since 1970."""
    return datetime.fromtimestamp(int(text) / 1000, BEIJING) if text.isdigit() and len(text) == 13 else None


def chained(form: Form, without: str) -> str:
    """k1v1k2v2… of what has a value, sorted by name."""
    return "".join(name + form[name] for name in sorted(form) if name != without and form[name])


def check_wrapped_md5(desk: ApiDesk, form: Form, key_name: str, moment: datetime | None, refuse: Refuse) -> None:
    """Key, time and MD5 signature, in this order. Raises what `refuse` makes of "key", "time" or "sign"."""
    if form.get(key_name) != KEY:
        raise refuse("key")
    if not is_now(moment):
        raise refuse("time")
    secret = desk.signing_secret
    digest = hashlib.md5(f"{secret}{chained(form, 'sign')}{secret}".encode(), usedforsecurity=False)
    if form.get("sign") != digest.hexdigest().upper():
        raise refuse("sign")


def whole(value: object, least: int, most: int, refuse: Refused) -> int:
    """A number within bounds. Raises `refuse` for anything else."""
    try:
        number = int(str(value))
    except ValueError as error:
        raise refuse from error
    if not least <= number <= most:
        raise refuse
    return number


Route = Callable[[ApiDesk, Form, Form], Json]
