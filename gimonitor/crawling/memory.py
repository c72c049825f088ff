"""A crawl's own memory, for Scrapy's limit on it."""

from __future__ import annotations

import resource
from pathlib import Path

from scrapy.extensions.memusage import MemoryUsage

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
