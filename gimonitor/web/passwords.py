"""Passwords: argon2id, length over composition, and the same work for a name that does not exist."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from gimonitor.errors import InputError

LEAST, MOST = 10, 256
_HASHER = PasswordHasher(time_cost=2, memory_cost=32 * 1024, parallelism=1)
_NOBODY = "$argon2id$v=19$m=32768,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
_COMMON = ("password", "12345678", "qwerty", "admin", "iloveyou", "gimonitor")


def hash_password(password: str, name: str = "") -> str:
    """Hash a new password. Raises InputError where it is too short, too long, common, or made of the person's name."""
    if not LEAST <= len(password) <= MOST:
        raise InputError(f"密码须为 {LEAST}–{MOST} 个字符")
    lowered = password.lower()
    if len(set(password)) < 5 or (name and name.lower() in lowered and len(lowered) - len(name) < LEAST - 4):
        raise InputError("密码过于简单：重复字符过多，或主要由用户名构成")
    if any(word in lowered and len(lowered) - len(word) < LEAST - 4 for word in _COMMON):
        raise InputError("密码过于常见，请换一个")
    return _HASHER.hash(password)


def is_password(stored: str, password: str) -> bool:
    """True when `password` matches the stored hash; an empty hash (no such person) costs the same time and never matches."""
    try:
        return _HASHER.verify(stored or _NOBODY, password) and bool(stored)
    except (VerifyMismatchError, InvalidHashError):
        return False
