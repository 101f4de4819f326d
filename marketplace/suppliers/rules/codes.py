"""Which character of a 统一社会信用代码 is wrong, which natures fit a code, and who may supply at all."""

import re

from marketplace.identity.states import OrganizationKind
from marketplace.kit.codes import LENGTH, Fault, uscc_fault, uscc_inner_agrees
from marketplace.kit.errors import DomainError, Kind
from marketplace.kit.i18n import N_
from marketplace.kit.text import clean_code, clean_line, half_width
from marketplace.suppliers.rules.refusals import BadAccount, PayeeDiffers
from marketplace.suppliers.states import NATURE_LABELS, REGISTRABLE, SOCIAL, TYPE_OF, Nature

_REGION = range(2, 8)
_ACCOUNT = re.compile(r"[0-9]{8,32}")
_LOOK_ALIKES = {"O": "0", "I": "1", "S": "5", "V": "U", "Z": "2"}
_CONFUSED = {"0": "DQ", "D": "0", "Q": "0", "8": "B3", "B": "8", "3": "8", "5": "6", "6": "5G", "G": "6", "U": "W"}


class WrongLength(DomainError):
    """A code has not eighteen characters."""

    kind, code = Kind.INVALID, "uscc_length"
    text = N_("统一社会信用代码应为 18 位，您填了 {count} 位。请对照登记证书逐位核对。")


class WrongSign(DomainError):
    """A code has a character that no code has."""

    kind, code = Kind.INVALID, "uscc_sign"
    text = N_("统一社会信用代码第 {place} 位「{sign}」不是可用的字符。请对照登记证书重填这一位。")


class LookAlike(DomainError):
    """A code has a letter that is never used, and looks like a character that is."""

    kind, code = Kind.INVALID, "uscc_look_alike"
    text = N_("统一社会信用代码第 {place} 位「{sign}」不会出现在代码中，可能应为「{meant}」。请对照登记证书核对。")


class RegionSign(DomainError):
    """A code's division has something that is no figure."""

    kind, code = Kind.INVALID, "uscc_region"
    text = N_("统一社会信用代码第 3 至 8 位是行政区划数字，第 {place} 位却是「{sign}」。请对照登记证书重填这一位。")


class WrongCheck(DomainError):
    """A code's last character does not belong to the others, and no single slip explains it."""

    kind, code = Kind.INVALID, "uscc_check"
    text = N_("统一社会信用代码的校验位（第 18 位）与前 17 位不符，说明某一位填错了。请对照登记证书逐位核对。")


class Misread(DomainError):
    """A code would be right if one character were read as its look-alike."""

    kind, code = Kind.INVALID, "uscc_misread"
    text = N_("统一社会信用代码校验不符：第 {place} 位「{sign}」可能应为「{meant}」。请对照登记证书核对。")


class Swapped(DomainError):
    """A code would be right if two neighbours changed places."""

    kind, code = Kind.INVALID, "uscc_swapped"
    text = N_("统一社会信用代码校验不符：第 {place} 位「{sign}」与后一位「{after}」可能填反了。请对照登记证书核对。")


class NatureNotFitting(DomainError):
    """The code's prefix belongs to another nature."""

    kind, code = Kind.INVALID, "nature_not_fitting"
    text = N_("统一社会信用代码以 {prefix} 开头，与所选的「{nature}」不符。请核对登记证书上的类型和代码。")


class MayNotSupply(DomainError):
    """The law keeps this nature out of both sides of the market."""

    kind, code = Kind.INVALID, "may_not_supply"
    text = N_("{nature}不能作为承接主体（政府购买服务管理办法第八条，待核对原文），因此不能登记。")


class AtTheCounter(DomainError):
    """An individual is taken in at the counter, with a reason and an approval."""

    kind, code = Kind.INVALID, "at_the_counter"
    text = N_("个人只在确实适宜的项目中承接服务，并须说明理由。请携带证件到群团服务中心窗口办理。")


class NotDeclared(DomainError):
    """The declaration on being allowed to supply is missing."""

    kind, code = Kind.INVALID, "not_declared"
    text = N_("请确认本组织不是公益一类事业单位，也不是使用事业编制且由财政拨款保障的群团组织。")


def _would_be_right(code: str) -> bool:
    """Whether a guess passes both checks, the whole code's and that of the nine characters inside."""
    return uscc_fault(code) is None and uscc_inner_agrees(code)


def _slips(code: str) -> list[DomainError]:
    """The single slips that explain a wrong check; the inner check keeps chance from suggesting one."""
    found: list[DomainError] = []
    for place, sign in enumerate(code):
        if place + 1 < LENGTH and sign != code[place + 1]:
            swapped = code[:place] + code[place + 1] + sign + code[place + 2 :]
            if _would_be_right(swapped):
                found.append(Swapped(field="uscc", place=place + 1, sign=sign, after=code[place + 1]))
        found += [
            Misread(field="uscc", place=place + 1, sign=sign, meant=meant)
            for meant in _CONFUSED.get(sign, "")
            if _would_be_right(code[:place] + meant + code[place + 1 :])
        ]
    return found


