"""A file behind an http(s) address, read in ranges; where a server knows none, from its beginning on."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from services.azure_logs import quiet_libraries
from services.errors import AccessError, NotFoundError, ServiceError, TransientError, UserError, Who
from services.tables.background import StoppedError
from services.tables.media import size_words
from services.text import masked

if TYPE_CHECKING:
    from requests import Response, Session

FIRST = 1 << 18
"""Bytes of the first request: enough for a page of most tables."""
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0
"""How long a server may be silent."""
PACE = 1_000
"""Bytes a second that a server must send at least, once it has had `ANSWER_SECONDS`."""
FAILURES = (500, 502, 503, 504)
PAUSES = (0.1, 0.4)
"""Seconds before a failed request is sent again."""
LIMIT = 500_000_000
"""Bytes that are taken from a server which doesn't say how many there are."""
_PIECE = 1 << 16
_RANGE = re.compile(r"bytes (?:\d+-\d+|\*)/(?P<size>\d+)")


class WebBytes:
    """The bytes at an address, as they were when it was opened: a later change is an error, never a mixture.

    Credentials in the address go to its own host alone, also after a redirect.
    """

    path: Path | None = None

    def __init__(self, url: str, folder: Path) -> None:
        """Ask for the beginning. Raises ServiceError.

        Args:
            folder: where the bytes are kept of a server that sends them in one stream only.
        """
        try:
            self._host = urlsplit(url).hostname or ""
        except ValueError as error:
            raise _no_address(url) from error
        self.name = _name_in(url)
        self._url = url
        self._shown = masked(_without_credentials(url))
        self._session = _session()
        self._closed = threading.Event()
        self._stream: _Stream | None = None
        try:
            self._open(folder)
        except BaseException:
            self.close()
            raise

    def _open(self, folder: Path) -> None:
        response = self._get(0, FIRST)
        if "." not in self.name:  # a short address, which leads to that of a file
            self.name = _name_in(response.url) or self._host
        self._state = _state(response)
        self._head = b""
        if response.status_code == 416:  # of no bytes there is no range
            self.size = 0
        elif (found := _RANGE.match(response.headers.get("Content-Range", ""))) and response.status_code == 206:
            self.size = int(found["size"])
            self._head = b"".join(self._pieces(response, min(FIRST, self.size)))
        else:
            if response.status_code == 206:  # a part, but nobody says of how much
                response.close()
                response = self._get()
            self._stream = _Stream(self._pieces(response), folder / "stream")
            length = response.headers.get("Content-Length", "")
            self.size = int(length) if length.isdigit() else self._measured(self._stream)

    def _measured(self, stream: _Stream) -> int:
        size = stream.advance(LIMIT + 1)
        if size > LIMIT:
            raise UserError(
                f"{self._shown} has more than {size_words(LIMIT)}, and its server sends no parts of it.",
                title="Too large to be fetched whole",
                advice="Download it, and open it by its path.",
            )
        return size

    def read(self, offset: int, length: int) -> bytes:
        """The bytes from `offset`. Raises ServiceError; StoppedError after `close`."""
        end = min(offset + length, self.size)
        if end <= offset:
            return b""
        if self._stream:
            if self._stream.advance(end) < end:
                raise self._broken("the answer ended early")
            return self._stream.read(offset, end - offset)
        if end <= len(self._head):
            return self._head[offset:end]
        response = self._get(offset, end - offset)
        if response.status_code != 206 or _state(response) != self._state:
            response.close()
            raise self._changed()
        data = b"".join(self._pieces(response, end - offset))
        if len(data) < end - offset:
            raise self._broken("the answer ended early")
        return data

    def change(self) -> str:
        """Deleted or written to since it was opened; empty if the server can't be asked."""
        if self._stream:
            return ""
        try:
            response = self._get(0, 1)
        except NotFoundError:
            return "the file was deleted; what was read is shown"
        except ServiceError:
            return ""
        response.close()
        if found := _RANGE.match(response.headers.get("Content-Range", "")):
            grown = int(found["size"]) - self.size
            if grown > 0:
                return f"the file has grown by {grown:,} bytes; open it again to see them"
        return "" if _state(response) == self._state else "the file was written to; open it again"

    def close(self) -> None:
        """Read no more."""
        self._closed.set()
        if self._stream:
            self._stream.close()
        self._session.close()

    # ------------------------------------------------------------------------------------------------------ requests

    def _get(self, offset: int = 0, length: int = 0) -> Response:
        """The answer for a range, or for the whole file if that is empty."""
        asked = {"Range": f"bytes={offset}-{offset + length - 1}"} if length else {}
        response = self._answer(asked)
        for pause in PAUSES:
            if response.status_code not in FAILURES or self._closed.wait(pause):
                break
            response.close()
            response = self._answer(asked)
        if response.status_code >= 400 and response.status_code != 416:
            response.close()
            raise self._refused(response)
        return response

    def _answer(self, headers: Mapping[str, str]) -> Response:
        if self._closed.is_set():
            raise StoppedError
        with self._web_errors():
            return self._session.get(self._url, headers=headers, timeout=(CONNECT_SECONDS, ANSWER_SECONDS), stream=True)

    def _pieces(self, response: Response, most: int | None = None) -> Iterator[bytes]:
        """The body as it comes, no more than `most` bytes of it."""
        started, got = time.monotonic(), 0
        with response, self._web_errors():
            while most is None or got < most:
                if self._closed.is_set():
                    raise StoppedError
                piece = response.raw.read1(_PIECE if most is None else min(_PIECE, most - got))
                if not piece:
                    return
                got += len(piece)
                seconds = time.monotonic() - started
                if seconds > ANSWER_SECONDS and got < PACE * seconds:
                    raise self._slow(f"sent {got:,} bytes in {seconds:.0f} s")
                yield piece

    @contextmanager
    def _web_errors(self) -> Iterator[None]:
        import requests
        import urllib3

        try:
            yield
        except (requests.Timeout, urllib3.exceptions.TimeoutError) as error:
            raise self._slow(f"was silent for {ANSWER_SECONDS:.0f} s") from error
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema) as error:
            raise _no_address(self._url) from error
        except requests.TooManyRedirects as error:
            raise UserError(f"{self._shown} leads on and on, and never to a file.") from error
        except requests.exceptions.SSLError as error:
            raise TransientError(
                f"{self._host} has no certificate that this machine trusts.",
                title="The certificate is not trusted",
                advice="A proxy that opens TLS needs its certificate in REQUESTS_CA_BUNDLE, or do not go on.",
                who=Who.ADMIN,
            ) from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            if self._closed.is_set():
                raise StoppedError from error
            raise self._broken("it can't be reached, or broke the connection") from error

    # -------------------------------------------------------------------------------------------------------- errors

    def _refused(self, response: Response) -> ServiceError:
        status, said = response.status_code, f"{self._shown}: {self._host} answered {response.status_code}"
        said += f" ({response.reason})." if response.reason else "."
        if status in (401, 403):
            advice = "Is the signature still good? Ask its owner for access, or for an address that carries it."
            return AccessError(said, title="The server lets nobody read that", advice=advice)
        if status in (404, 410):
            return NotFoundError(said, title="There is no such file", advice="Check the address.")
        if status >= 500 or status in (408, 429):
            return TransientError(said, title=f"The server failed with {status}", advice="Try again in a while.")
        return UserError(said, title="The server refuses that")

    def _slow(self, what: str) -> TransientError:
        return TransientError(
            f"{self._shown}: {self._host} {what}.", title="The server is too slow", advice="Try again in a while."
        )

    def _broken(self, what: str) -> TransientError:
        return TransientError(
            f"{self._shown}: {self._host}: {what}.", title="The connection broke", advice="Check the network."
        )

    def _changed(self) -> TransientError:
        return TransientError(
            f"{self.name} was written to on {self._host} while it was open.",
            title="The file has changed",
            advice="Open it again.",
        )


