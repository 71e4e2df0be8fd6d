"""What Azure's libraries raise, as ServiceErrors: one place, so that all screens say the same of the same trouble.

Sources: azure.core.exceptions; the error body of Azure Resource Manager ("Common API details", learn.microsoft.com), in
which Azure ML puts the code that tells something into `error.details[0].code` and nearly always UserError above it.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import Any

from services.errors import AccessError, ConflictError, NotFoundError, ServiceError, TransientError, UserError, Who
from services.text import masked

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_QUOTED = re.compile(r"'([^']+)'|\"([^\"]+)\"")
REFUSED = "Refused:"
CLOCK_SECONDS = 300.0
"""How far a clock may be off; services allow five minutes, storage fifteen."""
SIGN_IN_ADVICE = "Press g x (Connect) and sign in again, or run `az login`."

_OF_CODES = {
    "QuotaExceeded": (
        "The quota is used up",
        "Choose a smaller size or fewer nodes, or ask for more in the Azure portal, under Quotas.",
    )
}
"""Title and advice where the code tells more than the status."""


@dataclass(frozen=True)
class ErrorBody:
    """What an error response tells.

    Attributes:
        code: the most telling code that it has.
        request_id: what support asks for.
        clock_lead: seconds by which this machine's clock is ahead of the service's.
    """

    code: str = ""
    message: str = ""
    request_id: str = ""
    clock_lead: float = 0.0


def error_body(body: object, headers: Mapping[str, str]) -> ErrorBody:
    """Read an error response of Resource Manager or of an Azure ML service; what is missing is empty."""
    told = {str(name).lower(): str(value) for name, value in headers.items()}
    request_id = next(
        (value for name in ("x-ms-request-id", "x-ms-correlation-request-id") if (value := told.get(name))), ""
    )
    lead = _clock_lead(told.get("date", ""))
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return ErrorBody(request_id=request_id, clock_lead=lead)
    details = [detail for detail in error.get("details") or () if isinstance(detail, dict)]
    first = details[0] if details else {}
    code = str(first.get("code") or error.get("code") or "")
    message = str(first.get("message") or error.get("message") or "")
    return ErrorBody(code, message, request_id or _correlation(error), lead)


def is_elsewhere(status: int, headers: Mapping[str, str]) -> bool:
    """Whether it wasn't Azure that answered: it sends no web pages, but from its gateways, and leads nowhere else."""
    is_web_page = any(name.lower() == "content-type" and "html" in value.lower() for name, value in headers.items())
    return 300 <= status < 400 or (status < 500 and is_web_page)


def _clock_lead(date: str) -> float:
    try:
        return time.time() - parsedate_to_datetime(date).timestamp()
    except ValueError:
        return 0.0


def _correlation(error: Mapping[str, Any]) -> str:
    for item in error.get("additionalInfo") or ():
        if isinstance(item, dict) and item.get("type") == "Correlation":
            value = (item.get("info") or {}).get("value") or {}
            return str(value.get("request") or value.get("operation") or "") if isinstance(value, dict) else ""
    return ""


def status_error(status: int, body: ErrorBody, *, reason: str = "") -> ServiceError:
    """The error for an HTTP status of 400 or more, or for a long-running operation that failed with status 200."""
    said = masked(body.message or reason or "Azure gave no reason.").strip()
    detail = f"{said} ({body.code})" if body.code and body.code not in said else said
    request_id = body.request_id
    if status in (401, 403) and abs(body.clock_lead) > CLOCK_SECONDS:
        return _wrong_clock(detail, body)
    match status:
        case 401:
            return AccessError(
                detail, title="Azure asks to sign in again", advice=SIGN_IN_ADVICE, request_id=request_id, who=Who.YOU
            )
        case 403:
            return AccessError(
                detail,
                title="This identity may not do that",
                advice="Ask the owner of the workspace for a role such as AzureML Data Scientist, or choose another"
                " identity with g x (Connect).",
                request_id=request_id,
            )
        case 404:
            return NotFoundError(detail, advice="r looks again: it may have been deleted.", request_id=request_id)
        case 409 | 412:
            return ConflictError(
                detail, advice="Somebody changed it meanwhile: r shows how it is now.", request_id=request_id
            )
        case 429:
            return TransientError(
                detail,
                title="Azure asks to slow down",
                advice="Lapis waits and tries again by itself.",
                request_id=request_id,
                who=Who.AZURE,
            )
        case _ if status >= 500 or status == 408:
            return TransientError(
                detail,
                title=f"Azure failed with {status}",
                advice="Lapis tries again; azure.status.microsoft tells of outages.",
                request_id=request_id,
                who=Who.AZURE,
            )
    title, advice = _OF_CODES.get(body.code, ("Azure could not finish that" if status < 400 else "", ""))
    return UserError(detail, title=title, advice=advice, request_id=request_id)


def _wrong_clock(detail: str, body: ErrorBody) -> AccessError:
    """Tokens and signatures are good for a span of time, so a wrong clock is refused as a wrong password is."""
    off = f"{round(abs(body.clock_lead) / 60)} min {'ahead of' if body.clock_lead > 0 else 'behind'}"
    return AccessError(
        f"{detail}\nThe clock of this machine is {off} Azure's, so what it signs is taken for out of date.",
        title="The clock of this machine is wrong",
        advice="Set it (`timedatectl` shows it), then r tries again.",
        request_id=body.request_id,
        who=Who.YOU,
    )


