"""Names of jobs, experiments and assets, versions and tags, as Azure ML has them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, TypeVar

from services.errors import ConflictError, Fault, NotFoundError, SpecError, UserError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}")
OWN = "lapis."
"""Begins the names of tags in which Lapis keeps what a registry has no field for."""
TAG_KEY, TAG_VALUE = 250, 100_000
"""The lengths that MLflow's registry allows (mlflow.utils.validation)."""
_ADJECTIVES = ("amber", "brave", "calm", "clever", "dapper", "eager", "gentle", "happy", "jolly", "keen", "lucid",
               "mellow", "nimble", "olive", "plucky", "quiet", "rosy", "sunny", "tidy", "witty")  # fmt: skip
_NOUNS = ("apple", "basil", "cedar", "dune", "ember", "fern", "garden", "harbor", "iris", "juniper", "kite", "lagoon",
          "maple", "nectar", "oak", "pebble", "quartz", "river", "sail", "tulip")  # fmt: skip


def name_faults(name: str | None) -> list[Fault]:
    """What is wrong with the name of an asset (Azure ML, "Naming rules": letters, digits, `-`, `_`, `.`)."""
    if name is not None and _NAME.fullmatch(name):
        return []
    return [Fault("name", "expected 1 to 255 letters, digits, `-`, `_` and `.`, beginning with a letter or a digit")]


def version_faults(version: str | int | None) -> list[Fault]:
    """What is wrong with a version that somebody chose; `latest` is a label."""
    if version is None or (_NAME.fullmatch(str(version)) and str(version) != "latest"):
        return []
    return [Fault("version", "expected letters, digits, `-`, `_` and `.`, and not `latest`")]


def check(*faults: Iterable[Fault]) -> None:
    """Raise SpecError if there is any fault."""
    found = [fault for group in faults for fault in group]
    if found:
        raise SpecError(found)


def next_version(taken: Iterable[str]) -> str:
    """1, 2, 3: one more than the highest number."""
    return str(max((int(version) for version in taken if version.isascii() and version.isdigit()), default=0) + 1)


def taken(kind: str, name: str, version: str) -> ConflictError:
    """A version never changes."""
    return ConflictError(
        f"{kind} {name} has a version {version} already; a version never changes.",
        title="The version is taken",
        advice="Leave the version out to get the next one.",
    )


def text_tags(tags: Mapping[str, str | int | float | bool | None]) -> dict[str, str]:
    """Tags as text, as the service keeps them: True is `true`, None is empty."""
    return {
        key: "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in tags.items()
    }


def has_words(text: str, *fields: str) -> bool:
    """Whether each word of `text` is somewhere in the fields, whatever its case."""
    searched = "\n".join(fields).casefold()
    return all(word in searched for word in text.casefold().split())


def utc(seconds: float) -> datetime:
    """Seconds since the epoch as a time."""
    return datetime.fromtimestamp(seconds, UTC)


class Versioned(Protocol):
    """Something that has a version."""

    @property
    def version(self) -> str:
        """Its version."""


V = TypeVar("V", bound=Versioned)


def find_version(what: str, versions: Sequence[V], version: str, latest: V | None) -> V:
    """A version by its name, or the one that `latest` means. Raises NotFoundError, which names those that there are."""
    if version == "latest" and latest is not None:
        return latest
    for found in versions:
        if found.version == version:
            return found
    known = ", ".join(found.version for found in versions[:10])
    raise NotFoundError(f"{what} has no version {version}; it has {known}.")


def make_name() -> str:
    """A name as Azure ML makes them: adjective_noun_suffix."""
    alphabet = "0123456789bcdfghjklmnpqrstvwxyz"
    suffix = "".join(secrets.choice(alphabet) for _ in range(10))
    return f"{secrets.choice(_ADJECTIVES)}_{secrets.choice(_NOUNS)}_{suffix}"


def experiment_name(base: Path) -> str:
    """The folder's name, as az ml takes it, in the characters that an experiment may have."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", base.resolve().name).strip("-_") or "Default"


def shown_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Tags without those in which Lapis keeps what a registry has no field for."""
    return {key: value for key, value in tags.items() if not key.startswith(OWN)}


def check_tags(tags: Mapping[str, str]) -> None:
    """Raise SpecError for tags of a model that a registry would not take, or that are our own."""
    faults = []
    for key, value in tags.items():
        if not key or len(key) > TAG_KEY or key.startswith(OWN):
            faults.append(
                Fault(f"tags.{key}", f"a tag's name has 1 to {TAG_KEY} characters and does not begin with {OWN}")
            )
        elif len(value) > TAG_VALUE:
            faults.append(Fault(f"tags.{key}", f"a tag's value has at most {TAG_VALUE:,} characters"))
    check(faults)


def check_alias(alias: str) -> None:
    """Raise UserError by the rules of MLflow's registry (mlflow.utils.validation): no version looks like an alias."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", alias):
        raise UserError(f"{alias!r} is no alias: letters, digits, `-` and `_` make one.", title="That is no alias")
    if alias.lower() == "latest" or re.fullmatch(r"[vV]?[0-9]+", alias):
        raise UserError(
            f"{alias} is reserved: it means a version already.", title="The alias is reserved", advice="Choose a word."
        )
