"""Verbs of the ledger: each calls one function of the database, in one round trip, and says its refusal in words."""

import json
import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

import psycopg
from psycopg import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.kit.money import yuan_grouped
from marketplace.ledger.rules import Span
from marketplace.ledger.schemas import Item, Order, PlaceLike
from marketplace.ledger.states import NOBODY, ROLE_LABELS, AccountRole

CHUNK = 5_000
"""Items of a batch in one call; a caller that commits after each chunk holds the fund's lock a fraction of a second."""
AVAILABLE: PlaceLike = (AccountRole.AVAILABLE, None)


class NotEnough(DomainError):
    """There are fewer fen in the account than asked; ``short_fen`` are missing."""

    kind, code = Kind.CONFLICT, "not_enough_fen"
    text = N_("「{place}」余额不足，还差 {short} 元。请减少金额，或先补足资金再办理。")


class KeyReused(DomainError):
    """The same key was used for a call with other arguments."""

    kind, code = Kind.CONFLICT, "ledger_key_reused"
    text = N_("这笔账已用同一编号记过，内容却不相同。请刷新页面核对后再办理。")


class BadSpans(DomainError):
    """The spans named are not as long as the amount, or not of the receipt named."""

    kind, code = Kind.INVALID, "bad_spans"
    text = N_("指定的资金序号段与金额不一致。请核对序号段后重新提交。")


class NoAttempt(DomainError):
    """Nothing orders this payment or refund, or its order was carried out already."""

    kind, code = Kind.CONFLICT, "no_attempt"
    text = N_("没有与这笔款项对应的未执行指令，不能记为已付或已退。请先提交付款或退款指令。")


class SameFund(DomainError):
    """A change of purpose leads from one fund to another."""

    kind, code = Kind.INVALID, "same_fund"
    text = N_("调出与调入是同一项资金。请选择另一项资金。")


class UnlawfulMove(DomainError):
    """The table of lawful moves has no such way."""

    kind, code = Kind.CONFLICT, "unlawful_move"
    text = N_("资金不能从「{source}」转到「{target}」。请按流程的上一步办理。")


class AlreadyTouched(DomainError):
    """Fen of a receipt were used, so it cannot simply be taken back."""

    kind, code = Kind.CONFLICT, "receipt_touched"
    text = N_("这笔收入已有部分被占用或支出，不能直接冲销。请先撤回占用，或另作调整。")


class NoSuchFund(DomainError):
    """The ledger has no line of fen by this id."""

    kind, code = Kind.MISSING, "no_such_fund"
    text = N_("没有找到这项资金。请刷新页面后重新选择。")


class NoSuchReceipt(DomainError):
    """The fund has no such receipt."""

    kind, code = Kind.MISSING, "no_such_receipt"
    text = N_("这项资金里没有这张收据。请核对收据号。")


class BadBatch(DomainError):
    """A batch names one key twice, or one account as source and as target."""

    kind, code = Kind.INVALID, "bad_batch"
    text = N_("这批款项里有重复的编号，或同一账户既付又收。请拆开后重新提交。")


class NotPositive(DomainError):
    """An amount must be above zero."""

    kind, code = Kind.INVALID, "amount_not_positive"
    text = N_("金额必须大于零。请重新填写。")


REFUSALS: dict[str, type[DomainError]] = {
    "LG001": KeyReused,
    "LG002": NotEnough,
    "LG004": BadSpans,
    "LG005": NoAttempt,
    "LG006": SameFund,
    "LG007": UnlawfulMove,
    "LG008": AlreadyTouched,
    "LG009": NoSuchFund,
    "LG010": NoSuchReceipt,
    "LG011": BadBatch,
    "LG012": NotPositive,
}
"""What each SQLSTATE of the ledger's functions means. LG003, lengths that do not agree, is a fault and stays one."""


def lock_funds(db: Session, fund_ids: Iterable[UUID]) -> None:
    """Take the locks of these funds, ascending: first in every story, once, before any row is locked."""
    ids = sorted(set(fund_ids))
    if ids:
        _call(db, _LOCK_FUNDS, {"funds": ids})


