"""A crawl's own memory, for Scrapy's limit on it, and that of the pages it renders."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

from scrapy.extensions.memusage import MemoryUsage

_PROC = Path("/proc")
_STATM = Path("/proc/self/statm")


class ResidentMemory(MemoryUsage):
    """Scrapy's extension looks at the highest use that the system remembers, and on Linux a process that was started takes
    that of its parent along: a crawl under a large parent was ended before it asked for a page."""

    def get_virtual_size(self) -> int:
        """Bytes in memory now; the highest use so far where the system does not tell."""
        try:
            pages = int(_STATM.read_text(encoding="ascii").split()[1])
        except OSError:
            return super().get_virtual_size()
        return pages * resource.getpagesize()


def renderers_below(pid: int) -> Iterator[tuple[int, int]]:
    """Chromium's renderers among the descendants of a process, with their bytes in memory; none where there is no /proc."""
    parents = dict(_parents())
    for one in parents:
        try:
            if _descends(one, pid, parents) and b"--type=renderer" in (_PROC / str(one) / "cmdline").read_bytes():
                pages = int((_PROC / str(one) / "statm").read_text(encoding="ascii").split()[1])
                yield one, pages * resource.getpagesize()
        except (OSError, IndexError):
            continue  # it has just ended


def _parents() -> Iterator[tuple[int, int]]:
    for folder in _PROC.glob("[0-9]*"):
        try:
            yield int(folder.name), int((folder / "stat").read_text(errors="replace").rpartition(") ")[2].split()[1])
        except (OSError, IndexError, ValueError):
            continue


def _descends(one: int, pid: int, parents: dict[int, int]) -> bool:
    while one in parents and one != pid:
        one = parents[one]
    return one == pid
