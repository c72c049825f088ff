"""What the doctor looks at on this machine: disk, clock, fonts, Chromium, LibreOffice, OpenSSL, keys."""

from __future__ import annotations

import ctypes
import os
import shutil
import ssl
import stat
import subprocess
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gimonitor.configuration import Configuration
from gimonitor.crawling.keys import MissingKeyError, load_key
from gimonitor.errors import ConfigurationError, DiskFullError, EvidenceError
from gimonitor.evidence.browser import Browser, find_chromium
from gimonitor.evidence.digest import has_sm3
from gimonitor.operations.checkup import Examination, Line, fail, fine, warn
from gimonitor.operations.plan import API_SOURCES
from gimonitor.papers.pdf import find_office
from gimonitor.store.database import NO_ROOM
from gimonitor.vault import FILE_VARIABLE, is_within, key_file

GROWTH_DAYS = 14
WARN_DAYS = 60
_FONTS = "安装中文字体（Debian：fonts-noto-cjk）"
_UNSYNCHRONISED = 5  # TIME_ERROR of adjtimex(2)


def disk(x: Examination) -> Iterator[Line]:
    """Room now, and until when it lasts at the growth of the last two weeks."""
    folder = _existing(x.configuration.data_dir)
    free, reserve = shutil.disk_usage(folder).free, x.configuration.disk_reserve_mb * 1_000_000
    said = f"{folder} 剩余 {_amount(free)}，保留 {_amount(reserve)}"
    todo = "清理磁盘：gimonitor prune --yes，或扩容"
    if free < max(reserve, NO_ROOM):
        yield fail("磁盘", said + "，采集会停止", todo, DiskFullError.exit_code)
        return
    daily = daily_growth(x.configuration.data_dir, x.now)
    days = (free - reserve) / daily if daily else float("inf")
    if days < WARN_DAYS:
        yield warn("磁盘", f"{said}；每天增长约 {daily / 1e6:.0f} MB，约 {days:.0f} 天后写满", todo)
    elif free < 5 * reserve:
        yield warn("磁盘", said + "，余量不多", todo)
    else:
        yield fine("磁盘", f"{said}；每天增长约 {daily / 1e6:.0f} MB")