def open_fund(db: Session, fund_id: UUID, custody: str, *, now: datetime) -> None:
    """Open an empty line of fen; the same fund opened twice is one fund.

    Raises:
        KeyReused: it is open in another custody.
    """
    _call(db, _OPEN_FUND, {"fund": fund_id, "custody": str(custody), "now": now})


def account_of(db: Session, fund_id: UUID, place: PlaceLike) -> int:
    """The number of an account, opened when it is not there yet.

    Raises:
        NoSuchFund: no such fund.
    """
    role, ref = place
    found: int = _call(db, _ACCOUNT_OF, {"fund": fund_id, "role": str(role), "ref": ref or NOBODY})
    return found


def receive(
    db: Session, *, key: str, receipt_id: UUID, fund_id: UUID, amount_fen: int, cause: str, actor_id: UUID | None,
    value_date: date, now: datetime, target: PlaceLike = AVAILABLE,
) -> int:  # fmt: skip
    """Money enters a fund: the receipt owns the next ``amount_fen`` serial numbers. Returns the movement's number.

    Raises:
        KeyReused, NotPositive, UnlawfulMove, NoSuchFund: see each.
    """
    values = _facts(key, fund_id, amount_fen, cause, actor_id, value_date, now)
    found: int = _call(db, _RECEIVE, values | _target(target) | {"receipt": receipt_id})
    return found


def move(
    db: Session, *, key: str, fund_id: UUID, source: PlaceLike, target: PlaceLike, amount_fen: int, cause: str,
    actor_id: UUID | None, value_date: date, now: datetime, spans: Collection[Span] | None = None,
    receipt_id: UUID | None = None, attempt_id: UUID | None = None,
) -> int:  # fmt: skip
    """Carry fen from one account to another, lowest serials first. Returns the movement's number.

    ``receipt_id`` takes only fen of that receipt; ``spans`` takes exactly those, ``amount_fen`` together.
    ``attempt_id`` is the order without which nothing becomes ``paid`` or ``refunded``. A repeated call with the same
    key and arguments changes nothing and returns the same number.

    Raises:
        NotEnough: fewer fen are there; ``params["short_fen"]`` are missing.
        KeyReused, UnlawfulMove, NoAttempt, BadSpans, NoSuchReceipt, NoSuchFund, NotPositive: see each.
    """
    values = _facts(key, fund_id, amount_fen, cause, actor_id, value_date, now) | _source(source) | _target(target)
    chosen = {"spans": _multirange(spans), "receipt": receipt_id, "attempt": attempt_id}
    found: int = _call(db, _MOVE, values | chosen)
    return found


def move_many(
    db: Session, *, fund_id: UUID, items: Sequence[Item], cause: str, actor_id: UUID | None, value_date: date,
    now: datetime,
) -> int:  # fmt: skip
    """Carry many amounts within one fund, ``CHUNK`` at a time, each chunk in one call; returns how many were new.

    Every source gives its lowest serials, in the order of the items. Items already made under their keys are passed
    over, so a batch may be repeated whole.

    Raises:
        NotEnough: a source has fewer fen than its items of a chunk together.
        BadBatch: a key stands twice in a chunk, or an account is source and target in it.
        KeyReused, UnlawfulMove, NoAttempt, NoSuchFund, NotPositive: see each.
    """
    made = 0
    for start in range(0, len(items), CHUNK):
        chunk = items[start : start + CHUNK]
        values = {
            "fund": fund_id,
            "keys": [item.key for item in chunk],
            "from_roles": [str(item.source[0]) for item in chunk],
            "from_refs": [item.source[1] or NOBODY for item in chunk],
            "to_roles": [str(item.target[0]) for item in chunk],
            "to_refs": [item.target[1] or NOBODY for item in chunk],
            "amounts": [item.amount_fen for item in chunk],
            "attempts": [item.attempt_id for item in chunk],
            "cause": cause,
            "actor": actor_id or NOBODY,
            "value_date": value_date,
            "now": now,
        }
        made += _call(db, _MOVE_MANY, values)
    return made


