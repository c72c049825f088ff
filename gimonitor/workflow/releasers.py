"""起草人与发布人: who may draft a model and who may put one in force, and that the two are two people.

A person is known by login or by display name, however it is spelt. Where the store knows nobody, a name stands for a person.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from sqlalchemy import Connection

from gimonitor.errors import InputError, PermissionDeniedError
from gimonitor.store.columns import clean_text
from gimonitor.store.people import StoredPerson, list_people
from gimonitor.workflow.roles import Role, roles_of

DRAFTERS = frozenset({Role.MODEL_AUTHOR, Role.OFFICER})
"""Who may draft and back-test."""
RELEASERS = frozenset({Role.APPROVER})
"""Who puts a draft in force, or the version before back."""

_DRAFTS = "起草模型须由在用的模型编写人或者审核员办理（角色 model_author 或者 officer）"
_RELEASES = "发布或者退回模型须由在用且不限辖区的审批人办理（角色 approver）"


def drafter(c: Connection, given: str) -> str:
    """The login of who drafts, or the name as given where the store knows nobody. Raises as `releaser` does."""
    person = _allowed(c, given, DRAFTERS, _DRAFTS)
    return person.login if person else given.strip()


def releaser(c: Connection, given: str) -> str:
    """The login of who releases or rolls back, or the name as given where the store knows nobody.

    Raises InputError without a name that means one person, PermissionDeniedError for somebody who may not: what is in
    force is in force for every GI of the house, so it is no matter of an area.
    """
    person = _allowed(c, given, RELEASERS, _RELEASES)
    if person and person.areas:
        raise PermissionDeniedError("规则对全部地理标志生效，只由不限辖区的审批人员发布或退回")
    return person.login if person else given.strip()


def _allowed(c: Connection, given: str, roles: frozenset[Role], wanted: str) -> StoredPerson | None:
    """The active person with one of some roles who is meant; None where the store knows nobody."""
    if not given.strip() or clean_text(given) != given:
        raise InputError("say who you are")
    people = list_people(c)
    if not people:
        return None
    meant = meant_by(people, given)
    if not meant:
        raise PermissionDeniedError(f"人员名单（gimonitor user list）中没有登录名或者姓名为“{given}”的人；{wanted}")
    if len(meant) > 1:
        raise InputError(f"名为“{given}”的不止一人，请写登录名：{'、'.join(person.login for person in meant)}")
    if not meant[0].active:
        raise PermissionDeniedError(f"“{given}”已经停用；{wanted}")
    if roles.isdisjoint(roles_of(meant[0].role)):
        raise PermissionDeniedError(f"“{given}”没有所需的角色；{wanted}")
    return meant[0]


def meant_by(people: Sequence[StoredPerson], given: str) -> list[StoredPerson]:
    """The person with this login, else everybody of this display name, active or not."""
    name = _folded(given)
    return [p for p in people if _folded(p.login) == name] or [p for p in people if _folded(p.name) == name]


def is_same_person(c: Connection, one: str, other: str) -> bool:
    """True where two spellings mean, or may mean, one person."""
    people = list_people(c)
    both = ({p.login for p in meant_by(people, name)} for name in (one, other))
    return _folded(one) == _folded(other) or bool(set.intersection(*both))


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