@contextmanager
def azure_errors() -> Iterator[None]:
    """Turn what the SDK raises into a ServiceError."""
    from azure.core import exceptions as core

    try:
        yield
    except ServiceError:
        raise
    except (core.ServiceRequestError, core.ServiceResponseError, core.IncompleteReadError) as error:
        raise _network_error(str(error)) from error
    except core.HttpResponseError as error:
        raise _response_error(error) from error
    except core.AzureError as error:
        raise UserError(masked(_plain(error))) from error
    except json.JSONDecodeError as error:
        raise not_azure() from error
    except Exception as error:  # an OSError of the file system is not ours; those of requests are
        if (ours := _sdk_error(error)) is None:
            raise
        raise ours from error


@contextmanager
def naming_refused(identity: Callable[[], object | None]) -> Iterator[None]:
    """Tell who it was whom Azure refused: a machine often has several identities."""
    try:
        yield
    except AccessError as error:
        who = identity()
        if who is not None and error.who is Who.ADMIN and REFUSED not in error.detail:
            error.detail = f"{error.detail}\n{REFUSED} {who}"
            error.args = (error.detail,)
        raise


def _response_error(error: Any) -> ServiceError:
    from azure.core.exceptions import ClientAuthenticationError

    response = error.response
    if response is None and isinstance(error, ClientAuthenticationError):
        return not_signed_in(str(error.message))
    headers = dict(response.headers) if response is not None else {}
    try:
        parsed = json.loads(response.text()) if response is not None else None
    except (ValueError, AttributeError, TypeError):
        parsed = None
    body = error_body(parsed, headers)
    if not body.message and error.error is not None:  # a long-running operation keeps its error outside the response
        body = replace(body, code=str(error.error.code or ""), message=str(error.error.message or ""))
    if not body.code and (code := getattr(error, "error_code", None)):  # storage answers in XML, which its client reads
        body = replace(body, code=str(getattr(code, "value", code)))
    status = int(error.status_code or 0)
    if is_elsewhere(status, headers):
        return not_azure(status)
    # behind what storage says follow its id, its code and the whole answer again
    return status_error(status, body, reason=_plain(error).partition("\nRequestId:")[0])


def not_signed_in(detail: str) -> AccessError:
    """No credential gave a token."""
    first = masked(_ANSI.sub("", detail)).strip().splitlines()
    return AccessError(
        "\n".join(first[:12]) or "No credential gave a token.",
        title="Not signed in to Azure",
        advice=SIGN_IN_ADVICE,
        who=Who.YOU,
    )


def not_azure(status: int = 200) -> TransientError:
    """What answered is a web page, so not Azure: a proxy, or the sign-in page of a network."""
    return TransientError(
        f"What answered (status {status}) sent a web page, or text that is no JSON, so it was not Azure.",
        title="Something between here and Azure answered",
        advice="A proxy or the sign-in page of a network is in the way: open a web page, or check HTTPS_PROXY.",
        who=Who.YOU,
    )


def _network_error(text: str) -> TransientError:
    lowered = text.lower()
    if "certificate" in lowered:
        return TransientError(
            f"Whoever answered for Azure has no certificate that this machine trusts: {_reason(text)}.",
            title="The certificate is not trusted",
            advice="A proxy that opens TLS needs its certificate in REQUESTS_CA_BUNDLE, or do not go on.",
            who=Who.ADMIN,
        )
    if "name resolution" in lowered or "nameresolution" in lowered or "name or service not known" in lowered:
        return TransientError(
            "The name of the service was not found: there is no network, or no DNS.",
            title="No connection to Azure",
            advice="Lapis tries again; check the network.",
        )
    if "timed out" in lowered or "timeout" in lowered:
        return TransientError(
            "Azure did not answer in time.", title="No answer in time", advice="Lapis tries again by itself."
        )
    return TransientError(
        f"No whole answer came: {_reason(text)}.",
        title="The connection broke",
        advice="Lapis tries again; check the network.",
    )


def _reason(text: str) -> str:
    """What the innermost of the errors says that urllib3 and requests wrap into each other."""
    said = [single or double for single, double in _QUOTED.findall(text)]
    reason = (said[-1] if said else text).rpartition(">: ")[2].partition(" (_ssl.c")[0]
    return masked(reason.strip()[:200]).rstrip(".")


def _sdk_error(error: Exception) -> ServiceError | None:
    """What azure-ai-ml raises by itself: a label that is not there, a value that it refuses."""
    from requests.exceptions import RequestException

    if isinstance(error, RequestException):
        return _network_error(str(error))
    if "azure.ai.ml" not in sys.modules:  # its import takes seconds, and nobody can have raised its errors
        return None
    from azure.ai.ml.exceptions import MlException
    from marshmallow import ValidationError

    if isinstance(error, MlException):
        text = masked(_plain(error.no_personal_data_message or error))
        return (
            NotFoundError(text) if "not found" in text.lower() or "does not exist" in text.lower() else UserError(text)
        )
    if isinstance(error, ValidationError):
        return UserError(masked(_plain(error)))
    return None


def _plain(error: object) -> str:
    return _ANSI.sub("", str(error)).strip()
