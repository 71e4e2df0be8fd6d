"""Estimators as data: what a trial builds, its record keeps and the winner's script spells out is one thing."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

OWN = "services.automl.parts"
"""The module of our own estimators; a script and a model carry their source, as they have no Lapis beside them."""


@dataclass(frozen=True)
class Component:
    """A class by its path, and the arguments of its constructor: plain values, other components and lists of them."""

    path: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The class alone."""
        return self.path.rpartition(".")[2]


def build(component: Component) -> Any:
    """The estimator. Raises ImportError, and what its constructor raises."""
    made = getattr(importlib.import_module(component.path.rpartition(".")[0]), component.name)
    return made(**{name: _built(value) for name, value in component.arguments.items()})


def expression(component: Component, indent: str = "") -> str:
    """The Python expression that makes the estimator, over several lines if it holds other ones."""
    parts = [f"{name}={_spelled(value, indent + '    ')}" for name, value in component.arguments.items()]
    short = f"{component.name}({', '.join(parts)})"
    if len(short) + len(indent) <= 100 and "\n" not in short:
        return short
    return f"{component.name}(\n" + "".join(f"{indent}    {part},\n" for part in parts) + f"{indent})"


def imports(component: Component) -> list[str]:
    """The import lines that the expression needs, in order; our own classes are not among them."""
    classes = {one.path for one in _all(component)}
    return sorted(
        f"from {path.rpartition('.')[0]} import {path.rpartition('.')[2]}"
        for path in classes
        if not path.startswith(f"{OWN}.")
    )


def own_source(component: Component) -> str:
    """The source of our own classes that the expression needs; empty if there is none."""
    module = importlib.import_module(OWN)
    names = {one.name for one in _all(component) if one.path.startswith(f"{OWN}.")}
    needed = [value for name, value in vars(module).items() if name in names]
    bases = {base for one in needed for base in one.__mro__ if base.__module__ == OWN}
    ordered = [value for value in vars(module).values() if isinstance(value, type) and value in bases]
    source = "\n\n\n".join(inspect.getsource(one).rstrip() for one in ordered)
    return re.sub(r"  # (type: ignore|noqa).*", "", source)


def to_json(component: Component) -> dict[str, Any]:
    """A document that JSON can hold."""
    return {"component": component.path, "arguments": {k: _plain(v) for k, v in component.arguments.items()}}


def from_json(document: Mapping[str, Any]) -> Component:
    """A component from its document."""
    return Component(document["component"], {k: _read(v) for k, v in document["arguments"].items()})


def _all(value: Any) -> list[Component]:
    if isinstance(value, Component):
        return [value, *(one for each in value.arguments.values() for one in _all(each))]
    if isinstance(value, list | tuple):
        return [one for each in value for one in _all(each)]
    return []


def _built(value: Any) -> Any:
    if isinstance(value, Component):
        return build(value)
    if isinstance(value, list | tuple):
        return type(value)(_built(one) for one in value)
    return value


def _spelled(value: Any, indent: str) -> str:
    if isinstance(value, Component):
        return expression(value, indent)
    if isinstance(value, list | tuple):
        ends = "()" if isinstance(value, tuple) else "[]"
        parts = [_spelled(one, indent + "    ") for one in value]
        comma = "," if len(parts) == 1 and ends == "()" else ""
        short = f"{ends[0]}{', '.join(parts)}{comma}{ends[1]}"
        if len(short) + len(indent) <= 100 and "\n" not in short:
            return short
        return f"{ends[0]}\n" + "".join(f"{indent}    {part},\n" for part in parts) + f"{indent}{ends[1]}"
    return repr(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Component):
        return to_json(value)
    if isinstance(value, tuple):
        return {"tuple": [_plain(one) for one in value]}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _read(value: Any) -> Any:
    if isinstance(value, list):
        return [_read(one) for one in value]
    if isinstance(value, dict):
        return from_json(value) if "component" in value else tuple(_read(one) for one in value["tuple"])
    return value
