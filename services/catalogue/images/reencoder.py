"""A program of its own that reads a picture from its standard input and writes it anew, under limits of the system.

reencoding.py starts it, once for each picture, with nothing of the shop in it: no settings, no secrets, no database.
Whatever goes wrong while strangers' bytes are decoded ends this process and no other. It prints one line of JSON: what
the picture is, or why it is none.

    reencoder.py whole FD               the picture as large as it is, into this open file
    reencoder.py smaller SIDE:FD ...    in WebP, its longest side so many pixels at most; the largest first
"""

import contextlib
import json
import os
import resource
import sys
import warnings
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import IO, Any

# The three formats by name: asked for one that it does not know, the library would load all it has, and there are many.
from PIL import Image, ImageCms, JpegImagePlugin, PngImagePlugin, UnidentifiedImageError, WebPImagePlugin

FORMATS = [each.format for each in (JpegImagePlugin.JpegImageFile, PngImagePlugin.PngImageFile)]
FORMATS.append(WebPImagePlugin.WebPImageFile.format)
# Telephones take 12 or 24.5 million by themselves. A decoder of WebP takes four times the memory of the others.
MOST_PIXELS, MOST_PIXELS_OF_WEBP = 25_000_000, 12_500_000
MOST_A_SIDE = 12_000
MOST_MEMORY = 384 * 1024 * 1024
MOST_CPU_SECONDS = 20
MOST_WRITTEN = 64 * 1024 * 1024
QUALITY = 85
# Of larger pictures a progressive JPEG takes much memory, and an optimised PNG or a WebP long.
MOST_PIXELS_WITH_CARE = 4_000_000
_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Refused(Exception):
    """This is no picture that the shop takes; its word says why."""


def limit_self() -> None:
    """Takes from this process what it does not need. Of a machine that runs out of memory it is the first to go."""
    for what, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_FSIZE, MOST_WRITTEN),
        (resource.RLIMIT_CORE, 0),
    ):
        # Not every system has all of them.
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(what, (most, most))
    with contextlib.suppress(OSError, ValueError):
        # The first ends the process by a signal of its own, the second by one that could come from anybody.
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_SECONDS, MOST_CPU_SECONDS + 5))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def opened(source: IO[bytes]) -> Image.Image:
    """The picture, of which only the head has been read. Refuses other formats, and more pixels than the shop takes."""
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)
    # The library warns at this number and refuses at twice as many, before a decoder takes any memory.
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2
    try:
        picture = Image.open(source, formats=FORMATS)
    except Image.DecompressionBombError:
        raise Refused("PIXELS") from None
    except UnidentifiedImageError:
        raise Refused("FORMAT") from None
    most = MOST_PIXELS_OF_WEBP if picture.format == "WEBP" else MOST_PIXELS
    if picture.width * picture.height > most or max(picture.size) > MOST_A_SIDE:
        raise Refused("PIXELS")
    return picture


def cleaned(picture: Image.Image) -> Image.Image:
    """The first frame, upright, in sRGB, as L, RGB or RGBA, and nothing beside its pixels."""
    picture.load()
    orientation, profile = _orientation(picture), picture.info.get("icc_profile")
    clean = _plain(picture)
    if profile:
        clean = _in_srgb(clean, profile)
    if clean.mode == "CMYK":
        clean = clean.convert("RGB")
    if orientation in _UPRIGHT:
        clean = clean.transpose(_UPRIGHT[orientation])
    clean.info = {}
    return clean


def _orientation(picture: Image.Image) -> int:
    try:
        return int(picture.getexif().get(_ORIENTATION, 1))
    except Exception:  # whatever stands there is no orientation
        return 1


def _plain(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):
        # Sixteen bits of grey; the library's own way to eight would cut off what is above 255.
        picture = picture.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if picture.mode in ("LA", "PA", "RGBA") or "transparency" in picture.info:
        return picture.convert("RGBA")
    if picture.mode in ("L", "1"):
        return picture.convert("L")
    return picture if picture.mode in ("RGB", "CMYK") else picture.convert("RGB")


def _in_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        own, srgb = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
        in_place = picture.mode == mode
        turned = ImageCms.profileToProfile(picture, own, srgb, outputMode=mode, inPlace=in_place)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture  # a profile that does not fit the picture says nothing of it
    return picture if turned is None else turned


def write_whole(source: IO[bytes], file: IO[bytes]) -> dict[str, Any]:
    """Writes the picture anew and says what it is then: its format, width and height."""
    picture = opened(source)
    kind = "JPEG" if picture.format == "MPO" else str(picture.format)  # a JPEG with more pictures behind the first
    clean = cleaned(picture)
    careful = clean.width * clean.height <= MOST_PIXELS_WITH_CARE
    if kind == "WEBP" and not careful:
        kind = "PNG" if clean.mode == "RGBA" else "JPEG"
    options: dict[str, dict[str, Any]] = {
        "JPEG": {"quality": QUALITY, "progressive": careful},
        "PNG": {"optimize": careful},
        "WEBP": {"quality": QUALITY},
    }
    clean.save(file, kind, **options[kind])
    return {"format": kind, "width": clean.width, "height": clean.height}


def write_smaller(source: IO[bytes], files: Mapping[int, IO[bytes]]) -> dict[str, Any]:
    """Writes the picture in each of these sizes, from the largest to the smallest; none is made larger."""
    picture = opened(source)
    # A decoder of JPEG can read an eighth, a quarter or half of it at once.
    picture.draft(None, (max(files), max(files)))
    clean = cleaned(picture)
    for side in sorted(files, reverse=True):
        clean.thumbnail((side, side), Image.Resampling.LANCZOS)
        clean.save(files[side], "WEBP", quality=QUALITY)
    return {}


def main(words: list[str]) -> dict[str, Any]:
    """Does what the command line says."""
    limit_self()
    source = open(0, "rb")  # noqa: SIM115 - the process ends with it
    if words[0] == "whole":
        with open(int(words[1]), "wb") as file:
            return write_whole(source, file)
    with contextlib.ExitStack() as stack:
        pairs = [each.split(":") for each in words[1:]]
        files = {int(side): stack.enter_context(open(int(number), "wb")) for side, number in pairs}
        return write_smaller(source, files)


if __name__ == "__main__":
    try:
        told = main(sys.argv[1:])
    except Refused as refusal:
        told = {"refused": str(refusal)}
    except MemoryError:
        told = {"refused": "MEMORY"}
    except Exception as fault:
        # The fault's own words would say what the file said.
        told = {"refused": "DAMAGED", "fault": type(fault).__name__}
    sys.stdout.write(json.dumps(told))
    sys.stdout.flush()
    # At once: what the libraries hold need not be given back piece by piece.
    os._exit(0)
