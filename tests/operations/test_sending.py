"""That the digest arrives. Mail and robots are real servers on loopback."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from email import message_from_string
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner
from pydantic import SecretStr

from gimonitor.cli.main import main
from gimonitor.configuration import Configuration
from gimonitor.errors import ConfigurationError
from gimonitor.operations.deadman import deadman_path, last_sent
from gimonitor.operations.digest import Digest
from gimonitor.operations.sending import WECOM_BYTES, deliver, raise_alarm, shorten

NOW = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)
DIGEST = Digest(
    day=date(2026, 11, 21), title="地理标志监测晨报 2026-11-21（星期六）", text="地理标志监测晨报\n第一行\n", wrong=2
)


@dataclass
class Post:
    """What a robot's address was sent."""

    path: str
    body: bytes


@dataclass
class Robot:
    """A web server that takes messages and answers as told."""

    url: str
    status: int = 200
    reply: bytes = b'{"errcode":0,"errmsg":"ok"}'
    posts: list[Post] = field(default_factory=list)

    @property
    def message(self) -> dict[str, object]:
        [post] = self.posts
        return json.loads(post.body)  # type: ignore[no-any-return]


@pytest.fixture
def robot() -> Iterator[Robot]:
    made = Robot(url="")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            made.posts.append(Post(path=self.path, body=body))
            self.send_response(made.status)
            self.end_headers()
            self.wfile.write(made.reply)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.url = f"http://127.0.0.1:{server.server_address[1]}/send?key=SECRETKEY"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield made
        server.shutdown()
        thread.join()