def _amount(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"


def _existing(folder: Path) -> Path:
    folder = folder.resolve()
    while not folder.is_dir():
        folder = folder.parent
    return folder


def daily_growth(folder: Path, now: datetime) -> float:
    """Bytes a day: what was written under `folder` in the last two weeks; a database, which is always new, is spread over
    the age of the oldest file. What can be made again (cache) does not count."""
    since = (now - timedelta(days=GROWTH_DAYS)).timestamp()
    written, databases, oldest = 0.0, 0.0, now.timestamp()
    for path in folder.rglob("*"):
        try:
            found = path.lstat()
        except FileNotFoundError:
            continue  # a running crawl renames its files
        if not stat.S_ISREG(found.st_mode) or path.relative_to(folder).parts[0] == "cache":
            continue
        oldest = min(oldest, found.st_mtime)
        if path.suffix == ".sqlite":
            databases += found.st_size
        elif found.st_mtime >= since:
            written += found.st_size
    age = max((now.timestamp() - oldest) / 86400, 1.0)
    return written / min(age, GROWTH_DAYS) + databases / age


def clock(x: Examination) -> Iterator[Line]:
    """Whether the system says that its clock is kept right. That it runs forward is looked at with the store."""
    todo = "启用网络校时（systemd-timesyncd 或 chrony）；取证时间以校准的时钟为准"
    shown = f"{x.now.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    synchronised = is_synchronised()
    if synchronised is None:
        yield warn("时钟", f"{shown}；本机无法说明是否已校时", todo)
    elif synchronised:
        yield fine("时钟", f"{shown}；系统报告已校时")
    else:
        yield warn("时钟", f"{shown}；系统报告未校时", todo)


def is_synchronised() -> bool | None:
    """What the kernel says of its clock; None where it does not tell. Source: adjtimex(2)."""
    try:
        asked = ctypes.CDLL(None, use_errno=True).adjtimex
    except (AttributeError, OSError):
        return None
    state = int(asked(ctypes.create_string_buffer(512)))  # all zero: nothing is set
    return None if state < 0 else state != _UNSYNCHRONISED


def chromium(x: Examination) -> Iterator[Line]:
    """Chromium starts and draws Chinese; without `thorough` only that both are there."""
    try:
        if not x.thorough:
            yield fine("浏览器", find_chromium(x.configuration.chromium))
            yield from _fonts_listed()
            return
        with Browser(x.configuration.chromium) as browser:
            version, missing = browser.run(_start(browser)), browser.missing_glyphs
    except EvidenceError as error:
        yield fail("浏览器", str(error), "安装 Chromium（Debian：chromium），否则不能固证截图", EvidenceError.exit_code)
        yield from _fonts_listed()
        return
    yield fine("浏览器", f"Chromium {version} 可以启动")
    if missing:
        yield fail("字体", f"缺少汉字字形：{missing}；截图会是方框", _FONTS, EvidenceError.exit_code)
    else:
        yield fine("字体", "Chromium 能显示所查汉字")


async def _start(browser: Browser) -> str:
    started = await browser.acquire()
    try:
        return started.version
    finally:
        browser.release()


def _fonts_listed() -> Iterator[Line]:
    try:
        done = subprocess.run(
            ["fc-list", ":lang=zh", "family"], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        yield warn("字体", "没有 fontconfig，未能查看字体", _FONTS)
        return
    families = sorted({line.split(",")[0] for line in done.stdout.splitlines() if line.strip()})
    if families:
        yield fine("字体", f"中文字体 {len(families)} 种，如 {families[0]}")
    else:
        yield fail("字体", "没有中文字体；截图会是方框", _FONTS, EvidenceError.exit_code)


def office(_: Examination) -> Iterator[Line]:
    """LibreOffice, for papers as PDF."""
    path = find_office()
    if path:
        yield fine("LibreOffice", path)
    else:
        yield warn(
            "LibreOffice",
            "没有安装；文书只有 DOCX，没有 PDF",
            "安装（Debian：libreoffice-writer-nogui fonts-noto-cjk）",
        )


def openssl(_: Examination) -> Iterator[Line]:
    """The openssl program, for some time-stamps, and SM3 in Python's own."""
    path = shutil.which("openssl")
    if path is None:
        yield warn("OpenSSL", "没有 openssl 程序；部分时间戳回执不能核验", "安装 openssl")
    if not has_sm3():
        yield warn("OpenSSL", f"{ssl.OPENSSL_VERSION} 不支持 SM3；证据清单只有 SHA-256", "换用支持 SM3 的 OpenSSL 3")
    elif path:
        yield fine("OpenSSL", f"{ssl.OPENSSL_VERSION}，支持 SM3")


def keys(x: Examination) -> Iterator[Line]:
    """Secret files are the owner's only, and API keys can be read."""
    configuration = x.configuration
    problems = 0
    for path in _secret_files(configuration):
        if path.stat().st_mode & 0o077:
            problems += 1
            yield fail("密钥", f"{path} 其他用户可读", f"chmod 600 {path}", ConfigurationError.exit_code)
    folder = configuration.data_dir
    if folder.is_dir() and folder.stat().st_mode & 0o007:
        problems += 1
        yield warn("密钥", f"{folder} 任何用户可读，其中有证据和人员信息", f"chmod o-rwx {folder}")
    key = key_file(os.environ)
    if key and is_within(key, folder):
        problems += 1
        todo = f"移到数据目录之外，用 {FILE_VARIABLE} 指明；旧备份里若有它，再运行 gimonitor secrets renew-key"
        yield warn("密钥", f"{key} 在数据目录之内，与它所加密的文件放在一起，等于没有加密", todo)
    usable = []
    for name in API_SOURCES:
        try:
            load_key(folder, name)
            usable.append(name)
        except MissingKeyError:
            continue
        except ConfigurationError as error:
            problems += 1
            yield fail("密钥", str(error), "改正：gimonitor secrets edit", ConfigurationError.exit_code)
    if not problems:
        yield fine("密钥", f"权限正确；可用的接口密钥：{'、'.join(usable) or '无'}")


def _secret_files(configuration: Configuration) -> list[Path]:
    folder = configuration.data_dir
    settings = Path(os.environ.get("GIMONITOR_CONFIG") or "gimonitor.toml")
    return sorted((folder / "keys").glob("*.pem")) + ([settings] if _holds_secret(settings) else [])


def _holds_secret(path: Path) -> bool:
    """True for a file of settings with a database URL, which may hold a password."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(values.get("database_url"))