def exchange(
    db: Session, *, key: str, fund_id: UUID, source: PlaceLike, target: PlaceLike, amount_fen: int, cause: str,
    actor_id: UUID | None, value_date: date, now: datetime, spans: Collection[Span] | None = None,
    receipt_id: UUID | None = None,
) -> int:  # fmt: skip
    """Let equal fen of two accounts change places: those named leave ``source``, the lowest of ``target`` come.

    With ``receipt_id``, none of that receipt's come. No balance changes: so a donor's own fen come free again when
    others lie free in their stead.

    Raises:
        NotEnough, KeyReused, UnlawfulMove, BadSpans, NoSuchReceipt, NoSuchFund, NotPositive: as for :func:`move`.
    """
    values = _facts(key, fund_id, amount_fen, cause, actor_id, value_date, now) | _source(source) | _target(target)
    found: int = _call(db, _EXCHANGE, values | {"spans": _multirange(spans), "receipt": receipt_id})
    return found


def transfer(
    db: Session, *, key: str, receipt_id: UUID, fund_id: UUID, target_fund_id: UUID, amount_fen: int, cause: str,
    actor_id: UUID | None, value_date: date, now: datetime, spans: Collection[Span] | None = None,
    of_receipt_id: UUID | None = None,
) -> int:  # fmt: skip
    """A lawful change of purpose: available fen leave one fund and enter another, in their order, as ``receipt_id``.

    Both funds' locks should be held already, by :func:`lock_funds`. Returns the number of the arriving movement.

    Raises:
        SameFund: both are one fund.
        NotEnough, KeyReused, BadSpans, NoSuchReceipt, NoSuchFund, NotPositive: as for :func:`move`.
    """
    values = _facts(key, fund_id, amount_fen, cause, actor_id, value_date, now)
    chosen = {"spans": _multirange(spans), "of_receipt": of_receipt_id}
    ends = {"receipt": receipt_id, "to_fund": target_fund_id}
    found: int = _call(db, _TRANSFER, values | chosen | ends)
    return found


def void(
    db: Session, *, key: str, fund_id: UUID, receipt_id: UUID, cause: str, actor_id: UUID | None, value_date: date,
    now: datetime,
) -> int:  # fmt: skip
    """Take back a mistyped receipt, whole, while its fen lie where they came in.

    Raises:
        AlreadyTouched: some of its fen are elsewhere, or were on their way out; or it arrived by a transfer.
        NoSuchReceipt, KeyReused, NoSuchFund: see each.
    """
    values = _facts(key, fund_id, 0, cause, actor_id, value_date, now) | {"receipt": receipt_id}
    found: int = _call(db, _VOID, values)
    return found


def order_attempt(
    db: Session, *, attempt_id: UUID, fund_id: UUID, source: PlaceLike, outcome: str, amount_fen: int,
    actor_id: UUID | None, now: datetime,
) -> None:  # fmt: skip
    """Order one payment (``paid``, from in_transit) or refund (``refunded``, from clearing) of exactly ``amount_fen``.

    Raises:
        KeyReused: the attempt was ordered otherwise.
        UnlawfulMove: no attempt may lead from there.
        NoSuchFund: no such fund.
    """
    orders = [Order(attempt_id=attempt_id, source=source, amount_fen=amount_fen)]
    order_attempts(db, fund_id=fund_id, orders=orders, outcome=outcome, actor_id=actor_id, now=now)


def order_attempts(
    db: Session, *, fund_id: UUID, orders: Sequence[Order], outcome: str, actor_id: UUID | None, now: datetime
) -> None:
    """Order many payments or refunds of one fund at once.

    Raises:
        KeyReused: an attempt was ordered otherwise.
        UnlawfulMove: no attempt may lead from there.
        NoSuchFund: no such fund.
    """
    values = {
        "fund": fund_id,
        "ids": [order.attempt_id for order in orders],
        "from_roles": [str(order.source[0]) for order in orders],
        "from_refs": [order.source[1] or NOBODY for order in orders],
        "outcome": str(outcome),
        "amounts": [order.amount_fen for order in orders],
        "actor": actor_id or NOBODY,
        "now": now,
    }
    if orders:
        _call(db, _ORDER, values)


