"""The only way out: a proxy that leads Azure's host names to the emulator, and nothing else anywhere.

Clients are pointed at it by HTTPS_PROXY and use the true host names, so that their code runs as against Azure. TLS
isn't opened here: it ends at the emulator and at Azurite, whose certificate carries Azure's names.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatch

from tests.azure_emulator.faults import Faults, NetworkFault, Outage

_CHUNK = 65536


@dataclass(eq=False)
class Tunnel:
    """A connection to a host; bytes are those on the wire, TLS included."""

    host: str
    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    bytes_up: int = 0
    bytes_down: int = 0

    @property
    def port(self) -> int:
        """The local port from which the server sees the connection come."""
        return int(self.server.get_extra_info("sockname")[1])

    def cut(self) -> None:
        """Ends the connection at once, whatever was still to be sent."""
        for side in (self.client, self.server):
            side.transport.abort()


class Jail:
    """The proxy; `targets` maps patterns of host names to ports of this machine.

    `refused` has what somebody tried to reach that isn't Azure, as `host:port` or the URL of a request without TLS.
    """

    def __init__(self, targets: Mapping[str, int], faults: Faults) -> None:
        self.targets = dict(targets)
        self.faults = faults
        self.refused: list[str] = []
        self.tunnels: list[Tunnel] = []
        self.untrusted_port = 0
        """Where a TLS server with a certificate of nobody's listens."""
        self._open: set[Tunnel] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Handles one connection of a client."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            method, place, _ = head.split(b"\r\n")[0].decode("latin-1").split(" ", 2)
            # A request without TLS (that for an identity of a virtual machine) gets no answer: one with an error would
            # be repeated by the client for half a minute.
            if method == "CONNECT":
                await self._connect(place, reader, writer)
            else:
                self.refused.append(place)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            pass
        finally:
            writer.close()

    def cut(self, host: str) -> None:
        """Ends the open connections to hosts that fit a pattern."""
        for tunnel in [one for one in self._open if fnmatch(one.host, host)]:
            tunnel.cut()

    def cut_port(self, port: int) -> None:
        """Ends the connection that the server sees come from `port`."""
        for tunnel in [one for one in self._open if one.port == port]:
            tunnel.cut()

    async def _connect(self, place: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, _, _ = place.rpartition(":")
        fault = self.faults.take_network(host)
        if fault is not None and fault.outage is Outage.REFUSED:
            return
        if fault is not None and fault.outage is Outage.BLACK_HOLE:
            await reader.read()
            return
        if fault is not None and fault.outage is Outage.NO_DNS:
            await _answer(writer, "502 Name or service not known")
            return
        port = self._port(host)
        if port is None:
            self.refused.append(place)
            await _answer(writer, "403 Not Azure")
            return
        if fault is not None and fault.outage is Outage.UNTRUSTED:
            port = self.untrusted_port
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", port)
        tunnel = Tunnel(host, writer, server_writer)
        self.tunnels.append(tunnel)
        self._open.add(tunnel)
        try:
            await _answer(writer, "200 Connection established")
            await asyncio.gather(self._up(tunnel, reader, fault), self._down(tunnel, server_reader))
        finally:
            self._open.discard(tunnel)
            server_writer.close()

    def _port(self, host: str) -> int | None:
        return next((port for pattern, port in self.targets.items() if fnmatch(host, pattern)), None)

    async def _up(self, tunnel: Tunnel, reader: asyncio.StreamReader, fault: NetworkFault | None) -> None:
        limit = fault.after_bytes if fault is not None and fault.outage is Outage.CUT else None
        with suppress(ConnectionError):
            while chunk := await reader.read(_CHUNK):
                tunnel.bytes_up += len(chunk)
                if limit is not None and tunnel.bytes_up > limit:
                    tunnel.cut()
                    return
                tunnel.server.write(chunk)
                await tunnel.server.drain()
        tunnel.server.close()

    async def _down(self, tunnel: Tunnel, reader: asyncio.StreamReader) -> None:
        with suppress(ConnectionError):
            while chunk := await reader.read(_CHUNK):
                tunnel.bytes_down += len(chunk)
                tunnel.client.write(chunk)
                await tunnel.client.drain()
        tunnel.client.close()


async def serve_untrusted(context: ssl.SSLContext) -> asyncio.Server:
    """A TLS server that says nothing; clients leave when they see its certificate."""

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    return await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)


async def _answer(writer: asyncio.StreamWriter, status: str) -> None:
    writer.write(
        f"HTTP/1.1 {status}\r\n".encode() + (b"\r\n" if status.startswith("200") else b"Content-Length: 0\r\n\r\n")
    )
    await writer.drain()
