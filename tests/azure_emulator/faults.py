"""What can go wrong, on demand: in the service's answers, and in the network on the way to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from fnmatch import fnmatch
from threading import RLock

FOREVER = -1


@dataclass
class Fault:
    """A wrong answer to requests that `match` finds in their method, path and query.

    It strikes `count` times (FOREVER: always) after `skip` requests that match have gone well. `delay` is in seconds.
    `status` answers in place of the service: with `body` as it is, else with ARM's error JSON of `code` and `message`;
    `headers` go before its own.
    `drop` closes the connection without an answer, `truncate` sends half of the service's own answer and closes it,
    `next_link` puts another address in place of a page's nextLink (SAME_PAGE: the page's own).
    """

    match: str
    count: int = 1
    skip: int = 0
    delay: float = 0.0
    status: int | None = None
    code: str = "InjectedFault"
    message: str = "A fault that a test asked for."
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    content_type: str = "text/html"
    drop: bool = False
    truncate: bool = False
    next_link: str | None = None


SAME_PAGE = "same page"


class Outage(Enum):
    """What the network does to a connection."""

    REFUSED = "closed without a word"
    NO_DNS = "the proxy can't resolve the name"
    BLACK_HOLE = "never answered"
    UNTRUSTED = "TLS by a certificate that nobody trusts"
    CUT = "cut after a number of bytes from the client"


@dataclass
class NetworkFault:
    """An outage for connections to hosts that the pattern `host` fits, `count` times; CUT comes after `after_bytes`."""

    host: str
    outage: Outage
    count: int = FOREVER
    after_bytes: int = 0


class Faults:
    """The faults that wait to strike, in the order in which they were added."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._answers: list[Fault] = []
        self._network: list[NetworkFault] = []
        self.on_outage: Callable[[str], None] = lambda host: None
        """Called with a host pattern when an outage begins: connections that are open end."""

    def add(self, fault: Fault) -> Fault:
        """Lets a fault strike from now on."""
        with self._lock:
            self._answers.append(fault)
        return fault

    def cut_off(self, host: str, outage: Outage, *, count: int = FOREVER, after_bytes: int = 0) -> None:
        """Breaks the network to hosts that fit the pattern `host`; connections that are open are closed."""
        with self._lock:
            self._network.append(NetworkFault(host, outage, count, after_bytes))
        self.on_outage(host)

    def clear(self) -> None:
        """All is well again."""
        with self._lock:
            self._answers.clear()
            self._network.clear()

    def take(self, target: str) -> Fault | None:
        """The fault that strikes a request, counted as struck."""
        with self._lock:
            for fault in self._answers:
                if fault.count == 0 or not re.search(fault.match, target, re.IGNORECASE):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                if fault.count > 0:
                    fault.count -= 1
                return fault
        return None

    def take_network(self, host: str) -> NetworkFault | None:
        """The outage that strikes a new connection, counted as struck."""
        with self._lock:
            for fault in self._network:
                if fault.count != 0 and fnmatch(host, fault.host):
                    if fault.count > 0:
                        fault.count -= 1
                    return fault
        return None
