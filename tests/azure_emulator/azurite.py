"""Azurite, Microsoft's own emulator of Azure Storage, as a process on loopback. It needs Node and its npm package."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

from tests.azure_emulator.certificates import Certificates

VERSION = "3.35.0"
FOLDER = Path(__file__).parents[2] / ".cache" / "azurite"
_MAIN = Path("node_modules/azurite/dist/src/blob/main.js")
_LAUNCHER = "process.stdin.on('end', () => process.exit()).resume(); require(process.argv[1])"
"""Runs Azurite until its standard input closes, as it does when whoever started it is gone, also by force."""
_START_SECONDS = 60
_INSTALL_SECONDS = 600


def missing() -> str | None:
    """Why Azurite can't run here; None where it can."""
    if shutil.which("node") is None:
        return "Azurite needs Node, which is not on this machine"
    if not (FOLDER / _MAIN).is_file():
        return "Azurite is not installed: python -m tests.azure_emulator --install"
    return None


def ensure_azurite() -> str | None:
    """Installs Azurite with npm where it isn't yet; says why that failed, None when it is there."""
    if missing() is None:
        return None
    if shutil.which("npm") is None:
        return "Azurite needs Node and npm, which are not on this machine"
    FOLDER.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--prefix", str(FOLDER), "--no-audit", "--no-fund", "--loglevel=error"]
    try:
        subprocess.run(
            [*command, f"azurite@{VERSION}"], capture_output=True, text=True, check=True, timeout=_INSTALL_SECONDS
        )
    except subprocess.CalledProcessError as problem:
        return f"npm could not install Azurite: {problem.stderr.strip()}"
    except subprocess.TimeoutExpired:
        return f"npm did not install Azurite within {_INSTALL_SECONDS} seconds"
    return missing()


class Azurite:
    """The blob service, with TLS, holding everything in memory."""

    def __init__(self, certificates: Certificates, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self._log = (folder / "azurite.log").open("wb")
        self._process = subprocess.Popen(
            [
                *(
                    "node",
                    "--eval",
                    _LAUNCHER,
                    str(FOLDER / _MAIN),
                    "--blobHost",
                    "127.0.0.1",
                    "--blobPort",
                    str(self.port),
                ),
                *("--cert", str(certificates.certificate), "--key", str(certificates.key), "--oauth", "basic"),
                *("--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--loose", "--silent"),
            ],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def wait(self) -> None:
        """Returns when it listens; RuntimeError where it ends before, TimeoutError after a minute."""
        deadline = time.monotonic() + _START_SECONDS
        while self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise TimeoutError("Azurite doesn't listen") from None
                time.sleep(0.05)
        raise RuntimeError(f"Azurite ended with {self._process.returncode}: {Path(self._log.name).read_text()}")

    def stop(self) -> None:
        """Ends the process; what it held is gone."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._log.close()
