"""The filter of sizes: `gpu>0 vcpu>=8 ram<64 price<1 quota>0`, and words that name or family must hold."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable

from screens.compute.texts import GIB
from services.entities import ComputeSize

HINT = "words, gpu>0, vcpu>=8, ram>=64 (GiB), price<1, quota>0"
_FIELDS: dict[str, Callable[[ComputeSize], float | None]] = {
    "gpu": lambda size: size.gpus,
    "vcpu": lambda size: size.vcpus,
    "cpu": lambda size: size.vcpus,
    "ram": lambda size: size.memory / GIB,
    "memory": lambda size: size.memory / GIB,
    "price": lambda size: size.price_per_hour,
    "quota": lambda size: size.quota_left,
}
_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
_TERM = re.compile(rf"({'|'.join(_FIELDS)})s?(>=|<=|>|<|=)\$?(\d+(?:\.\d+)?)")


def matches(size: ComputeSize, text: str) -> bool:
    """Whether a size is meant by a filter; what isn't known of it (a price, a quota) matches no comparison."""
    return all(_matches(size, word) for word in text.casefold().split())


def _matches(size: ComputeSize, word: str) -> bool:
    if (term := _TERM.fullmatch(word)) is None:
        return word in f"{size.name} {size.family} {class_of(size)}".casefold()
    value = _FIELDS[term[1]](size)
    return value is not None and _OPERATORS[term[2]](value, float(term[3]))


def class_of(size: ComputeSize) -> str:
    """What it is made for, by GPUs and by memory for each vCPU."""
    if size.gpus:
        return "GPU"
    ratio = size.memory / GIB / size.vcpus if size.vcpus else 0
    if not ratio:
        return ""
    return "compute optimised" if ratio < 3 else "general purpose" if ratio < 6 else "memory optimised"
