"""Azure Files, as far as reading it goes; Azurite has no file shares.

Sources: "List Directories and Files", "Get File Properties" and "Get File" of the Azure Files REST API.
"""

from __future__ import annotations

import re
from email.utils import formatdate
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.azure_emulator.emulator import emulator_of

SHARES = ("code-391ff5ac", "azureml-filestore-lab")
HOST = "*.file.core.windows.net"


async def list_directory(request: Request) -> Response:
    """The entries of a directory; HTTP 404 for one that nothing lies in, but for the share itself."""
    folder = request.url.path.strip("/") + "/"
    below = {path.removeprefix(folder): content for path, content in _files(request).items() if path.startswith(folder)}
    if not below and request.path_params.get("path"):
        return _missing("ResourceNotFound")
    folders = sorted({path.partition("/")[0] for path in below if "/" in path})
    entries = [f"<Directory><Name>{escape(name)}</Name><Properties /></Directory>" for name in folders]
    entries += [
        f"<File><Name>{escape(path)}</Name><Properties><Content-Length>{len(content)}</Content-Length></Properties></File>"
        for path, content in sorted(below.items())
        if "/" not in path
    ]
    xml = f"<EnumerationResults><Entries>{''.join(entries)}</Entries><NextMarker /></EnumerationResults>"
    return Response(xml, media_type="application/xml")


async def get_file(request: Request) -> Response:
    """A file, or a range of it, or what is said of it."""
    if request.query_params.get("comp") == "list":
        return await list_directory(request)
    content = _files(request).get(request.url.path.strip("/"))
    if content is None:
        return _missing("ResourceNotFound")
    headers = {"Last-Modified": formatdate(0, usegmt=True), "ETag": '"1"', "x-ms-type": "File"}
    if request.method == "HEAD":
        return Response(b"", headers={**headers, "Content-Length": str(len(content))})
    asked = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("x-ms-range") or request.headers.get("range") or "")
    if asked is None:
        return Response(content, headers=headers)
    first, last = int(asked[1]), min(int(asked[2] or len(content)), len(content) - 1)
    headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    return Response(content[first : last + 1], 206, headers)


def _files(request: Request) -> dict[str, bytes]:
    return emulator_of(request).shared_files


def _missing(code: str) -> Response:
    xml = f"<Error><Code>{code}</Code><Message>The specified resource does not exist.</Message></Error>"
    return Response(xml, 404, {"x-ms-error-code": code}, media_type="application/xml")


ROUTES = [
    route
    for share in SHARES
    for route in (
        Route(f"/{share}", list_directory),
        Route(f"/{share}/{{path:path}}", get_file, methods=["GET", "HEAD"]),
    )
]
