"""The ways a digest leaves: file, e-mail, group robots of 企业微信, 钉钉 and 飞书. One way that fails does not stop the others.

What is said about a failure never holds an address: a robot's address is its key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import logging
import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from email.utils import make_msgid
from functools import partial
from pathlib import Path
from urllib.parse import quote_plus, urlsplit

from pydantic import SecretStr

from gimonitor.configuration import Configuration
from gimonitor.crawling.hosts import is_loopback
from gimonitor.errors import ConfigurationError, DiskFullError, GimonitorError
from gimonitor.evidence.files import disk_errors, part_of, publish
from gimonitor.model.zone import BEIJING
from gimonitor.operations.alarms import FORM, NAME, note_alarm
from gimonitor.operations.deadman import mark_sent
from gimonitor.operations.digest import Digest

TIMEOUT = 20.0
WECOM_BYTES = 2048  # of a text message, in UTF-8; the others take far more than a digest
MAX_REPLY = 64 << 10

log = logging.getLogger(__name__)


class SendingError(GimonitorError):
    """Raised inside this module when one way fails; the caller tells it and goes on with the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one way. `error` is empty when the other side said that it has the digest."""

    channel: str
    error: str = ""


Send = Callable[[Digest, datetime], None]
Message = tuple[str, dict[str, object]]
"""The address to post to, and the body."""
Form = Callable[[str, str, Digest, datetime], Message]


def channels(configuration: Configuration) -> dict[str, Send]:
    """The ways that are set up, by name. Raises ConfigurationError for settings that do not fit together."""
    found: dict[str, Send] = {}
    if configuration.smtp_host:
        _check_mail(configuration)
        found["邮件"] = partial(send_mail, configuration)
    robots = (
        ("企业微信", configuration.digest_wecom_url, SecretStr(""), wecom),
        ("钉钉", configuration.digest_dingtalk_url, configuration.digest_dingtalk_secret, dingtalk),
        ("飞书", configuration.digest_feishu_url, configuration.digest_feishu_secret, feishu),
    )
    for name, url, secret, form in robots:
        if url.get_secret_value():
            _check_address(name, url.get_secret_value())
            found[name] = partial(_send_robot, url.get_secret_value(), secret.get_secret_value(), form)
    return found


def _check_mail(configuration: Configuration) -> None:
    lacking = [] if configuration.digest_to else ["digest_to"]
    if not (configuration.mail_from or configuration.smtp_user):
        lacking.append("mail_from")
    if lacking:
        raise ConfigurationError(f"smtp_host is set, but not {', '.join(lacking)}")
    open_password = configuration.smtp_security == "none" and configuration.smtp_password.get_secret_value()
    if open_password and not is_loopback(configuration.smtp_host):
        raise ConfigurationError("smtp_security none would send smtp_password readable for all: use tls or starttls")


def _check_address(name: str, url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        raise ConfigurationError(f"{name}: the address of the robot must begin with https://")


def deliver(configuration: Configuration, digest: Digest, now: datetime) -> list[Outcome]:
    """Write the file and send by every way that is set up, then leave the dead-man marks if all of them took it.

    No mark is left by a digest that was not filed, or that could not read the store: who watches them is to look.

    With the setting digest_quiet a digest in which nothing is wrong is filed and marked, not sent. Raises
    ConfigurationError when no way is set up.
    """
    ways = channels(configuration)
    if not ways:
        raise ConfigurationError(
            "no way to send the digest: set GIMONITOR_SMTP_HOST, GIMONITOR_DIGEST_WECOM_URL, "
            "GIMONITOR_DIGEST_DINGTALK_URL or GIMONITOR_DIGEST_FEISHU_URL"
        )
    outcomes = [_try("文件", lambda: file_digest(configuration, digest))]
    if not outcomes[0].error:
        digest = replace(digest, file=_name_of(digest))
    if digest.wrong or not configuration.digest_quiet:
        outcomes += [_try(name, partial(send, digest, now)) for name, send in ways.items()]
    if not digest.is_blind and not any(outcome.error for outcome in outcomes):
        outcomes.append(_try("静默告警标记", lambda: mark_sent(configuration, now)))
        if url := configuration.deadman_url.get_secret_value():
            outcomes.append(_try("静默告警地址", lambda: _ping(url)))
    return outcomes


def raise_alarm(configuration: Configuration, what: str, now: datetime) -> list[Outcome]:
    """Say at once what went wrong, by every way that is set up, and keep it in `digests/alarms.txt`. Never raises for a way."""
    text = f"{now.astimezone(BEIJING):{FORM}} {what.strip()}\n"
    alarm = Digest(day=now.astimezone(BEIJING).date(), title="地理标志监测告警", text=text, wrong=1)
    outcomes = [_try("文件", lambda: note_alarm(configuration.data_dir, text))]
    if not outcomes[0].error:
        alarm = replace(alarm, file=NAME)
    outcomes += [_try(name, partial(send, alarm, now)) for name, send in channels(configuration).items()]
    for outcome in outcomes:
        if outcome.error:
            log.error("alarm not taken by %s: %s", outcome.channel, outcome.error)
    return outcomes


def _try(name: str, work: Callable[[], object]) -> Outcome:
    try:
        work()
    except (SendingError, DiskFullError) as error:
        return Outcome(channel=name, error=str(error))
    except OSError as error:  # of the file or the mark: what goes over the network says SendingError
        return Outcome(channel=name, error=error.strerror or type(error).__name__)
    return Outcome(channel=name)


def _name_of(digest: Digest) -> str:
    return f"digests/{digest.day}.txt"


def file_digest(configuration: Configuration, digest: Digest) -> Path:
    """Write `digests/DATE.txt` in the data folder; a second one of a day takes the place of the first. Raises DiskFullError."""
    path = configuration.data_dir / _name_of(digest)
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        part_of(path).write_text(digest.text, encoding="utf-8", errors="replace")
        publish(part_of(path), path)
    return path


# --- e-mail ---------------------------------------------------------------------------------------------------------


def mail_of(configuration: Configuration, digest: Digest, now: datetime) -> EmailMessage:
    """The digest as a message."""
    sender = configuration.mail_from or configuration.smtp_user
    message = EmailMessage()
    message["Subject"] = f"{digest.title}：{f'{digest.wrong} 项需要处理' if digest.wrong else '没有异常'}"
    message["From"] = sender
    message["To"] = ", ".join(configuration.digest_to)
    message["Date"] = now
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2] or "gimonitor")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_plain(digest.text), cte="base64")
    return message


def send_mail(configuration: Configuration, digest: Digest, now: datetime) -> None:
    """Hand the digest to the mail server. Raises SendingError, also when only some addresses were taken."""
    try:
        with _connect(configuration) as server:
            if configuration.smtp_user and configuration.smtp_password.get_secret_value():
                server.login(configuration.smtp_user, configuration.smtp_password.get_secret_value())
            refused = server.send_message(mail_of(configuration, digest, now))
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise SendingError(f"{configuration.smtp_host}:{configuration.smtp_port}: {error}") from error
    if refused:
        raise SendingError(f"{configuration.smtp_host}: 未被接受的收件人 {', '.join(sorted(refused))}")


def _connect(configuration: Configuration) -> smtplib.SMTP:
    host, port = configuration.smtp_host, configuration.smtp_port
    if configuration.smtp_security == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=ssl.create_default_context())
    server = smtplib.SMTP(host, port, timeout=TIMEOUT)
    if configuration.smtp_security == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
    return server


# --- group robots ---------------------------------------------------------------------------------------------------


def wecom(url: str, _secret: str, digest: Digest, _now: datetime) -> Message:
    """A text message of 企业微信, cut to its limit at a line's end."""
    text = shorten(_plain(digest.text), WECOM_BYTES, digest.file)
    return url, {"msgtype": "text", "text": {"content": text}}


