"""Verbs of identity."""

from marketplace.identity.commands.api_tokens import make_token, note_token_use, revoke_token
from marketplace.identity.commands.links import forget_link_token
from marketplace.identity.commands.locks import deactivate, lock_account, reinstate, reset_second_factor, unlock_account
from marketplace.identity.commands.organizations import (
    close_organization,
    create_person,
    register_organization,
    rename_organization,
    reopen_organization,
    set_functions,
)
from marketplace.identity.commands.passwords import accept_invitation, change_password, request_reset, reset_password
from marketplace.identity.commands.people import end_membership, invite, invite_again, set_roles
from marketplace.identity.commands.second_factor import (
    begin_enrolment,
    begin_enrolment_in_step,
    confirm_enrolment,
    remove_second_factor,
    renew_recovery_codes,
)
from marketplace.identity.commands.sessions import (
    end_session,
    note_visit,
    sign_out,
    sign_out_everywhere,
    switch_membership,
)
from marketplace.identity.commands.sign_in import second_step, sign_in

__all__ = [
    "accept_invitation",
    "begin_enrolment",
    "begin_enrolment_in_step",
    "change_password",
    "close_organization",
    "confirm_enrolment",
    "create_person",
    "deactivate",
    "end_membership",
    "end_session",
    "forget_link_token",
    "invite",
    "invite_again",
    "lock_account",
    "make_token",
    "note_token_use",
    "note_visit",
    "register_organization",
    "reinstate",
    "remove_second_factor",
    "rename_organization",
    "renew_recovery_codes",
    "reopen_organization",
    "request_reset",
    "reset_password",
    "reset_second_factor",
    "revoke_token",
    "second_step",
    "set_functions",
    "set_roles",
    "sign_in",
    "sign_out",
    "sign_out_everywhere",
    "switch_membership",
    "unlock_account",
]
