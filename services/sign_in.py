"""The port of signing in to Azure: an explicit chain of methods, each with its result. No SDK and no terminal here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SignInMethod(StrEnum):
    """The ways to get a token, in the order in which they are tried; the last needs a person."""

    ENVIRONMENT = "environment"
    AZURE_CLI = "azure_cli"
    MANAGED_IDENTITY = "managed_identity"
    DEVICE_CODE = "device_code"

    @property
    def label(self) -> str:
        """Its name for people."""
        return _LABELS[self]


_LABELS = {
    SignInMethod.ENVIRONMENT: "Environment",
    SignInMethod.AZURE_CLI: "Azure CLI",
    SignInMethod.MANAGED_IDENTITY: "Managed identity",
    SignInMethod.DEVICE_CODE: "Device code",
}
SILENT_METHODS = (SignInMethod.ENVIRONMENT, SignInMethod.AZURE_CLI, SignInMethod.MANAGED_IDENTITY)
"""Those that ask nobody."""


class SignInState(StrEnum):
    """How far a step is, or how it ended."""

    TRYING = "trying"
    SIGNED_IN = "signed in"
    NOT_AVAILABLE = "not available"
    FAILED = "failed"
    DECLINED = "declined"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Identity:
    """Who a token is of.

    Attributes:
        name: a person's user principal name, an application's id, else the object id.
        object_id: in the directory; what a role is given to.
        method: how it signed in; None if that isn't known.
    """

    name: str
    object_id: str = ""
    tenant_id: str = ""
    method: SignInMethod | None = None

    def __str__(self) -> str:
        return f"{self.name} ({self.method.label})" if self.method else self.name


@dataclass(frozen=True)
class SignInStep:
    """One method and what came of it.

    Attributes:
        detail: why it gave no token, or what it waits for, in one line; text from outside.
        seconds: how long it took.
    """

    method: SignInMethod
    state: SignInState
    detail: str = ""
    identity: Identity | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class DeviceCode:
    """What a person types into a browser anywhere, until it expires (UTC)."""

    uri: str
    code: str
    expires_at: datetime


class SignIn(ABC):
    """The sign-in of this process, which all its workspaces share. Tokens are kept in memory only."""

    @property
    @abstractmethod
    def current(self) -> SignInStep | None:
        """The step that signed in last; None before that."""

    @abstractmethod
    def steps(self, *, tenant_id: str = "", after: SignInMethod | None = None) -> AsyncIterator[SignInStep]:
        """Try the silent methods in order until one gives a token; it becomes the current one.

        Each method is told of twice: when it is tried, and with its result. Raises no error.

        Args:
            tenant_id: the directory to sign in to; empty for the identity's own.
            after: begin with the method that follows this one, whose identity was refused.
        """

    @abstractmethod
    async def try_method(self, method: SignInMethod, *, tenant_id: str = "", client_id: str = "") -> SignInStep:
        """Try one silent method; it becomes the current one if it gives a token. Raises no ServiceError.

        Args:
            client_id: of a user-assigned managed identity; empty for that of the environment.
        """

    @abstractmethod
    def device_code(self, *, tenant_id: str = "") -> AsyncGenerator[DeviceCode | SignInStep, None]:
        """Sign in with a code: first the code to show, then the step with the result, which also tells of a failure.

        Ending the iteration early gives the sign-in up: what the person does with the code has no effect then.
        """