def dingtalk(url: str, secret: str, digest: Digest, now: datetime) -> Message:
    """A text message of 钉钉; with a secret the address carries time in ms and signature. A keyword may be 地理标志."""
    message: dict[str, object] = {"msgtype": "text", "text": {"content": _plain(digest.text)}}
    if not secret:
        return url, message
    timestamp = str(int(now.timestamp() * 1000))
    sign = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
    joint = "&" if urlsplit(url).query else "?"
    return f"{url}{joint}timestamp={timestamp}&sign={quote_plus(base64.b64encode(sign))}", message


def feishu(url: str, secret: str, digest: Digest, now: datetime) -> Message:
    """A text message of 飞书; with a secret it carries time in s and signature."""
    message: dict[str, object] = {"msg_type": "text", "content": {"text": _plain(digest.text)}}
    if not secret:
        return url, message
    timestamp = str(int(now.timestamp()))
    sign = hmac.new(f"{timestamp}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return url, {"timestamp": timestamp, "sign": base64.b64encode(sign).decode(), **message}


def shorten(text: str, limit: int, file: str) -> str:
    """Text of at most `limit` bytes in UTF-8, cut at a line's end; that it was is said, and the `file` in which all of it stands."""
    if len(text.encode()) <= limit:
        return text
    ending = f"\n……（未完，全文见数据目录 {file}）\n" if file else "\n……（未完）\n"
    kept = text.encode()[: limit - len(ending.encode())].decode("utf-8", "ignore")
    return kept.rpartition("\n")[0] + ending


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _send_robot(url: str, secret: str, form: Form, digest: Digest, now: datetime) -> None:
    _post(*form(url, secret, digest, now))


def _post(url: str, message: dict[str, object]) -> None:
    body = json.dumps(message, ensure_ascii=False).encode()
    request = urllib.request.Request(  # noqa: S310  # the scheme was checked
        url, data=body, headers={"Content-Type": "application/json; charset=utf-8"}, method="POST"
    )
    try:
        reply = json.loads(_answer(request))
    except ValueError as error:
        raise SendingError("回应不是 JSON，没有确认收到") from error
    codes = (
        [reply[name] for name in ("errcode", "code", "StatusCode") if name in reply] if isinstance(reply, dict) else []
    )
    if not codes:
        raise SendingError("回应中没有确认")
    if codes[0] != 0:
        raise SendingError(f"机器人拒绝：{codes[0]} {reply.get('errmsg') or reply.get('msg') or ''}".rstrip())


def _ping(url: str) -> None:
    _check_address("deadman_url", url)
    _answer(urllib.request.Request(url))  # noqa: S310  # the scheme was checked


def _answer(request: urllib.request.Request) -> bytes:
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310  # the scheme was checked
            raw: bytes = answer.read(MAX_REPLY)
            return raw
    except urllib.error.HTTPError as error:
        error.close()
        raise SendingError(f"HTTP {error.code}") from error
    except urllib.error.URLError as error:
        raise SendingError(f"连接失败：{error.reason}") from error
    except (http.client.HTTPException, OSError) as error:
        raise SendingError(f"连接失败：{type(error).__name__}") from error