@dataclass
class MailServer:
    """An SMTP server (RFC 5321) that keeps what it is handed."""

    port: int = 0
    messages: list[tuple[list[str], str]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    refuse: str = ""
    features: tuple[str, ...] = ("8BITMIME",)


@contextmanager
def mail_server(given: MailServer, tls: ssl.SSLContext | None = None, implicit: bool = False) -> Iterator[MailServer]:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(ssl.SSLError):  # the client does not believe the certificate
                self.talk(tls.wrap_socket(self.request, server_side=True) if implicit and tls else self.request)

        def talk(self, wire: socket.socket, greet: bool = True) -> None:
            with wire, wire.makefile("rb") as lines:
                if greet:
                    wire.sendall(b"220 practice\r\n")
                recipients: list[str] = []
                while line := lines.readline():
                    word, _, rest = line.decode().strip().partition(" ")
                    if word.upper() == "STARTTLS":
                        assert tls
                        wire.sendall(b"220 go ahead\r\n")
                        self.talk(tls.wrap_socket(wire, server_side=True), greet=False)
                        return
                    wire.sendall(self.answer(word.upper(), rest, recipients, wire, lines))

        def answer(self, word: str, rest: str, recipients: list[str], wire: socket.socket, lines: BinaryIO) -> bytes:
            if word == "EHLO":
                return (
                    b"250-practice\r\n"
                    + b"".join(f"250-{one}\r\n".encode() for one in given.features)
                    + b"250 HELP\r\n"
                )
            if word == "AUTH":
                given.logins.append(base64.b64decode(rest.split()[1]).decode())
                return b"235 in\r\n"
            if word == "RCPT":
                if given.refuse and given.refuse in rest:
                    return b"550 nobody of that name\r\n"
                recipients.append(rest)
            if word == "DATA":
                wire.sendall(b"354 go on\r\n")
                text = []
                while (part := lines.readline()) != b".\r\n":
                    text.append(part.decode())
                given.messages.append((list(recipients), "".join(text)))
            return b"221 bye\r\n" if word == "QUIT" else b"250 ok\r\n"

    socketserver.ThreadingTCPServer.allow_reuse_address = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        given.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield given
        finally:
            server.shutdown()
            thread.join()


def by_mail(configuration: Configuration, port: int, **changes: object) -> Configuration:
    settings = {
        "smtp_host": "127.0.0.1",
        "smtp_port": port,
        "smtp_security": "none",
        "mail_from": "jiance@bureau.example",
        "digest_to": ("a@bureau.example", "b@bureau.example"),
    }
    return configuration.model_copy(update=settings | changes)


def errors(configuration: Configuration, digest: Digest = DIGEST) -> dict[str, str]:
    return {outcome.channel: outcome.error for outcome in deliver(configuration, digest, NOW)}


def test_mail_arrives_whole_in_chinese_at_every_address(configuration: Configuration) -> None:
    with mail_server(MailServer()) as server:
        assert errors(by_mail(configuration, server.port)) == {"文件": "", "邮件": "", "静默告警标记": ""}
    [(recipients, raw)] = server.messages
    message = message_from_string(raw, policy=default)
    assert isinstance(message, EmailMessage)
    assert [address in " ".join(recipients) for address in ("a@bureau.example", "b@bureau.example")] == [True, True]
    assert message.get_content().replace("\r\n", "\n") == DIGEST.text
    assert message["Subject"] == "地理标志监测晨报 2026-11-21（星期六）：2 项需要处理"
    assert message["Date"].datetime == NOW
    assert (configuration.data_dir / "digests" / "2026-11-21.txt").read_text("utf-8") == DIGEST.text
    assert last_sent(configuration) == NOW


def test_an_address_that_is_refused_is_an_error_and_leaves_the_mark_untouched(configuration: Configuration) -> None:
    with mail_server(MailServer(refuse="b@")) as server:
        found = errors(by_mail(configuration, server.port))
    assert "b@bureau.example" in found["邮件"]
    assert "静默告警标记" not in found
    assert last_sent(configuration) is None


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(path), "-out", f"{path}.crt"]
    subprocess.run(command, check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + Path(f"{path}.crt").read_bytes())
    return path


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_mail_is_encrypted_and_logged_in_and_a_strange_certificate_refused(
    configuration: Configuration, certificate: Path, monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    features = ("AUTH PLAIN",) if security == "tls" else ("STARTTLS", "AUTH PLAIN")
    with mail_server(MailServer(features=features), context, implicit=security == "tls") as server:
        settings = by_mail(
            configuration,
            server.port,
            smtp_host="localhost",
            smtp_security=security,
            smtp_user="jiance",
            smtp_password=SecretStr("SECRETWORD"),
        )
        strange = errors(settings)
        assert "CERTIFICATE_VERIFY_FAILED" in strange["邮件"]
        assert server.logins == []
        monkeypatch.setenv("SSL_CERT_FILE", f"{certificate}.crt")
        assert errors(settings)["邮件"] == ""
    assert server.logins == ["\0jiance\0SECRETWORD"]
    assert len(server.messages) == 1


def test_a_password_is_never_sent_in_the_open(configuration: Configuration) -> None:
    settings = by_mail(configuration, 25, smtp_host="mail.example", smtp_password=SecretStr("SECRETWORD"))
    with pytest.raises(ConfigurationError, match="readable for all"):
        deliver(settings, DIGEST, NOW)


def test_wecom_gets_text_within_its_limit_with_the_place_of_the_rest(
    configuration: Configuration, robot: Robot
) -> None:
    settings = configuration.model_copy(update={"digest_wecom_url": SecretStr(robot.url)})
    long = replace(DIGEST, text="线索一条条地写下去\n" * 400)
    assert errors(settings, long)["企业微信"] == ""
    message = robot.message
    assert message["msgtype"] == "text"
    content = message["text"]["content"]  # type: ignore[index]
    assert len(content.encode()) <= WECOM_BYTES
    assert "digests/2026-11-21.txt" in content


def test_an_alarm_that_was_cut_names_the_file_it_was_kept_in_and_none_that_is_not_there(
    configuration: Configuration, robot: Robot
) -> None:
    settings = configuration.model_copy(update={"digest_wecom_url": SecretStr(robot.url)})
    long = "夜间采集失败：\n" + "缺口一条条地写下去\n" * 400
    raise_alarm(settings, long, NOW)
    content = robot.message["text"]["content"]  # type: ignore[index]
    assert content.endswith("（未完，全文见数据目录 digests/alarms.txt）\n") and len(content.encode()) <= WECOM_BYTES
    assert long in (configuration.data_dir / "digests/alarms.txt").read_text(encoding="utf-8")
    (configuration.data_dir / "digests/alarms.txt").unlink()
    (configuration.data_dir / "digests").rmdir()
    (configuration.data_dir / "digests").write_text("in the way")
    robot.posts.clear()
    raise_alarm(settings, long, NOW)
    assert robot.message["text"]["content"].endswith("地写下去\n……（未完）\n")  # type: ignore[index]


def test_dingtalk_gets_text_at_an_address_signed_for_this_moment(configuration: Configuration, robot: Robot) -> None:
    settings = configuration.model_copy(
        update={"digest_dingtalk_url": SecretStr(robot.url), "digest_dingtalk_secret": SecretStr("SEC1")}
    )
    assert errors(settings)["钉钉"] == ""
    assert robot.message == {"msgtype": "text", "text": {"content": DIGEST.text}}
    query = parse_qs(urlsplit(robot.posts[0].path).query)
    stamp = str(int(NOW.timestamp() * 1000))
    expected = hmac.new(b"SEC1", f"{stamp}\nSEC1".encode(), hashlib.sha256).digest()
    assert (query["timestamp"], query["sign"], query["key"]) == (
        [stamp],
        [base64.b64encode(expected).decode()],
        ["SECRETKEY"],
    )


def test_feishu_gets_its_own_form_signed_in_the_body(configuration: Configuration, robot: Robot) -> None:
    robot.reply = b'{"StatusCode":0,"code":0,"msg":"success"}'
    settings = configuration.model_copy(
        update={"digest_feishu_url": SecretStr(robot.url), "digest_feishu_secret": SecretStr("SEC2")}
    )
    assert errors(settings)["飞书"] == ""
    stamp = str(int(NOW.timestamp()))
    sign = base64.b64encode(hmac.new(f"{stamp}\nSEC2".encode(), b"", hashlib.sha256).digest()).decode()
    assert robot.message == {"timestamp": stamp, "sign": sign, "msg_type": "text", "content": {"text": DIGEST.text}}


@pytest.mark.parametrize(
    ("status", "reply", "said"),
    [
        (200, b'{"errcode":93000,"errmsg":"invalid webhook url"}', "93000 invalid webhook url"),
        (200, b'{"code":19021,"msg":"sign match fail"}', "19021 sign match fail"),
        (200, b"<html>login</html>", "不是 JSON"),
        (200, b"{}", "没有确认"),
        (200, b"[]", "没有确认"),
        (500, b"", "HTTP 500"),
    ],
)
def test_a_robot_that_does_not_say_yes_has_not_got_it(
    configuration: Configuration, robot: Robot, status: int, reply: bytes, said: str
) -> None:
    robot.status, robot.reply = status, reply
    found = errors(configuration.model_copy(update={"digest_wecom_url": SecretStr(robot.url)}))
    assert said in found["企业微信"]
    assert "SECRETKEY" not in str(found)
    assert last_sent(configuration) is None


def test_one_way_that_fails_does_not_stop_the_others(configuration: Configuration, robot: Robot) -> None:
    dead = SecretStr("http://127.0.0.1:9/robot?key=SECRETKEY")
    settings = configuration.model_copy(update={"digest_wecom_url": dead, "digest_dingtalk_url": SecretStr(robot.url)})
    found = errors(settings)
    assert "连接失败" in found["企业微信"]
    assert "SECRETKEY" not in str(found)
    assert found["钉钉"] == ""
    assert last_sent(configuration) is None


def test_a_disk_that_takes_no_file_does_not_stop_the_message(configuration: Configuration, robot: Robot) -> None:
    (configuration.data_dir / "digests").write_text("in the way")
    found = errors(configuration.model_copy(update={"digest_wecom_url": SecretStr(robot.url)}))
    assert found["文件"]
    assert found["企业微信"] == ""
    assert len(robot.posts) == 1
    assert "静默告警标记" not in found


def test_a_digest_that_saw_nothing_of_the_store_goes_out_and_leaves_no_mark(
    configuration: Configuration, robot: Robot
) -> None:
    settings = configuration.model_copy(
        update={"digest_wecom_url": SecretStr(robot.url), "deadman_url": SecretStr(robot.url.replace("send", "alive"))}
    )
    assert errors(settings, replace(DIGEST, is_blind=True)) == {"文件": "", "企业微信": ""}
    assert len(robot.posts) == 1 and last_sent(configuration) is None


def test_quiet_sends_nothing_when_nothing_is_wrong_and_still_leaves_its_mark(
    configuration: Configuration, robot: Robot
) -> None:
    settings = configuration.model_copy(
        update={"digest_wecom_url": SecretStr(robot.url.replace("send", "robot")), "digest_quiet": True}
    ).model_copy(update={"deadman_url": SecretStr(robot.url.replace("send", "alive"))})
    assert errors(settings, replace(DIGEST, wrong=0)) == {"文件": "", "静默告警标记": "", "静默告警地址": ""}
    assert [post.path.partition("?")[0] for post in robot.posts] == ["/alive"]
    assert last_sent(configuration) == NOW
    assert errors(settings, DIGEST)["企业微信"] == ""


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "no way to send"),
        ({"digest_wecom_url": SecretStr("http://robot.example/?key=SECRETKEY")}, "https"),
        ({"smtp_host": "mail.example"}, "digest_to, mail_from"),
    ],
)
def test_settings_that_do_not_fit_together_are_said_before_anything_is_sent(
    configuration: Configuration, settings: dict[str, object], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said) as caught:
        deliver(configuration.model_copy(update=settings), DIGEST, NOW)
    assert "SECRETKEY" not in str(caught.value)


