"""Expected values of real saved pages are kept as digests: the pages themselves may not be copied into the repository."""

import hashlib
import json


def digest(value: object) -> str:
    """Numbers and short codes as they are; text as the first 12 hex digits of its SHA-256."""
    if value is None or isinstance(value, bool | int):
        return json.dumps(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
