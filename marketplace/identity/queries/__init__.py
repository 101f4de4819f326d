"""Reads of identity."""

from marketplace.identity.queries.accounts import (
    accounts,
    demo_sign_ins,
    latest_link,
    link_mail,
    link_view,
    my_account,
    sessions_of,
    step_view,
    todos,
    tokens_of,
)
from marketplace.identity.queries.organizations import (
    actor_of,
    contacts,
    contacts_of,
    find_organizations,
    memberships_of,
    names,
    organization,
    organizations,
    people_of,
    staffing_of,
)
from marketplace.identity.queries.visitors import visitor_by_session, visitor_by_token

__all__ = [
    "accounts",
    "actor_of",
    "contacts",
    "contacts_of",
    "demo_sign_ins",
    "find_organizations",
    "latest_link",
    "link_mail",
    "link_view",
    "memberships_of",
    "my_account",
    "names",
    "organization",
    "organizations",
    "people_of",
    "sessions_of",
    "staffing_of",
    "step_view",
    "todos",
    "tokens_of",
    "visitor_by_session",
    "visitor_by_token",
]
