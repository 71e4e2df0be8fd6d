"""A web server of the test's own on loopback, which answers as a test wants."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias


@dataclass(frozen=True)
class Asked:
    """A request: its path, its headers, and how many bytes of a body were sent."""

    path: str
    headers: dict[str, str]
    sent: int = 0


class Answering(BaseHTTPRequestHandler):
    """Sends files, in ranges where the server has them."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        web = self.server.web
        path = self.path.partition("?")[0]
        if answer := web.answers.get(path):
            answer(self)
        elif path in web.files:
            self.send_file(web.files[path], web.etags.get(path, '"1"'))
        else:
            self.refuse(404)

    def send_file(self, content: bytes, etag: str, *, ranges: bool = True) -> None:
        """The part that was asked for, or all of it."""
        asked = self.headers.get("Range") if ranges else None
        start, end = 0, len(content)
        if asked:
            first, last = asked.removeprefix("bytes=").split("-")
            start, end = int(first), min(int(last) + 1, len(content))
            if start >= len(content):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(content)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(content)}")
        self.send_header("ETag", etag)
        self.send_header("Content-Length", str(end - start))
        self.end_headers()
        self.note(end - start)
        self.wfile.write(content[start:end])

    def note(self, sent: int = 0) -> None:
        """Keep what was asked for."""
        self.server.web.asked.append(Asked(self.path, dict(self.headers), sent))

    def refuse(self, status: int) -> None:
        """No file, but a status."""
        self.note()
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def lead(self, address: str) -> None:
        """To another address."""
        self.note()
        self.send_response(302)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


Answer: TypeAlias = Callable[[Answering], None]


class _Server(ThreadingHTTPServer):
    web: WebServer

    def handle_error(self, *_: object) -> None:
        """A client that went away is what some tests are about."""


@dataclass
class WebServer:
    """What is served, and what was asked for.

    Attributes:
        address: `http://127.0.0.1:PORT`.
        files: by path, with a slash before it.
        etags: of files; `"1"` by itself.
        answers: instead of a file, by path.
        released: lets go those that `hang`.
    """

    address: str
    files: dict[str, bytes] = field(default_factory=dict)
    etags: dict[str, str] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def put(self, name: str, content: bytes) -> str:
        """Serve a file; its address."""
        self.files[f"/{name}"] = content
        return f"{self.address}/{name}"

    def answer(self, name: str, answer: Answer) -> str:
        """Answer in an own way; the address."""
        self.answers[f"/{name}"] = answer
        return f"{self.address}/{name}"

    def hang(self, handler: Answering) -> None:
        """Answer nothing until the test is over."""
        handler.note()
        self.released.wait()

    @property
    def sent(self) -> int:
        """Bytes of bodies."""
        return sum(asked.sent for asked in self.asked)


@contextmanager
def web_server() -> Iterator[WebServer]:
    """A server that ends with the block."""
    server = _Server(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    server.web = WebServer(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.web
    finally:
        server.web.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
