"""The same page comes out of every kind of file it may be saved in; broken files are told apart from empty ones."""

import base64
import gzip
import io
import json
import zipfile
from dataclasses import replace

import pytest
from click.testing import CliRunner
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from gimonitor.cli.parse import app
from gimonitor.errors import BlockedError, InputError, PartialError
from gimonitor.parsing.capture import credentials_in, open_capture, read_capture
from gimonitor.practice import pages
from gimonitor.practice.catalogue import load_catalogue

CATALOGUE = load_catalogue()
GOOD = CATALOGUE.goods["g032"]
BASE = "http://127.0.0.1:8601"
URL = f"{BASE}/item/{GOOD.id}.html"
HTML = pages.item_page(CATALOGUE, GOOD, BASE, 1).encode()
LISTING = CATALOGUE.listing(GOOD, base=BASE)


def mhtml(body=HTML):
    head = f"From: <Saved by Blink>\r\nSnapshot-Content-Location: {URL}\r\nDate: Sun, 22 Nov 2026 01:00:00 -0000\r\n"
    head += 'MIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="----x"\r\n\r\n'
    part = f"------x\r\nContent-Type: text/html\r\nContent-Location: {URL}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    frame = (
        "\r\n------x\r\nContent-Type: text/html\r\nContent-Location: cid:frame\r\n\r\n<p>a frame</p>\r\n------x--\r\n"
    )
    return head.encode() + part.encode() + base64.encodebytes(body) + frame.encode()


def har(body=HTML, encoding="", status=200):
    text = base64.b64encode(body).decode() if encoding else body.decode()
    content = {"mimeType": "text/html", "text": text} | ({"encoding": encoding} if encoding else {})
    picture = {
        "request": {"url": f"{BASE}/a.png"},
        "response": {"status": 200, "content": {"mimeType": "image/png", "text": "x"}},
    }
    entry = {
        "request": {"url": URL},
        "response": {"status": status, "content": content},
        "startedDateTime": "2026-11-22",
    }
    return json.dumps({"log": {"version": "1.2", "entries": [picture, entry]}}).encode()


