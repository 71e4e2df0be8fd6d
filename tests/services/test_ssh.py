"""Whether a machine can be logged in to, told without logging in."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from threading import Thread

import pytest

from services import ssh

Serve = Callable[[bytes], int]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Greets whoever connects; returns the port."""
    sockets = []

    def start(greeting: bytes) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        sockets.append(listener)

        def greet() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(greeting)

        Thread(target=greet, daemon=True).start()
        return int(listener.getsockname()[1])

    yield start
    for listener in sockets:
        listener.close()


@pytest.fixture
def loopback_is_public(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh, "is_private", lambda _: False)


@pytest.mark.usefixtures("loopback_is_public")
@pytest.mark.parametrize(
    ("greeting", "severity", "words"),
    [
        (b"SSH-2.0-OpenSSH_8.9p1 Ubuntu-3ubuntu0.10\r\n", "note", "runs Ubuntu"),
        (b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "warning", "doesn't say Ubuntu: SSH-2.0-OpenSSH_9.2p1 Debian-2"),
        (b"SSH-2.0-\x1b[31mUbuntu\n", "note", "\u241b[31m"),
        (b"220 mail.example.test ESMTP\r\n", "error", "no SSH server"),
        (b"", "error", "no SSH server"),
    ],
)
def test_the_greeting_tells_the_system(serve: Serve, greeting: bytes, severity: str, words: str) -> None:
    (fault,) = ssh.ssh_faults("127.0.0.1", path="resource_id", port=serve(greeting))
    assert (fault.path, fault.severity) == ("resource_id", severity)
    assert words in fault.message


@pytest.mark.usefixtures("loopback_is_public")
def test_a_closed_port_is_told(serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    (fault,) = ssh.ssh_faults("127.0.0.1", port=port)
    assert fault.severity == "error"
    assert "Connection refused" in fault.message


@pytest.mark.usefixtures("loopback_is_public")
def test_a_server_that_says_nothing_is_not_waited_for_long() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        (fault,) = ssh.ssh_faults("127.0.0.1", port=listener.getsockname()[1], timeout=0.05)
    assert "no answer" in fault.message


@pytest.mark.parametrize("address", ["10.0.0.4", "192.168.1.1", "172.16.0.9", "127.0.0.1", "fd00::1"])
def test_private_addresses_are_not_even_tried(address: str) -> None:
    (fault,) = ssh.ssh_faults(address)
    assert fault.severity == "error"
    assert "private address" in fault.message


def test_public_addresses_and_names_are_tried() -> None:
    assert not ssh.is_private("20.50.2.7")
    assert not ssh.is_private("vm.example.test")
