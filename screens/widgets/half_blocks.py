"""Images as lines of half blocks: decoded with care, fitted, drawn with few bytes. No widget here; all of it blocks."""

from __future__ import annotations

import threading
from io import BytesIO
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "ICO", "PPM")
"""What is decoded. Pillow knows more, but hands some of them (EPS) to other programs."""
MOST_PIXELS = 50_000_000
"""Of an image that is decoded: 200 MB of memory in the worst case."""
KEPT = 1024
"""Pixels a side that are kept of an image: more than any terminal shows."""
MOST_CELLS = 4_000
"""Cells of a picture, however large the terminal is: about 80 kB for a photograph."""
COLOURS = 64
"""Colours of a picture: like neighbours become one run, which halves the bytes of a photograph."""

_ONE_AT_A_TIME = threading.Lock()


class CannotDrawError(Exception):
    """Data that can't be drawn; the text says why, `pixels` is the size of the image where it is known."""

    def __init__(self, why: str, pixels: tuple[int, int] | None = None) -> None:
        super().__init__(why)
        self.pixels = pixels


def decode(data: bytes) -> Image:
    """The first frame of an image, upright, on white where it is transparent, no side over `KEPT` pixels.

    One image is decoded at a time, so that memory stays bounded.

    Raises:
        CannotDrawError: it is no image, broken, or has more than `MOST_PIXELS`.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    with _ONE_AT_A_TIME:
        pixels = None
        try:
            Image.MAX_IMAGE_PIXELS = None  # opening reads the header alone, and a bomb is to be told by its size
            with Image.open(BytesIO(data), formats=FORMATS) as image:
                Image.MAX_IMAGE_PIXELS = MOST_PIXELS  # for what other images are inside
                pixels = image.size
                if pixels[0] * pixels[1] > MOST_PIXELS:
                    raise CannotDrawError(
                        f"Too large to draw: at most {MOST_PIXELS // 1_000_000} million pixels.", pixels
                    )
                image.thumbnail((KEPT, KEPT), Image.Resampling.BOX)
                upright = ImageOps.exif_transpose(image)
                return _on_white(upright)
        except CannotDrawError:
            raise
        except UnidentifiedImageError:
            raise CannotDrawError("No image that can be drawn here.") from None
        except Exception as error:  # decoders meet broken data with whatever they stumble over
            raise CannotDrawError("Its data are broken or cut short.", pixels) from error


def _on_white(image: Image) -> Image:
    """Without transparency: figures are drawn for white paper."""
    from PIL import Image

    if image.mode.startswith("I") or image.mode == "F":
        image = _stretched(image)
    if not image.has_transparency_data:
        return image.convert("RGB")
    image = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")


def _stretched(image: Image) -> Image:
    """16 and 32 bits as 8, from the darkest to the brightest: converting would cut them off at 255."""
    image = image.convert("F")
    low, high = image.getextrema()
    assert isinstance(low, float) and isinstance(high, float)  # one channel # noqa: PT018
    scale = 255 / (high - low) if high > low else 0.0
    return image.point(lambda value: value * scale - low * scale).convert("L")


def fitted(size: tuple[int, int], width: int, height: int) -> tuple[int, int]:
    """The pixels of a picture of an image of `size`, in `width` x `height` cells: two pixels a cell, an even height."""
    image_width, image_height = size
    scale = min(width / image_width, 2 * height / image_height)
    scale = min(scale, (2 * MOST_CELLS / (image_width * image_height)) ** 0.5)
    rows = max(1, min(height, round(image_height * scale / 2)))
    return max(1, min(width, round(image_width * scale))), 2 * rows


def draw(image: Image, width: int, height: int) -> list[Strip]:
    """The lines of a picture as large as fits in `width` x `height` cells, in few colours."""
    from PIL import Image
    from rich_pixels import HalfcellRenderer

    if width < 1 or height < 1:
        return []
    size = fitted(image.size, width, height)
    larger = size[0] > image.width
    # pixels that are made larger stay sharp: a digit of 28 x 28 is looked at pixel by pixel
    image = image.resize(size, Image.Resampling.NEAREST if larger else Image.Resampling.BOX)
    image = image.quantize(COLOURS, dither=Image.Dither.NONE).convert("RGB")
    lines = Segment.split_lines(HalfcellRenderer().render(image, None))
    return [Strip(Segment.simplify(map(_cheaper, line)), size[0]) for line in lines]


def _cheaper(segment: Segment) -> Segment:
    """A cell of one colour as a space: fewer bytes, and equal whatever would stand before the background."""
    style = segment.style
    if style is None or style.color != style.bgcolor:
        return segment
    return Segment(" ", Style(bgcolor=style.bgcolor))
