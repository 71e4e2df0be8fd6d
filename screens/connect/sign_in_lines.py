"""The chain of ways to sign in as lines of text: which were tried, what came of each, what a person has to do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from textual.content import Content

from screens.lists import shown
from screens.widgets.cells import wrap
from screens.widgets.status import duration_text
from services.errors import AccessError, ServiceError, Who
from services.sign_in import SILENT_METHODS, DeviceCode, SignInMethod, SignInState, SignInStep

GLYPHS = {
    SignInState.TRYING: ("◔", "$text-accent"),
    SignInState.SIGNED_IN: ("✓", "$text-success"),
    SignInState.NOT_AVAILABLE: ("–", "$text-muted"),
    SignInState.FAILED: ("✗", "$text-error"),
    SignInState.DECLINED: ("✗", "$text-error"),
    SignInState.EXPIRED: ("✗", "$text-warning"),
}
LABEL = max(len(method.label) for method in SignInMethod)


def next_method(after: SignInMethod | None) -> SignInMethod:
    """The way to sign in that follows another; the device code after the last."""
    methods = list(SignInMethod)
    at = methods.index(after) + 1 if after else 0
    return methods[min(at, len(methods) - 1)]


def chain_lines(
    steps: Mapping[SignInMethod, SignInStep], *, current: SignInMethod | None, trying: bool, width: int
) -> Content:
    """A line for each way: glyph, name, and who it signed in or why it didn't.

    Args:
        current: the way whose identity is in use, since several may have signed somebody in.
        trying: whether the chain goes on, so that what has no step yet waits for its turn.
        width: cells of a line; a reason that is longer goes on below itself.
    """
    lines = [_line(method, steps.get(method), method is current, trying, width) for method in SignInMethod]
    return Content("\n").join(lines)


def _line(method: SignInMethod, step: SignInStep | None, in_use: bool, trying: bool, width: int) -> Content:
    label = f"{method.label:<{LABEL}}  "
    if step is None:
        text = "d shows a code to type into a browser anywhere" if method is SignInMethod.DEVICE_CODE else "not tried"
        if trying and method in SILENT_METHODS:
            text = "waits for its turn"
        return Content.assemble(("· ", "$text-muted"), label, (text, "$text-muted"))
    glyph, style = GLYPHS[step.state]
    reason = f"{step.state}: {shown(step.detail)}" if step.detail else step.state.value
    told = Content(_hanging(reason, LABEL + 4, width))
    if step.identity:
        seconds = f"  {duration_text(step.seconds)}"
        name = (shown(step.identity.name), "bold" if in_use else "")
        told = Content.assemble(name, (seconds + "  in use" * in_use, "$text-muted"))
    elif step.state is SignInState.TRYING:
        told = Content("waits for you ..." if method is SignInMethod.DEVICE_CODE else "trying ...")
    return Content.assemble((f"{glyph} ", style), label, told)


def _hanging(text: str, indent: int, width: int) -> str:
    """A text that goes on below itself, `indent` cells from the left."""
    return f"\n{' ' * indent}".join(wrap(text, max(20, width - indent)))


def code_lines(code: DeviceCode, now: datetime) -> Content:
    """Where to go, what to type there, and how long that holds."""
    left = max(0.0, (code.expires_at - now).total_seconds())
    time = f"{duration_text(left)} left" if left >= 1 else "expired"
    return Content("\n").join(
        [
            Content.assemble("  Open  ", (shown(code.uri), "bold $text-accent"), "  in a browser on any machine"),
            Content.assemble("  Type  ", (shown(code.code), "bold $text-accent"), (f"  {time}", "$text-muted")),
            Content.styled("  c copies the code, u the address, esc gives up", "$text-muted"),
        ]
    )


def trouble_lines(error: ServiceError, after: SignInMethod | None, width: int) -> Content:
    """What went wrong and what to do; an identity that was refused is not the only one that a machine may have.

    Args:
        after: how the identity that was refused has signed in.
        width: cells of a line.
    """
    lines = [Content.assemble(("✗ ", "$text-error"), (shown(error.title), "bold"))]
    lines += [Content(f"  {_hanging(shown(part), 2, width)}") for part in error.detail.split("\n")]
    advice = _access_advice(error, after) if isinstance(error, AccessError) else error.advice
    advice = "r tries again." if error.retryable else advice
    for part in advice.split("\n") if advice else ():
        lines.append(Content.assemble(("→ ", "$text-accent"), _hanging(shown(part), 2, width)))
    if error.request_id:
        lines.append(Content.styled(f"  request id {shown(error.request_id)}", "$text-muted"))
    return Content("\n").join(lines)


def _access_advice(error: AccessError, after: SignInMethod | None) -> str:
    following = next_method(after)
    ways = ["d signs in with a code"]
    if error.who is not Who.ADMIN:
        return f"{ways[0]}."
    if following is not SignInMethod.DEVICE_CODE:
        ways.insert(0, f"x goes on with the next identity ({following.label})")
    return f"{', '.join(ways)}; or ask the owner for a role."