def warc(body=HTML, compressed=True, status="200 OK"):
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=compressed)
    headers = StatusAndHeaders(status, [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
    for url, kind, content in ((f"{BASE}/a.png", "image/png", b"\x89PNG"), (URL, "", body)):
        own = StatusAndHeaders("200 OK", [("Content-Type", kind)], protocol="HTTP/1.1") if kind else headers
        writer.write_record(
            writer.create_warc_record(
                url, "response", payload=io.BytesIO(content), length=len(content), http_headers=own
            )
        )
    return out.getvalue()


def wacz(inner=None, name="archive/data.warc.gz"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("datapackage.json", "{}")
        archive.writestr(name, warc() if inner is None else inner)
    return out.getvalue()


FILES = {
    "html": HTML,
    "singlefile": HTML.replace(b"<html", f"<!--\n Page saved with SingleFile \n url: {URL} \n-->\n<html".encode(), 1),
    "html, saved by a browser": HTML.replace(b"<html", f"<!-- saved from url=(0041){URL} -->\n<html".encode(), 1),
    "mhtml": mhtml(),
    "har": har(),
    "har in base64": har(encoding="base64"),
    "warc": warc(),
    "warc, plain": warc(compressed=False),
    "wacz": wacz(),
}


@pytest.mark.parametrize("kind", FILES)
def test_every_file_gives_the_same_listing(kind):
    (reading,) = read_capture(FILES[kind])
    assert reading.parsed is not None, reading
    (listing,) = reading.parsed.listings
    assert replace(listing, parser="", missing=()) == LISTING
    assert reading.page.url == URL
    assert reading.page.container == kind.split(",")[0].split(" ")[0]


def test_a_refusal_in_a_file_is_a_refusal():
    for file in (
        har(pages.challenge_page().encode()),
        warc(pages.login_page().encode()),
        mhtml(pages.challenge_page().encode()),
    ):
        (reading,) = read_capture(file, platform="practice")
        assert reading.blocked in ("challenge", "login") and reading.parsed is None
    (reading,) = read_capture(warc(b"<html>busy</html>", status="503 Service Unavailable"))
    assert reading.blocked == "unavailable"


def test_one_bad_page_does_not_spoil_the_others():
    bad, good = json.loads(har(b"<b " + b"a=1 " * 60_000 + b">")), json.loads(har())
    bad["log"]["entries"] += good["log"]["entries"]
    first, second = read_capture(json.dumps(bad).encode())
    assert "longer than" in first.error and second.parsed.listings[0].title == GOOD.title


BROKEN = {
    "har": har()[:-40],
    "warc cut short": warc()[: len(warc()) * 2 // 3],
    "gzip that is no warc": gzip.compress(b"hello " * 100),
    "zip without archive": wacz(name="other/data.txt"),
    "zip cut short": wacz()[:-30],
    "zip bomb": wacz(inner=b"\x00" * (40 << 20)),
    "mhtml without parts": b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\nnothing",
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_are_said_to_be_broken(name):
    with pytest.raises(InputError):
        list(open_capture(BROKEN[name]))


def test_singlefile_tells_when_it_was_saved():
    told = b" url: " + URL.encode() + b" \n saved date: Tue May 28 2024 10:11:12 GMT+0800 (China Standard Time)\n"
    page = FILES["singlefile"].replace(b" url: " + URL.encode() + b" \n", told)
    assert [one.at for one in open_capture(page)] == ["2024-05-28T10:11:12+08:00"]
    assert [one.at for one in open_capture(page.replace(b"May 28", b"Mai 99"))] == [""]


def test_an_entry_whose_body_is_no_base64_says_so():
    bad, good = json.loads(har(encoding="base64")), json.loads(har())
    bad["log"]["entries"][1]["response"]["content"]["text"] = "abcde"
    bad["log"]["entries"] += good["log"]["entries"]
    first, second = read_capture(json.dumps(bad).encode())
    assert "no base64" in first.error and second.parsed.listings[0].title == GOOD.title


def test_a_file_that_breaks_off_gives_what_it_has():
    whole, torn = warc(), warc()[:-20]
    good, broken = read_capture(whole + torn)
    assert broken.page.container == "warc"
    assert good.parsed.listings[0].title == GOOD.title and "cut short" in broken.error


@pytest.mark.parametrize("body", [b"{}", b"[]", b"<", b"<html>"])
def test_nonsense_gives_nothing(body):
    assert all(not r.parsed or not r.parsed.listings for r in read_capture(body))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"PK",
        b"\x1f",
        b"\x00" * 100,
        b"junk 12",
        b'{"log": {"entries": []}}',
        mhtml().replace(b"text/html", b"image/png"),
    ],
)
def test_a_file_without_a_page_says_so(body):
    with pytest.raises(InputError, match=r"no (saved )?page"):
        read_capture(body)


def test_an_mhtml_cut_short_gives_its_page_and_says_so():
    good, broken = read_capture(mhtml()[:-40])
    assert good.parsed.listings[0].title == GOOD.title and "cut short" in broken.error


def test_command_prints_json_a_page_a_line(tmp_path):
    for name, file in FILES.items():
        (tmp_path / name.replace(", ", "_").replace(" ", "_")).write_bytes(file)
    result = CliRunner().invoke(app, [str(path) for path in sorted(tmp_path.iterdir())])
    assert result.exit_code == 0
    lines = [json.loads(line) for line in result.output.splitlines()]
    assert len(lines) == len(FILES)
    assert {line["listings"][0]["title"] for line in lines} == {GOOD.title}
    assert {line["parser"] for line in lines} == {"practice.item@1"}


def test_command_says_blocked_and_unreadable(tmp_path):
    (tmp_path / "a.html").write_text(pages.challenge_page(), encoding="utf-8")
    result = CliRunner().invoke(app, [str(tmp_path / "a.html"), "--platform", "practice"])
    assert isinstance(result.exception, BlockedError) and json.loads(result.output)["blocked"] == "challenge"
    result = CliRunner().invoke(app, [str(tmp_path / "none.html")])
    assert isinstance(result.exception, InputError) and "none.html" in str(result.exception)


def test_command_says_why_a_file_gives_nothing(tmp_path):
    bodies = {"a.har": b'{"version": "1.2"}', "b.bin": b"junk 12", "c.html": b"<html><p>" + b"rice " * 99}
    for name, body in bodies.items():
        (tmp_path / name).write_bytes(body)
    result = CliRunner().invoke(app, [str(tmp_path / name) for name in bodies])
    assert isinstance(result.exception, PartialError), result.output
    assert "a.har: nothing was read: it is of no kind" in str(result.exception)
    assert "b.bin: no saved page: neither" in result.stderr and "c.html: nothing was read" in result.stderr
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line.get("container") for line in lines] == ["json", None, "html"]


def test_headers_that_carry_a_session_are_named():
    told = HTML + b"<p>Cookie: crumbs</p>"
    assert credentials_in(told) == credentials_in(har(told)) == credentials_in(warc(told)) == ()
    entry = json.loads(har())
    entry["log"]["entries"][0]["response"]["headers"] = [{"name": "Set-Cookie", "value": "a"}]
    assert credentials_in(json.dumps(entry).encode()) == ("set-cookie",)
    record = b"WARC/1.0\r\nWARC-Type: request\r\n\r\nGET / HTTP/1.1\r\nCookie: a=b\r\nAuthorization: x\r\n\r\n\r\n\r\n"
    for file in (record, gzip.compress(record), wacz(gzip.compress(record))):
        assert credentials_in(file) == ("authorization", "cookie")
    assert credentials_in(gzip.compress(record)[:-5]) == credentials_in(b"PK\x03\x04cut") == ()
