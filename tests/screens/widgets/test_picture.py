"""Pictures: as large as fits, few bytes, and what can't be drawn is told."""

from __future__ import annotations

import struct
import threading
import zlib
from contextlib import suppress
from io import BytesIO
from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from rich.color import ColorSystem
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen
from textual.strip import Strip

from screens.widgets import picture
from screens.widgets.half_blocks import COLOURS, KEPT, MOST_CELLS, CannotDrawError, decode, draw, fitted
from screens.widgets.picture import Picture
from tests.support.app import ScreenApp, settle
from tests.support.snapshots import ScreenSnapshot, screen_text
from tests.support.waiting import eventually


def encoded(image: Image.Image, format_: str = "PNG", **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, format_, **options)
    return buffer.getvalue()


def plain(width: int, height: int, colour: str = "red") -> bytes:
    return encoded(Image.new("RGB", (width, height), colour))


def quarters(width: int = 40, height: int = 40) -> Image.Image:
    """Red, green, blue and yellow: what is turned or mirrored looks different."""
    image = Image.new("RGB", (width, height))
    for at, colour in enumerate(("red", "lime", "blue", "yellow")):
        x, y = at % 2 * width // 2, at // 2 * height // 2
        image.paste(colour, (x, y, x + width // 2, y + height // 2))
    return image


def colours(image: Image.Image) -> list[tuple[int, ...]]:
    """Of the middles of the four quarters."""
    width, height = image.size
    found = []
    for y in (height // 4, 3 * height // 4):
        for x in (width // 4, 3 * width // 4):
            pixel = image.getpixel((x, y))
            assert isinstance(pixel, tuple)
            found.append(pixel)
    return found


def bomb(width: int = 60_000, height: int = 50_000) -> bytes:
    """A png of a few hundred bytes that says that it has 3 billion pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 9000)) + chunk(b"IEND", b"")


RED, GREEN, BLUE, YELLOW, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (255, 255, 255)


@pytest.mark.parametrize("format_", ["PNG", "GIF", "BMP", "WEBP", "TIFF", "ICO", "PPM"])
def test_formats(format_: str) -> None:
    options = {"lossless": True} if format_ == "WEBP" else {}
    image = decode(encoded(quarters(32, 32), format_, **options))
    assert colours(image) == [RED, GREEN, BLUE, YELLOW]


def test_jpeg_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    image = decode(encoded(quarters(), "JPEG", exif=exif, quality=95))
    nearest = [tuple(round(channel / 255) * 255 for channel in pixel) for pixel in colours(image)]
    assert nearest == [YELLOW, BLUE, GREEN, RED]


def test_of_an_animation_the_first_frame_is_drawn() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    for format_ in ("GIF", "PNG", "WEBP"):
        data = encoded(frames[0], format_, save_all=True, append_images=frames[1:], lossless=True)
        assert colours(decode(data))[0] == RED, format_


def test_what_is_transparent_is_white() -> None:
    for mode in ("RGBA", "LA", "PA", "P"):
        image = Image.new("RGBA", (8, 8), (0, 0, 0, 0)).convert(mode) if mode != "P" else Image.new("P", (8, 8), 0)
        options = {"transparency": 0} if mode == "P" else {}
        format_ = "TIFF" if mode == "PA" else "PNG"
        assert colours(decode(encoded(image, format_, **options)))[0] == WHITE, mode


@pytest.mark.parametrize("mode", ["1", "L", "CMYK", "I;16", "I", "F"])
def test_modes(mode: str) -> None:
    format_ = "PNG" if mode in ("1", "L", "I;16") else "TIFF"
    assert decode(encoded(Image.new(mode, (2000, 1000)), format_)).size == (KEPT, KEPT // 2)


def test_sixteen_bits_are_not_cut_off() -> None:
    image = Image.new("I;16", (2, 1))
    image.putpixel((0, 0), 1_000)
    image.putpixel((1, 0), 60_000)
    decoded = decode(encoded(image))
    assert [decoded.getpixel((x, 0)) for x in (0, 1)] == [(0, 0, 0), WHITE]


def test_bombs_are_told_by_their_size_and_never_decoded() -> None:
    with pytest.raises(CannotDrawError, match="at most 50 million pixels") as caught:
        decode(bomb())
    assert caught.value.pixels == (60_000, 50_000)


@pytest.mark.parametrize(
    ("data", "why", "pixels"),
    [
        (encoded(Image.effect_noise((99, 98), 50))[:4000], "broken or cut short", (99, 98)),
        (bomb(90, 80)[:60], "broken or cut short", (90, 80)),
        (b"GIF89a", "broken or cut short|No image", None),
        (b"", "No image", None),
        (b"just text", "No image", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "No image", None),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "No image", None),
    ],
    ids=["cut", "no data", "head", "empty", "text", "svg", "eps"],
)
def test_what_is_broken_is_told(data: bytes, why: str, pixels: tuple[int, int] | None) -> None:
    with pytest.raises(CannotDrawError, match=why) as caught:
        decode(data)
    assert caught.value.pixels == pixels


@given(data=st.binary(max_size=200), at=st.integers(0, 300))
def test_whatever_is_broken_it_is_told(data: bytes, at: int) -> None:
    good = encoded(quarters())
    for start in (b"", good[:at], b"GIF89a", b"\xff\xd8\xff", b"II*\0", b"BM"):
        with suppress(CannotDrawError):
            assert decode(start + data).mode == "RGB"


@given(st.integers(1, 9000), st.integers(1, 9000), st.integers(1, 300), st.integers(1, 100))
def test_it_fits_and_is_as_large_as_fits(image_width: int, image_height: int, width: int, height: int) -> None:
    columns, pixels = fitted((image_width, image_height), width, height)
    assert 1 <= columns <= width
    assert pixels % 2 == 0
    assert 1 <= pixels // 2 <= height
    assert columns * pixels // 2 <= MOST_CELLS + max(width, height)
    if width * height <= MOST_CELLS:
        assert columns == width or pixels == 2 * height


def test_the_aspect_is_kept() -> None:
    assert fitted((640, 480), 80, 20) == (53, 40)
    assert fitted((480, 640), 80, 20) == (30, 40)
    assert fitted((2000, 100), 80, 20) == (80, 4)
    assert fitted((28, 28), 80, 20) == (40, 40)


def test_half_blocks() -> None:
    lines = draw(quarters(2, 2), 2, 1)
    assert [str(s.style) for line in lines for s in line] == [
        "rgb(0,0,255) on rgb(255,0,0)",
        "rgb(255,255,0) on rgb(0,255,0)",
    ]
    assert [line.text for line in lines] == ["▄▄"]


def sent(lines: list[Strip]) -> int:
    """Bytes that a terminal of 16 million colours is sent."""
    return sum(
        len((s.style.render(s.text, color_system=ColorSystem.TRUECOLOR) if s.style else s.text).encode())
        for line in lines
        for s in line
    )


def test_few_bytes() -> None:
    gradient = Image.merge("RGB", [Image.linear_gradient("L").rotate(angle) for angle in (0, 90, 180)])
    lines = draw(gradient, 80, 40)
    assert len({s.style for line in lines for s in line}) <= COLOURS**2
    shades = {c for line in lines for s in line if s.style for c in (s.style.color, s.style.bgcolor) if c}
    assert len(shades) <= COLOURS
    assert sent(lines) < 30_000
    assert sent(draw(Image.new("RGB", (800, 600), "white"), 80, 24)) < 2_500
    assert sent(draw(gradient, 400, 200)) < 60_000


class Stage(Screen[None]):
    """A picture as large as the screen."""

    def compose(self) -> ComposeResult:
        yield Picture()


def stage(pilot: Pilot[None]) -> Picture:
    return pilot.app.screen.query_one(Picture)


def drawn(pilot: Pilot[None]) -> tuple[int, int, int, int]:
    """Left, top, columns and rows of what is coloured on the screen."""
    width, height = pilot.app.size
    compositor = pilot.app.screen._compositor
    background = compositor.get_style_at(0, 0).bgcolor
    cells = [(x, y) for y in range(height) for x in range(width) if compositor.get_style_at(x, y).bgcolor != background]
    xs, ys = [x for x, _ in cells], [y for _, y in cells]
    return min(xs), min(ys), max(xs) - min(xs) + 1, max(ys) - min(ys) + 1


async def test_it_is_in_the_middle_and_follows_the_size() -> None:
    async with ScreenApp(Stage()).run_test(size=(80, 24)) as pilot:
        stage(pilot).set_image(plain(100, 100), "red.png")
        await settle(pilot)
        assert drawn(pilot) == (16, 0, 48, 24)
        await pilot.resize_terminal(40, 30)
        await settle(pilot)
        assert drawn(pilot) == (0, 5, 40, 20)


async def test_another_image_takes_its_place() -> None:
    async with ScreenApp(Stage()).run_test(size=(80, 24)) as pilot:
        stage(pilot).set_image(plain(100, 100), "red.png")
        await settle(pilot)
        stage(pilot).set_image(plain(100, 10), "flat.png")
        await settle(pilot)
        assert drawn(pilot) == (0, 10, 80, 4)
        stage(pilot).set_image(b"text", "flat.png")
        await settle(pilot)
        assert "flat.png: text, 4 B." in screen_text(pilot.app)
        stage(pilot).set_image(plain(100, 10), "flat.png")
        await settle(pilot)
        assert drawn(pilot) == (0, 10, 80, 4)


async def test_the_same_image_is_not_decoded_or_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with ScreenApp(Stage()).run_test(size=(80, 24)) as pilot:
        stage(pilot).set_image(plain(100, 100), "red.png")
        await settle(pilot)
        render_line = Mock(wraps=stage(pilot).render_line)
        monkeypatch.setattr(stage(pilot), "render_line", render_line)
        decoder = Mock(wraps=decode)
        monkeypatch.setattr(picture, "decode", decoder)
        stage(pilot).set_image(plain(100, 100), "red.png")
        await settle(pilot)
        assert (decoder.call_count, render_line.call_count) == (0, 0)
        stage(pilot).set_image(plain(200, 200), "twice as large.png")  # and looks the same
        await settle(pilot)
        assert (decoder.call_count, render_line.call_count) == (1, 0)


async def test_an_image_that_comes_late_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    gate, began = threading.Event(), threading.Event()
    slow = plain(100, 10)

    def decode_slowly(data: bytes) -> Image.Image:
        if data == slow:
            began.set()
            gate.wait(10)
        return decode(data)

    monkeypatch.setattr(picture, "decode", decode_slowly)
    async with ScreenApp(Stage()).run_test(size=(80, 24)) as pilot:
        stage(pilot).set_image(slow, "slow.png")
        await eventually(began.is_set)
        stage(pilot).set_image(plain(100, 100), "red.png")
        await settle(pilot)
        assert drawn(pilot) == (16, 0, 48, 24)
        gate.set()
        await settle(pilot)
        assert drawn(pilot) == (16, 0, 48, 24)


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (1, 5), (3, 3), (200, 1)], ids=str)
@pytest.mark.parametrize("data", [plain(30, 20), b"broken"], ids=["image", "broken"])
async def test_no_size_breaks_it(size: tuple[int, int], data: bytes) -> None:
    async with ScreenApp(Stage()).run_test(size=size) as pilot:
        stage(pilot).set_image(data, "x.png")
        await settle(pilot)
        stage(pilot).styles.width = 0
        await settle(pilot)
        stage(pilot).styles.width = "1fr"
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert ("x.png" in screen_text(pilot.app)) == (data == b"broken")


async def test_a_hidden_picture_is_drawn_when_it_is_shown() -> None:
    async with ScreenApp(Stage()).run_test(size=(80, 24)) as pilot:
        stage(pilot).display = False
        await settle(pilot)
        stage(pilot).set_image(plain(100, 100), "red.png")
        await settle(pilot)
        stage(pilot).display = True
        await settle(pilot)
        assert drawn(pilot) == (16, 0, 48, 24)


async def test_what_can_not_be_drawn(size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(Stage()).run_test(size=size) as pilot:
        for name, data in {
            "bomb": bomb(),
            "broken": encoded(Image.effect_noise((99, 98), 50))[:4000],
            "unknown": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        }.items():
            stage(pilot).set_image(data, f"plots/\x1b[31m{name}.png")
            await screen_snapshot(pilot, name)


async def test_a_picture(size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with ScreenApp(Stage()).run_test(size=size) as pilot:
        stage(pilot).set_image(encoded(quarters(64, 48)), "quarters.png")
        await screen_snapshot(pilot)
