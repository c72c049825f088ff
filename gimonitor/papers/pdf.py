"""PDF of papers, printed by LibreOffice from the very DOCX that people edit, so that there is one source of truth.

Debian: libreoffice-writer-nogui and fonts-noto-cjk. Where LibreOffice is missing, the DOCX stands alone and the pack
says so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from gimonitor.errors import EvidenceError

SECONDS = 180.0
FONT = "Noto Sans CJK SC"
"""What stands in for a Chinese font that this machine has not. All faces of Noto Sans CJK share one outline table, whose name
in a PDF is NotoSansCJKjp whichever of them was used."""

_FONTS = f"""<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <match target="pattern"><edit name="family" mode="append" binding="same"><string>{FONT}</string></edit></match>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
</fontconfig>
"""
_NAMES = ("soffice", "libreoffice")


def find_office() -> str | None:
    """The LibreOffice of this machine, or None."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def print_papers(papers: Mapping[str, bytes], *, seconds: float = SECONDS) -> dict[str, bytes]:
    """PDFs of DOCX papers, by the same names, in one start of LibreOffice with a profile of its own.

    Raises:
        EvidenceError: LibreOffice is missing, failed or took longer than `seconds`; nothing half printed is returned.
    """
    office = find_office()
    if office is None:
        raise EvidenceError("LibreOffice is not installed (Debian: libreoffice-writer-nogui)")
    if not papers:
        return {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = {paper: folder / f"{number:03}.docx" for number, paper in enumerate(papers)}
        for paper, path in files.items():
            path.write_bytes(papers[paper])
        command = [
            office,
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            *("--headless", "--norestore", "--nolockcheck", "--convert-to", "pdf", "--outdir", str(folder)),
            *map(str, files.values()),
        ]
        fonts = folder / "fonts.conf"
        fonts.write_text(_FONTS, "utf-8")
        environment = {**os.environ, "HOME": name, "SAL_USE_VCLPLUGIN": "svp", "FONTCONFIG_FILE": str(fonts)}
        try:
            done = subprocess.run(command, capture_output=True, timeout=seconds, check=False, env=environment, cwd=name)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise EvidenceError(f"LibreOffice: {error}") from error
        printed = {paper: path.with_suffix(".pdf") for paper, path in files.items()}
        missing = [paper for paper, path in printed.items() if not path.is_file()]
        if missing:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise EvidenceError(f"LibreOffice printed no {', '.join(missing)}: {said[-1] if said else done.returncode}")
        return {paper: path.read_bytes() for paper, path in printed.items()}
