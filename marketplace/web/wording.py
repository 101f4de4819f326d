"""Says in plain words what is wrong with a value, from what msgspec says of it."""

import re
from collections.abc import Callable, Iterator
from typing import Any, get_args

from msgspec import Meta

from marketplace.kit import fields
from marketplace.kit.i18n import N_
from marketplace.web.i18n import say

MISSING = N_("缺少这一项。")
UNFIT = N_("这一项的内容不正确，请检查后重填。")
NOT_OFFERED = N_("请从列出的选项中选择。")
BAD_FORM = N_("格式不正确，请检查后重填。")

_RULES: tuple[tuple[str, str], ...] = (
    (r"of length >= (?P<limit>\d+)", N_("太短了，至少要有 {limit} 个字。")),
    (r"of length <= (?P<limit>\d+)", N_("太长了，最多 {limit} 个字。")),
    (r">= (?P<limit>-?[\d.]+)", N_("不能小于 {limit}。")),
    (r"<= (?P<limit>-?[\d.]+)", N_("不能大于 {limit}。")),
    (r"> (?P<limit>-?[\d.]+)", N_("必须大于 {limit}。")),
    (r"< (?P<limit>-?[\d.]+)", N_("必须小于 {limit}。")),
    (r"missing required field", MISSING),
    (r"contains unknown field", N_("没有这一项，请删去。")),
    (r"Invalid enum value|Invalid UUID", NOT_OFFERED),
    (r"timezone component", N_("时间要写明时区，例如 2026-03-05T17:00:00+08:00。")),
    (r"Invalid RFC3339|Invalid datetime|Invalid date", N_("这不是一个日期或时间，例如 2026-03-05。")),
    (r"Expected `(?P<kind>[\w |]+)`, got", N_("类型不对，应为 {kind}。")),
)
_LISTS = {
    N_("太短了，至少要有 {limit} 个字。"): N_("至少要有 {limit} 项。"),
    N_("太长了，最多 {limit} 个字。"): N_("最多 {limit} 项。"),
}
_PLACE = re.compile(r"^(?P<problem>.*?)(?: - at `(?:key in )?\$(?P<path>[^`]*)`)?$", re.DOTALL)
_FIELD = re.compile(r"(?:missing required field|unknown field) `(?P<name>[^`]+)`")


def _pattern(kind: Any) -> str:
    return next((meta.pattern for meta in get_args(kind) if isinstance(meta, Meta) and meta.pattern), "")


_PATTERNS = {
    _pattern(fields.Uscc): N_("应为 18 位统一社会信用代码，由数字和大写字母组成。"),
    _pattern(fields.Region): N_("应为 6 位行政区划代码。"),
    _pattern(fields.Phone): N_("应为手机号码，或带区号的固定电话，例如 0826-2000000。"),
    _pattern(fields.Email): N_("应为电子邮箱地址，例如 name@example.com。"),
    _pattern(fields.BankAccount): N_("应为 8 到 32 位数字的银行账号。"),
    _pattern(fields.CatalogueCode): N_("应为目录代码，例如 A0101。"),
    _pattern(fields.ProcurementCode): N_("应为采购品目编码：C 加 8 位数字。"),
    _pattern(fields.Title): N_("不能只填空格。"),
}


def explain(problem: str, limit: Callable[[str], str] = str) -> str:
    """What msgspec complains of, in the present language; ``limit`` writes a bound, for instance fen as yuan."""
    for pattern, text in _PATTERNS.items():
        if f"matching regex {pattern!r}" in problem:
            return say(text)
    if "matching regex" in problem:
        return say(BAD_FORM)
    for expression, text in _RULES:
        found = re.search(expression, problem)
        if found is None:
            continue
        named = found.groupdict()
        if "length" in expression and "`str`" not in problem:
            text = _LISTS[text]  # noqa: PLW2901 - the same rule, of a list
        if "limit" in named and "length" not in expression:
            named["limit"] = limit(named["limit"])
        return say(text, **named)
    return say(UNFIT)


def place(message: str, key: str = "") -> tuple[str, str]:
    """The field that a message of msgspec speaks of, as ``lines.0.amount_fen``, and the message without it."""
    found = _PLACE.match(message)
    path, problem = (found["path"] or "", found["problem"]) if found else ("", message)
    parts = (
        [key, *re.findall(r"[^.\[\]]+", path)]
        if key and not path.lstrip(".").startswith(key)
        else [*re.findall(r"[^.\[\]]+", path)]
    )
    parts = [*(parts[1:] if parts[:1] == ["data"] else parts), *_named(problem)]
    return ".".join(part for part in parts if part), problem


def _named(problem: str) -> Iterator[str]:
    found = _FIELD.search(problem)
    if found:
        yield found["name"]
