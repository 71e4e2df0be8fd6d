"""Whether a machine can be logged in to from outside, without logging in: its address, its port, its greeting."""

from __future__ import annotations

import ipaddress
import socket

from services.errors import Fault
from services.text import safe

PORT = 22
TIMEOUT = 4.0
"""Seconds to connect, and to greet."""


def ssh_faults(address: str, *, path: str = "", port: int = PORT, timeout: float = TIMEOUT) -> list[Fault]:
    """What would keep Azure ML from using the machine; blocking.

    Args:
        path: the field of the spec that the faults are about.
    """
    if is_private(address):
        return [Fault(path, f"{address} is a private address; Azure ML reaches public ones only")]
    try:
        greeting = read_greeting(address, port, timeout)
    except OSError as error:
        why = "no answer" if isinstance(error, TimeoutError) else error.strerror or str(error)
        return [Fault(path, f"{address} can't be reached on port {port} ({why}): is it running, and is the port open?")]
    if not greeting.startswith("SSH-"):
        return [Fault(path, f"what answers at {address}:{port} is no SSH server")]
    if "ubuntu" in greeting.lower():
        return [Fault(path, f"{address} answers on port {port} and runs Ubuntu: {safe(greeting)}", "note")]
    told = f"{address} answers on port {port}, but its greeting doesn't say Ubuntu: {safe(greeting)}"
    return [Fault(path, told, "warning")]


def is_private(address: str) -> bool:
    """Whether an address can't be reached from the internet; a host's name may be anything."""
    try:
        return not ipaddress.ip_address(address).is_global
    except ValueError:
        return False


def read_greeting(host: str, port: int, timeout: float) -> str:
    """The first line that an SSH server sends (RFC 4253, 4.2), at most 255 bytes. Raises OSError."""
    with socket.create_connection((host, port), timeout) as connection, connection.makefile("rb") as stream:
        return stream.readline(255).decode("utf-8", "replace").strip()
