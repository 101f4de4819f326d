"""What a qualifier should look at twice: names that resemble each other."""

import re

from marketplace.kit.text import clean_line, half_width
from marketplace.suppliers.rules.codes import plain_name

ALIKE = 0.6
"""From this share of common pairs of characters on, two names are called alike."""
_ENDINGS = ("社会工作服务中心", "社会服务中心", "服务中心", "志愿者协会", "协会", "基金会",
            "促进会", "联合会", "中心", "有限公司")  # fmt: skip
_PLACE = re.compile(r"^(?:[^省市区县]{2,3}省)?(?:[^省市区县]{2,3}市)?(?:[^省市区县]{2,3}(?:(?<!社)区|县))?")


def core(name: str) -> str:
    """What tells a name from others: without place, bracket and the common ending."""
    rest = plain_name(clean_line(half_width(name))).replace("(", "").replace(")", "")
    rest = _PLACE.sub("", rest) or rest
    for ending in _ENDINGS:
        if rest.endswith(ending) and rest != ending:
            return rest.removesuffix(ending)
    return rest


def _pairs(text: str) -> set[str]:
    return {text[place : place + 2] for place in range(len(text) - 1)} or {text}


def likeness(one: str, other: str) -> float:
    """How alike two names are, from 0 to 1: the share of pairs of characters that both have."""
    mine, theirs = _pairs(core(one)), _pairs(core(other))
    return len(mine & theirs) / len(mine | theirs)


def alike(one: str, other: str) -> bool:
    """Whether two names could be taken for each other."""
    return likeness(one, other) >= ALIKE
