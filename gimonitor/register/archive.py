"""A register as bytes, to be kept beside what it judged and read again: compressed values, not rule files.

Only the program that wrote it can read it: `SHAPE` says by which one, and another one must do without.
"""

from __future__ import annotations

import json
import zlib

from gimonitor.errors import InputError
from gimonitor.model.register import Register
from gimonitor.register.cache import Parts, program_version
from gimonitor.register.codec import decoder_for, encode


def shape() -> str:
    """What must be the same for a register to be read again: version of the program and form of its values."""
    return program_version()


def pack_register(register: Register) -> bytes:
    """The register without its digest, compressed."""
    parts = (register.gis, register.users, register.signs, register.articles, register.words, register.models)
    return zlib.compress(json.dumps(encode(parts), ensure_ascii=False, separators=(",", ":")).encode(), 6)


def unpack_register(content: bytes, digest: str) -> Register:
    """What `pack_register` packed. Raises InputError where the content is something else."""
    try:
        parts: Parts = decoder_for(Parts)(json.loads(zlib.decompress(content)))
    except (zlib.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"the register {digest[:12]} cannot be read again: {error}") from error
    gis, users, signs, articles, words, models = parts
    return Register(gis=gis, users=users, signs=signs, articles=articles, words=words, models=models, digest=digest)
