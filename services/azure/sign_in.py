"""Signs in with the methods of `services.sign_in`, one after the other, and keeps who is signed in for this process."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Event
from typing import Any

from services.azure.credentials import Tokens, identity_of, make_device_code, make_silent
from services.azure.http import ARM_SCOPE
from services.azure_errors import not_signed_in
from services.azure_logs import quiet_libraries
from services.sign_in import SILENT_METHODS, DeviceCode, Identity, SignIn, SignInMethod, SignInState, SignInStep
from services.text import masked
from services.threads import in_daemon_thread


@dataclass(frozen=True)
class SignedIn:
    """Somebody's tokens."""

    tokens: Tokens
    identity: Identity


class LateTokens(Tokens):
    """The tokens of whoever is signed in when the first one is asked for, so that what is on disk is shown before.

    Threads ask; the loop, in which methods are tried one after the other, goes on meanwhile.

    Attributes:
        identity: whose they are; None before.
    """

    def __init__(self, sign_in: AzureSignIn, tenant_id: str, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(self._find)
        self._sign_in = sign_in
        self._tenant_id = tenant_id
        self._loop = loop
        self._found: SignedIn | None = None

    @property
    def identity(self) -> Identity | None:
        """Whose they are."""
        return self._found.identity if self._found else None

    def _find(self) -> Tokens:
        if self._found is None:
            signing_in = self._sign_in.signed_in(self._tenant_id)
            self._found = asyncio.run_coroutine_threadsafe(signing_in, self._loop).result()
        return self._found.tokens

    def renew(self, refused: str) -> None:
        """Those that it stands for are fetched anew."""
        if self._found is not None:
            self._found.tokens.renew(refused)
        super().renew(refused)


@functools.cache
def shared_sign_in() -> AzureSignIn:
    """The sign-in of this process."""
    return AzureSignIn()


class AzureSignIn(SignIn):
    """The chain over azure-identity."""

    def __init__(self) -> None:
        self._current: SignInStep | None = None
        self._kept: dict[str, SignedIn] = {}

    @property
    def current(self) -> SignInStep | None:
        """The step that signed in last."""
        return self._current

    async def signed_in(self, tenant_id: str = "") -> SignedIn:
        """Who is signed in to a tenant; tries the silent methods if nobody is.

        Raises AccessError with a line for each method that gave no token.
        """
        if kept := self._find(tenant_id):
            return kept
        failed = []
        async for step in self.steps(tenant_id=tenant_id):
            if step.state is SignInState.SIGNED_IN:
                return self._kept[tenant_id]
            if step.state is not SignInState.TRYING:
                failed.append(f"{step.method.label}: {step.detail}")
        raise not_signed_in("\n".join(failed))

    def _find(self, tenant_id: str) -> SignedIn | None:
        last = self._kept.get("")
        if last is not None and tenant_id and last.identity.tenant_id == tenant_id:
            return last
        return self._kept.get(tenant_id)

    async def steps(self, *, tenant_id: str = "", after: SignInMethod | None = None) -> AsyncIterator[SignInStep]:
        """Try the silent methods in order."""
        first = SILENT_METHODS.index(after) + 1 if after in SILENT_METHODS else 0
        for method in SILENT_METHODS[first:]:
            yield SignInStep(method, SignInState.TRYING)
            step = await self.try_method(method, tenant_id=tenant_id)
            yield step
            if step.state is SignInState.SIGNED_IN:
                return

    async def try_method(self, method: SignInMethod, *, tenant_id: str = "", client_id: str = "") -> SignInStep:
        """Try one silent method."""
        started = time.monotonic()
        tokens = Tokens(functools.partial(make_silent, method, tenant_id, client_id))
        try:
            token = await in_daemon_thread(lambda: _first_token(tokens))
        except Exception as error:
            return _failed(method, error, started)
        return self._keep(method, tokens, token, tenant_id, started)

    async def device_code(self, *, tenant_id: str = "") -> AsyncGenerator[DeviceCode | SignInStep, None]:
        """Show a code and wait for the person."""
        started = time.monotonic()
        loop = asyncio.get_running_loop()
        codes: asyncio.Queue[DeviceCode] = asyncio.Queue()
        given_up, signed_in = Event(), False

        def show(uri: str, code: str, expires_at: datetime) -> None:
            with suppress(RuntimeError):  # the loop was closed: nobody looks any more
                loop.call_soon_threadsafe(codes.put_nowait, DeviceCode(uri, code, expires_at))

        def wait() -> tuple[Tokens, str]:
            quiet_libraries()
            credential: Any = make_device_code(tenant_id, show, given_up)
            credential.authenticate(scopes=[ARM_SCOPE])
            tokens = Tokens(lambda: credential)
            return tokens, _first_token(tokens)

        waiting = asyncio.ensure_future(in_daemon_thread(wait))
        code = asyncio.ensure_future(codes.get())
        try:
            await asyncio.wait((code, waiting), return_when=asyncio.FIRST_COMPLETED)
            if code.done():
                yield code.result()
            try:
                tokens, token = await waiting
            except Exception as error:
                yield _failed(SignInMethod.DEVICE_CODE, error, started)
            else:
                signed_in = True  # the credential goes on asking for tokens
                yield self._keep(SignInMethod.DEVICE_CODE, tokens, token, tenant_id, started)
        finally:
            if not signed_in:
                given_up.set()
            waiting.cancel()
            code.cancel()

    def _keep(self, method: SignInMethod, tokens: Tokens, token: str, tenant_id: str, started: float) -> SignInStep:
        identity = identity_of(token, method)
        self._kept[tenant_id] = self._kept[""] = SignedIn(tokens, identity)
        self._current = SignInStep(method, SignInState.SIGNED_IN, identity=identity, seconds=time.monotonic() - started)
        return self._current


def _first_token(tokens: Tokens) -> str:
    quiet_libraries()
    return str(tokens.get_token(ARM_SCOPE).token)


def _failed(method: SignInMethod, error: Exception, started: float) -> SignInStep:
    """What a method's error means; no error of a library goes past this."""
    from azure.identity import CredentialUnavailableError

    step = SignInStep(method, SignInState.FAILED, seconds=time.monotonic() - started)
    if isinstance(error, CredentialUnavailableError):
        return replace(step, state=SignInState.NOT_AVAILABLE, detail=_reason(error))
    code = _oauth_code(error)
    if code in {"authorization_declined", "access_denied"}:
        return replace(step, state=SignInState.DECLINED, detail="the sign-in was declined in the browser")
    if code in {"expired_token", "code_expired"} or "Timed out waiting" in str(error):
        return replace(step, state=SignInState.EXPIRED, detail="the code has expired; ask for a new one")
    return replace(step, detail=_reason(error))


def _oauth_code(error: Exception) -> str:
    response = getattr(error, "response", None)
    try:
        body = response.json() if response is not None else {}
    except (ValueError, AttributeError):
        return ""
    return str(body.get("error", "")) if isinstance(body, dict) else ""


def _reason(error: Exception) -> str:
    """The first line that says something, without the links to pages on troubleshooting."""
    text = masked(str(getattr(error, "message", "") or error)).strip()
    first = text.splitlines()[0].strip() if text else type(error).__name__
    return first[:300].rstrip(". ")
