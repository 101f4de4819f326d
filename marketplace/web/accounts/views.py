"""What the pages of accounts show, made from the domain's structs and tables."""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import groupby
from uuid import UUID

from msgspec import Struct

from marketplace.identity.rules import (
    FUNCTION_LABELS,
    INCOMPATIBLE,
    RELATION_LABELS,
    RIGHT_LABELS,
    ROLE_LABELS,
    ROLES_APART,
    Grant,
    Relation,
    Right,
    grants_of,
)
from marketplace.identity.rules.staffing import Staffing
from marketplace.identity.schemas import DemoSignIn
from marketplace.identity.states import AccountState
from marketplace.kit.actor import Actor, Function, Role
from marketplace.kit.i18n import N_
from marketplace.web.i18n import gettext, say

ACCOUNT_TONES: Mapping[AccountState, str] = {
    AccountState.INVITED: "yellow",
    AccountState.ACTIVE: "green",
    AccountState.LOCKED: "red",
    AccountState.DEACTIVATED: "grey",
}
SEPARATOR = N_("、")


def joined(words: Iterable[str]) -> str:
    """Message ids as one list in the present language."""
    return gettext(SEPARATOR).join(gettext(word) for word in words)


def roles_text(roles: Iterable[Role]) -> str:
    """Roles as people read them."""
    held = frozenset(roles)
    return joined(ROLE_LABELS[role] for role in Role if role in held)


def functions_text(functions: Iterable[Function]) -> str:
    """Functions as people read them."""
    acting = frozenset(functions)
    return joined(FUNCTION_LABELS[function] for function in Function if function in acting)


def role_items(roles: Iterable[Role]) -> list[tuple[str, str]]:
    """Roles as choices of a form."""
    offered = frozenset(roles)
    return [(role.value, gettext(ROLE_LABELS[role])) for role in Role if role in offered]


BROWSERS = (
    ("MicroMessenger", N_("微信")),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def device_text(agent: str) -> str:
    """What a browser calls itself, in the two words its owner knows it by."""
    words = [next((word for mark, word in table if mark in agent), "") for table in (BROWSERS, SYSTEMS)]
    return " · ".join(gettext(word) for word in words if word)


def useful_roles(functions: Iterable[Function], *, administrators: bool) -> frozenset[Role]:
    """The roles that carry some right in an organization with these functions, beyond seeing colleagues and rights."""
    acting = frozenset(functions)
    common = {Right.READ_RIGHTS, Right.READ_PEOPLE}
    found = {
        grant.role for right in Right if right not in common for grant in grants_of(right) if grant.function in acting
    }
    admins = {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN}
    return frozenset(found & admins if administrators else found - admins)


class DemoLine(Struct, frozen=True):
    """One demo sign-in as its table shows it."""

    login: str
    person_name: str
    organization_name: str
    what: str


DEMO_ALIKE = 3
"""So many sign-ins of the same functions and roles are shown at most; the table is to be chosen from, not searched."""


def demo_lines(found: Iterable[DemoSignIn]) -> list[DemoLine]:
    """The demo sign-ins with their functions and roles in words."""
    seen: Counter[tuple[object, ...]] = Counter()
    lines = []
    for one in found:
        seen[one.functions, one.roles] += 1
        if seen[one.functions, one.roles] > DEMO_ALIKE:
            continue
        functions, roles = functions_text(one.functions), roles_text(one.roles)
        what = say(N_("{functions}：{roles}"), functions=functions, roles=roles)
        lines.append(DemoLine(one.login, one.person_name, one.organization_name, what))
    return lines


class RightLine(Struct, frozen=True):
    """One right: who has it, and whether the reader has."""

    label: str
    posts: list[str]
    mine: bool


def post_text(grants: Iterable[Grant]) -> list[str]:
    """Posts as people read them: the function, its roles, and in which affairs."""
    lines = []
    listed = sorted(grants, key=lambda grant: (list(Function).index(grant.function), grant.relation))
    for (function, relation), group in groupby(listed, key=lambda grant: (grant.function, grant.relation)):
        roles = roles_text(grant.role for grant in group)
        lines.append(
            say(
                N_("{function}的{roles}（{relation}）"),
                function=gettext(FUNCTION_LABELS[function]),
                roles=roles,
                relation=gettext(RELATION_LABELS[relation]),
            )
        )
    return lines


def _everybody(right: Right) -> bool:
    return {(grant.function, grant.role) for grant in grants_of(right)} == {(f, r) for f in Function for r in Role}


def right_lines(actor: Actor) -> list[RightLine]:
    """The table of rights, marked where the reader has the right in some affairs."""
    lines = []
    for right in Right:
        grants = grants_of(right)
        mine = any(grant.function in actor.functions and grant.role in actor.roles for grant in grants)
        special = [
            grant for grant in grants if not (_everybody(right) and grant.relation in (Relation.OWN, Relation.ANY))
        ]
        posts = post_text(special)
        if _everybody(right):
            own = any(grant.relation is Relation.OWN for grant in grants)
            posts = [gettext(N_("本单位的所有人")) if own else gettext(N_("所有登录的人"))]
            posts += post_text(grant for grant in grants if own and grant.relation is Relation.ANY)
        lines.append(RightLine(gettext(RIGHT_LABELS[right]), posts, mine))
    return lines


class PairLine(Struct, frozen=True):
    """Two duties or roles that stay apart, and the rule."""

    first: str
    second: str
    rule: str


def duty_pairs() -> list[PairLine]:
    """The duties that one person may not combine on one thing."""
    return [
        PairLine(gettext(RIGHT_LABELS[min(pair).right]), gettext(RIGHT_LABELS[max(pair).right]), gettext(rule))
        for pair, rule in INCOMPATIBLE.items()
    ]


def role_pairs() -> list[PairLine]:
    """The roles that one person may not hold together."""
    return [
        PairLine(gettext(ROLE_LABELS[min(pair)]), gettext(ROLE_LABELS[max(pair)]), gettext(rule))
        for pair, rule in ROLES_APART.items()
    ]


class DutyLine(Struct, frozen=True):
    """One duty of an organization: who can take it, whether somebody lacks, and what helps."""

    label: str
    people: str
    state: str
    tone: str
    advice: list[str]


def duty_lines(found: Iterable[Staffing], names: Mapping[UUID, str]) -> list[DutyLine]:
    """The duties of an organization and whether its people suffice."""
    return [_duty_line(line, names) for line in found]


def _duty_line(line: Staffing, names: Mapping[UUID, str]) -> DutyLine:
    advice = []
    if line.lacking:
        posts = roles_text(line.posts)
        if line.clashes:
            others = joined(RIGHT_LABELS[other.right] for other in line.clashes)
            advice.append(say(N_("能办的人已承担不相容的「{others}」。"), others=others))
        if posts:
            advice.append(say(N_("可增加一位{posts}。"), posts=posts))
        if line.deputies:
            advice.append(say(N_("可由其他单位代办：{posts}。"), posts=joined(post_text(line.deputies))))
    state, tone = (N_("缺人"), "red") if line.lacking else (N_("有人"), "green")
    return DutyLine(
        label=gettext(RIGHT_LABELS[line.duty.right]),
        people=gettext(SEPARATOR).join(names.get(person, "") for person in line.people) or "—",
        state=state,
        tone=tone,
        advice=advice,
    )