def test_no_secret_stands_in_the_settings_as_printed(configuration: Configuration) -> None:
    secret = {name: SecretStr("SECRETKEY") for name in ("digest_wecom_url", "digest_feishu_secret", "smtp_password")}
    assert "SECRETKEY" not in repr(configuration.model_copy(update=secret))


def test_text_is_cut_between_lines_and_never_inside_a_character() -> None:
    cut = shorten("甲乙丙\n" * 100, 300, "digests/2026-11-21.txt")
    assert len(cut.encode()) <= 300
    assert cut.partition("\n……")[0].splitlines() == ["甲乙丙"] * len(cut.partition("\n……")[0].splitlines())
    assert shorten("短", 300, "x") == "短"


def test_the_command_prints_sends_and_ends_with_5_when_a_way_failed(
    configuration: Configuration, robot: Robot, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [n for n in os.environ if n.startswith("GIMONITOR_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIMONITOR_DATA_DIR", str(configuration.data_dir))
    printed = CliRunner().invoke(main, ["digest"])
    assert "还没有采集过" in printed.output
    assert not deadman_path(configuration).exists()
    monkeypatch.setenv("GIMONITOR_DIGEST_WECOM_URL", robot.url)
    sent = CliRunner().invoke(main, ["digest", "--send"])
    assert sent.exit_code == 0
    assert "还没有采集过" in robot.message["text"]["content"]  # type: ignore[index]
    assert deadman_path(configuration).exists()
    robot.reply = b'{"errcode":1}'
    failed = CliRunner().invoke(main, ["digest", "--send"], standalone_mode=False)
    assert getattr(failed.exception, "exit_code", None) == 5
