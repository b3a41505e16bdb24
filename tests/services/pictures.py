"""Pictures as people upload them, and as attackers do."""

import io
import os
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

CANARY = b"Canary4711zq"


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: Any) -> bytes:
    """A picture whose left half is red and whose right half is blue (in grey: darker and lighter)."""
    made = Image.new("RGB", size, (200, 30, 30))
    made.paste((30, 30, 200), (size[0] // 2, 0, *size))
    file = io.BytesIO()
    made.convert(mode).save(file, kind, **options)
    return file.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    """A part of a PNG."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, *, depth: int = 8, colour: int = 2, rows: bytes = b"", more: bytes = b"") -> bytes:
    """A PNG of these very numbers, whatever its rows are."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = chunk(b"IHDR", head) + more + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def flat_png(width: int, height: int, *, colour: int = 2) -> bytes:
    """A black PNG of any size in a few kilobytes: its rows are packed as they are made."""
    a_row = bytes(1 + width * {0: 1, 2: 3, 6: 4}[colour])
    packing, packed = zlib.compressobj(9), []
    for _ in range(height):
        packed.append(packing.compress(a_row))
    head = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    rows = b"".join(packed) + packing.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def webp_of_any_size(width: int, height: int) -> bytes:
    """A WebP that says it is so large, with a small picture in it."""
    canvas = b"VP8X" + struct.pack("<I", 10) + bytes(4)
    canvas += (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    whole = b"WEBP" + canvas + picture("WEBP")[12:]
    return b"RIFF" + struct.pack("<I", len(whole)) + whole


def telling_jpeg() -> bytes:
    """A JPEG lying on its side that says where it was taken, by whom, and more, in every place there is for it."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x013B] = CANARY.decode()
    exif[0x927C] = CANARY
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 30.0)
    exif.get_ifd(0x8825)[0x1D] = CANARY.decode()
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + CANARY + b"</x:xmpmeta>"
    return picture("JPEG", exif=exif, comment=CANARY, xmp=xmp, quality=95)


def telling_png() -> bytes:
    """A PNG with words in chunks of text, of time, of EXIF, and of nobody's."""
    exif = ImageFileDirectory_v2()
    exif[0x013B] = CANARY.decode()
    more = chunk(b"tEXt", b"Author\0" + CANARY) + chunk(b"zTXt", b"Comment\0\0" + zlib.compress(CANARY))
    more += chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + CANARY) + chunk(b"eXIf", exif.tobytes(8))
    more += chunk(b"prVt", CANARY)
    return png(2, 1, rows=bytes(7), more=more)


def zip_behind(content: bytes) -> bytes:
    """The picture and an archive in one file: each reader finds its own."""
    file = io.BytesIO(content)
    file.seek(0, os.SEEK_END)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("evil.js", CANARY)
    return file.getvalue()


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML_WITH_A_HEAD_OF_PNG = b"\x89PNG\r\n\x1a\n<html><script>alert(1)</script></html>"

# By name: what is sent, and why it is refused.
REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "FORMAT"),
    "SVG": (SVG, "FORMAT"),
    "HTML": (b"<html><script>alert(1)</script></html>", "FORMAT"),
    "HTML with the head of a PNG": (HTML_WITH_A_HEAD_OF_PNG, "FORMAT"),
    "HTML with the head of a GIF": (b"GIF89a<script>alert(1)</script>", "FORMAT"),
    "GIF": (picture("GIF"), "FORMAT"),
    "TIFF": (picture("TIFF"), "FORMAT"),
    "BMP": (picture("BMP"), "FORMAT"),
    "ICO": (picture("ICO"), "FORMAT"),
    "PDF": (picture("PDF"), "FORMAT"),
    "EPS": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "FORMAT"),
    "an archive": (zip_behind(b""), "FORMAT"),
    "an archive in front of a picture": (zip_behind(b"") + picture(), "FORMAT"),
    "half a head of PNG": (picture()[:20], "DAMAGED"),
    "half a PNG": (picture(size=(400, 300), compress_level=0)[:9000], "DAMAGED"),
    "half a JPEG": (picture("JPEG", size=(400, 300))[:1500], "DAMAGED"),
    "half a WebP": (picture("WEBP", size=(400, 300))[:150], "DAMAGED"),
    "a PNG without a picture": (png(40, 30), "DAMAGED"),
    "a PNG without pixels": (png(0, 30), "FORMAT"),
    "a bomb of PNG": (png(50_000, 50_000, rows=bytes(10_000)), "PIXELS"),
    "a bomb that unpacks": (flat_png(5_001, 5_000), "PIXELS"),
    "a thread": (png(12_001, 1, rows=bytes(36_004)), "PIXELS"),
    "a bomb of JPEG": (picture("JPEG").replace(struct.pack(">HH", 30, 40), b"\xff\xff\xff\xff"), "PIXELS"),
    "a bomb of WebP": (webp_of_any_size(16_384, 16_384), "PIXELS"),
    "a large WebP": (picture("WEBP", size=(3_536, 3_536), lossless=True, method=0), "PIXELS"),
}
