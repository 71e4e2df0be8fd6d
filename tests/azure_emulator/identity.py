"""Microsoft Entra ID: who may ask for tokens, the tokens, and the ways to sign in."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

TENANT = "22222222-2222-2222-2222-222222222222"
TOKEN_SECONDS = 3600


@dataclass(frozen=True)
class Identity:
    """Somebody in the tenant, with a role on all subscriptions: Owner, Reader, or None for no rights."""

    object_id: str
    name: str
    role: str | None = "Owner"
    client_id: str | None = None
    client_secret: str | None = None

    @property
    def claims(self) -> dict[str, str]:
        """What a token says of its owner: people have a upn, applications an appid."""
        who = {"oid": self.object_id, "tid": TENANT, "sub": self.object_id}
        if self.client_id is not None:
            return {**who, "appid": self.client_id, "idtyp": "app"}
        return {**who, "upn": self.name, "name": self.name.partition("@")[0].title()}


MEMBER = Identity("33333333-3333-3333-3333-333333333333", "ada@example.test")
READER = Identity("33333333-3333-3333-3333-33333333000a", "rosa@example.test", role="Reader")
STRANGER = Identity("33333333-3333-3333-3333-33333333000b", "sam@example.test", role=None)
APPLICATION = Identity(
    "33333333-3333-3333-3333-33333333000c",
    "train-app",
    client_id="44444444-4444-4444-4444-444444444444",
    client_secret="an application's secret",
)
INSTANCE = Identity(
    "33333333-3333-3333-3333-33333333000d", "instance", client_id="55555555-5555-5555-5555-555555555555"
)
PEOPLE = (MEMBER, READER, STRANGER, APPLICATION, INSTANCE)


@dataclass
class Directory:
    """The identities, the tokens that were given and the sign-ins that wait."""

    identities: dict[str, Identity] = field(default_factory=lambda: {one.object_id: one for one in PEOPLE})
    device_answers: list[str] = field(default_factory=lambda: ["authorization_pending"])
    """What the polls of a device code get, one after the other; then a token for `device_identity`."""
    device_identity: Identity = MEMBER
    instance_identity: Identity = INSTANCE
    """Whose token the endpoint for managed identities gives."""
    device_seconds: int = 900
    _expired: set[str] = field(default_factory=set)
    _given: list[str] = field(default_factory=list)
    _device_codes: dict[str, list[str]] = field(default_factory=dict)
    _refresh_tokens: dict[str, Identity] = field(default_factory=dict)

    def reset(self) -> None:
        """The first identities and rights again; tokens that were given are good."""
        fresh = Directory()
        self.identities, self.device_answers = fresh.identities, fresh.device_answers
        self.device_identity, self.instance_identity = fresh.device_identity, fresh.instance_identity
        self.device_seconds = fresh.device_seconds
        for used in (self._expired, self._given, self._device_codes, self._refresh_tokens):
            used.clear()

    def grant(self, identity: Identity, role: str | None) -> None:
        """Gives an identity a role in place of the one that it has."""
        self.identities[identity.object_id] = replace(identity, role=role)

    def token(self, identity: Identity, audience: str, issued: float | None = None) -> str:
        """A JWT for an identity; `audience` is a scope or a resource, `issued` seconds since 1970 (now)."""
        start = int(time.time() if issued is None else issued)
        token_id = uuid4().hex
        self._given.append(token_id)
        return encode_token(
            {
                **identity.claims,
                "aud": audience.removesuffix("/.default").rstrip("/"),
                "iss": f"https://sts.windows.net/{TENANT}/",
                "nbf": start,
                "iat": start,
                "exp": start + TOKEN_SECONDS,
                "jti": token_id,
            }
        )

    def begin_device_sign_in(self) -> str:
        """A device code, whose polls get `device_answers` as they are now."""
        code = uuid4().hex
        self._device_codes[code] = list(self.device_answers)
        return code

    def poll_device_sign_in(self, code: str) -> str | None:
        """What the next poll of a device code gets: an error code of OAuth, or None for a token."""
        answers = self._device_codes.get(code)
        if answers is None:
            return "bad_verification_code"
        return answers.pop(0) if answers else None

    def refresh_token(self, identity: Identity) -> str:
        """A token with which an identity gets others."""
        token = uuid4().hex
        self._refresh_tokens[token] = identity
        return token

    def owner(self, refresh_token: str) -> Identity | None:
        """Whose a refresh token is."""
        return self._refresh_tokens.get(refresh_token)

    def expire_tokens(self) -> None:
        """Lets no token that was given so far be good any longer."""
        self._expired.update(self._given)

    def is_expired(self, claims: Mapping[str, Any]) -> bool:
        """Whether `expire_tokens` ended this token."""
        return claims.get("jti") in self._expired

    def role(self, claims: Mapping[str, Any]) -> str | None:
        """The role of the token's owner; None for those whom the directory doesn't know."""
        found = self.identities.get(str(claims.get("oid")))
        return None if found is None else found.role


def encode_token(claims: Mapping[str, Any]) -> str:
    """A JWT that can be decoded; its signature is none, and nobody here checks it."""
    return ".".join([encode_part({"alg": "RS256", "typ": "JWT"}), encode_part(claims), "c2lnbmF0dXJl"])


def decode_token(token: str) -> dict[str, Any]:
    """The claims of a JWT; ValueError where it isn't one."""
    parts = token.split(".")
    if len(parts) != 3:
        raise ValueError("a JWT has three parts")
    claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    if not isinstance(claims, dict):
        raise ValueError("a JWT holds an object")
    return claims


def encode_part(content: Mapping[str, Any]) -> str:
    """JSON as a part of a JWT."""
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()