class _Stream:
    """A body that comes from its beginning to its end, kept in a file as far as it was wanted."""

    def __init__(self, pieces: Iterator[bytes], path: Path) -> None:
        self._pieces = pieces
        self._file: IO[bytes] = path.open("w+b")
        self._got = 0
        self._lock = threading.Lock()

    def advance(self, end: int) -> int:
        """Take what comes until `end` bytes are there; how many are, fewer only at the end of the body."""
        with self._lock:
            while self._got < end and (piece := next(self._pieces, b"")):
                self._file.seek(self._got)
                self._file.write(piece)
                self._got += len(piece)
            return self._got

    def read(self, offset: int, length: int) -> bytes:
        """Bytes that are there."""
        with self._lock:
            self._file.seek(offset)
            return self._file.read(length)

    def close(self) -> None:
        """Throw away what is there."""
        self._file.close()


def _session() -> Session:
    import requests

    quiet_libraries()
    session = requests.Session()
    session.headers["Accept-Encoding"] = "identity"  # ranges are of the file's own bytes
    return session


def _state(response: Response) -> str:
    """What tells one state of a file from another; empty where the server doesn't say."""
    return str(response.headers.get("ETag") or response.headers.get("Last-Modified") or "")


def _name_in(url: str) -> str:
    return unquote(PurePosixPath(urlsplit(url).path).name)


def _no_address(url: str) -> UserError:
    return UserError(f"{masked(url)} is no address.", title="That is no address")


def _without_credentials(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