def _function(name: str, arguments: str) -> bytes:
    """The call as the driver reads it: each ``:argument`` is a bound value."""
    call = f"SELECT ledger.{name}({arguments})"
    return re.sub(r":(\w+)", r"%(\1)s", call).encode()


_FACTS = ":cause, :actor, :value_date, :now"
_ENDS = ":from_role, :from_ref, :to_role, :to_ref"
_SPANS = "CAST(:spans AS int8multirange)"
_LISTS = "CAST(:amounts AS bigint[])"
_LOCK_FUNDS = _function("lock_funds", ":funds")
_OPEN_FUND = _function("open_fund", ":fund, :custody, :now")
_ACCOUNT_OF = _function("account_of", ":fund, :role, :ref")
_RECEIVE = _function("receive", f":key, :receipt, :fund, :to_role, :to_ref, :amount, {_FACTS}")
_MOVE = _function("move", f":key, :fund, {_ENDS}, :amount, {_FACTS}, {_SPANS}, :receipt, :attempt")
_EXCHANGE = _function("exchange", f":key, :fund, {_ENDS}, :amount, {_FACTS}, {_SPANS}, :receipt")
_TRANSFER = _function("transfer", f":key, :receipt, :fund, :to_fund, :amount, {_FACTS}, {_SPANS}, :of_receipt")
_VOID = _function("void", f":key, :fund, :receipt, {_FACTS}")
_ORDER = _function("order_attempts", f":fund, :ids, :from_roles, :from_refs, :outcome, {_LISTS}, :actor, :now")
_MOVE_MANY = _function(
    "move_many",
    f":fund, :keys, :from_roles, :from_refs, :to_roles, :to_refs, {_LISTS}, CAST(:attempts AS uuid[]), {_FACTS}",
)


def _facts(
    key: str, fund_id: UUID, amount_fen: int, cause: str, actor_id: UUID | None, value_date: date, now: datetime
) -> dict[str, Any]:
    return {
        "key": key,
        "fund": fund_id,
        "amount": amount_fen,
        "cause": cause,
        "actor": actor_id or NOBODY,
        "value_date": value_date,
        "now": now,
    }


def _source(place: PlaceLike) -> dict[str, Any]:
    return {"from_role": str(place[0]), "from_ref": place[1] or NOBODY}


def _target(place: PlaceLike) -> dict[str, Any]:
    return {"to_role": str(place[0]), "to_ref": place[1] or NOBODY}


def _multirange(spans: Collection[Span] | None) -> str | None:
    return None if spans is None else "{" + ",".join(f"[{span.lo},{span.hi})" for span in spans) + "}"


def _call(db: Session, statement: bytes, values: dict[str, Any]) -> Any:
    """Call a function on the session's own connection, in its transaction.

    The driver is asked directly, which saves a third of what a movement costs in Python. An error that is no refusal
    is raised as the session would raise it, so that stories are told again after a deadlock.
    """
    connection = cast("Connection[tuple[Any]]", db.connection().connection.driver_connection)
    try:
        found = connection.execute(statement, values).fetchone()
    except psycopg.Error as error:
        kind = REFUSALS.get(error.sqlstate or "")
        if kind is None:
            raise DBAPIError.instance(statement.decode(), values, error, psycopg.Error) from error
        raise _refusal(kind, error) from error
    return found[0] if found else None


def _refusal(kind: type[DomainError], error: psycopg.Error) -> DomainError:
    """The refusal with what it is about, from the JSON in the error's detail."""
    params: dict[str, Any] = json.loads(error.diag.message_detail or "{}")
    if kind is NotEnough:
        params["short"] = yuan_grouped(params["short_fen"])
        params["place"] = ROLE_LABELS[params["role"]]
    if kind is UnlawfulMove:
        params["source"], params["target"] = (ROLE_LABELS.get(params[end], params[end]) for end in ("from", "to"))
    return kind(**params)