def uscc_problem(given: str) -> DomainError | None:
    """What is wrong with a code as it was typed, down to the character where that can be told; None if it is right."""
    code = clean_code(given)
    fault = uscc_fault(code)
    if fault is None:
        return None
    for place, sign in enumerate(code[:LENGTH]):
        if sign in _LOOK_ALIKES:
            return LookAlike(field="uscc", place=place + 1, sign=sign, meant=_LOOK_ALIKES[sign])
        if not (sign.isascii() and sign.isalnum()):
            return WrongSign(field="uscc", place=place + 1, sign=sign)
    if fault is Fault.LENGTH:
        return WrongLength(field="uscc", count=len(code))
    if fault is Fault.REGION:
        place = next(place for place in _REGION if not code[place].isdigit())
        return RegionSign(field="uscc", place=place + 1, sign=code[place])
    slips = _slips(code)
    return slips[0] if len(slips) == 1 else WrongCheck(field="uscc")


_BY_PREFIX = {
    "51": frozenset({Nature.SOCIAL_GROUP}),
    "52": frozenset({Nature.SOCIAL_SERVICE_AGENCY}),
    "53": frozenset({Nature.FOUNDATION}),
    "11": frozenset({Nature.GOVERNMENT}),
    "12": frozenset({Nature.INSTITUTION_CLASS_ONE, Nature.INSTITUTION_CLASS_TWO, Nature.INSTITUTION_BUSINESS}),
    "13": frozenset({Nature.MASS_ORGANIZATION}),
    "54": frozenset({Nature.GRASSROOTS}),
    "55": frozenset({Nature.GRASSROOTS}),
    "91": frozenset({Nature.ENTERPRISE}),
    "92": frozenset({Nature.ENTERPRISE}),
    "93": frozenset({Nature.ENTERPRISE, Nature.RURAL_COLLECTIVE}),
}
_KINDS = {
    Nature.SOCIAL_GROUP: OrganizationKind.SOCIAL_GROUP,
    Nature.SOCIAL_SERVICE_AGENCY: OrganizationKind.SOCIAL_SERVICE_AGENCY,
    Nature.FOUNDATION: OrganizationKind.FOUNDATION,
    Nature.ENTERPRISE: OrganizationKind.ENTERPRISE,
    Nature.INSTITUTION_CLASS_TWO: OrganizationKind.PUBLIC_INSTITUTION,
    Nature.INSTITUTION_BUSINESS: OrganizationKind.PUBLIC_INSTITUTION,
    Nature.GRASSROOTS: OrganizationKind.VILLAGE_COMMITTEE,
}


def natures_of(code: str) -> frozenset[Nature]:
    """The natures a code's first two characters allow; of an unknown prefix, all but those with one of their own."""
    return _BY_PREFIX.get(code[:2], REGISTRABLE - SOCIAL - {Nature.GRASSROOTS})


def kind_of(nature: Nature) -> OrganizationKind:
    """What identity calls an organization of this nature."""
    return _KINDS.get(nature, OrganizationKind.OTHER)


def nature_problem(nature: Nature, code: str) -> DomainError | None:
    """Why an organization of this nature, with this valid code, may not register; None if it may.

    Source:
        政府购买服务管理办法（财政部令第102号）第六条、第八条 (to be confirmed).
    """
    if nature is Nature.INDIVIDUAL:
        return AtTheCounter(field="nature")
    if nature not in TYPE_OF:
        return MayNotSupply(field="nature", nature=NATURE_LABELS[nature])
    fitting = natures_of(code) if code else REGISTRABLE
    if nature in fitting:
        return None
    barred = fitting - REGISTRABLE
    if barred and not fitting & REGISTRABLE:
        return MayNotSupply(field="nature", nature=NATURE_LABELS[min(barred)])
    return NatureNotFitting(field="nature", prefix=code[:2], nature=NATURE_LABELS[nature])


def plain_name(name: str) -> str:
    """A name as it is compared: half-width, without spaces, brackets alike."""
    return "".join(clean_line(half_width(name)).split()).lower()


def bank_problems(holder: str, number: str, organization_name: str) -> list[DomainError]:
    """What is wrong with an account: its holder must be the organization, its number 8 to 32 figures."""
    found: list[DomainError] = []
    if plain_name(holder) != plain_name(organization_name):
        found.append(PayeeDiffers(field="account_name", given=holder, name=organization_name))
    if not _ACCOUNT.fullmatch(clean_code(number)):
        found.append(BadAccount(field="account_number"))
    return found
