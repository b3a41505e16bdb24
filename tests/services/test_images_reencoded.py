"""Pictures made anew: only pixels are left of a file, what is no picture is refused, and memory is bounded."""

import io
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import pytest
from PIL import Image, ImageCms

from gateways.storage.storage import Kind
from services.catalogue.images import reencoder, reencoding
from services.catalogue.images.reencoding import reencoded, shrunk
from tests.services import pictures
from tests.services.pictures import CANARY, picture, png
from utils.errors import InvalidImage, Unavailable

RED, BLUE = (200, 30, 30), (30, 30, 200)
MEGABYTE = 1024 * 1024


@contextmanager
def sent(content: bytes) -> Iterator[IO[bytes]]:
    """A file with this content, as an upload is one."""
    with TemporaryFile() as file:
        file.write(content)
        yield file


def anew(content: bytes) -> tuple[Kind, bytes]:
    """What becomes of a picture; what is told of it is true."""
    with sent(content) as file, reencoded(file) as made:
        made.file.seek(0)
        written = made.file.read()
        with Image.open(io.BytesIO(written)) as shown:
            assert (shown.format, shown.size) == (made.kind.name, (made.width, made.height))
        assert made.byte_count == len(written)
        return made.kind, written


def looked_at(content: bytes) -> Image.Image:
    """The picture, decoded."""
    with Image.open(io.BytesIO(content)) as shown:
        shown.load()
        return shown


def is_near(seen: Any, wanted: tuple[int, ...]) -> bool:
    """Whether a colour is another one but for what compression does to it."""
    return all(abs(one - other) <= 12 for one, other in zip(seen, wanted, strict=True))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_stays_what_it_is(kind: str) -> None:
    found, content = anew(picture(kind))
    shown = looked_at(content)
    assert (found.name, shown.mode, shown.size) == (kind, "RGB", (40, 30))
    assert is_near(shown.getpixel((5, 15)), RED)
    assert is_near(shown.getpixel((35, 15)), BLUE)


@pytest.mark.parametrize("content", [pictures.telling_jpeg(), pictures.telling_png()], ids=["JPEG", "PNG"])
def test_nothing_is_left_of_what_a_file_says_beside_its_picture(content: bytes) -> None:
    assert CANARY in content
    kind, written = anew(content)
    assert CANARY not in written
    shown = looked_at(written)
    known = {"JPEG": {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}, "PNG": set()}
    assert set(shown.info) - known[kind.name] == set()
    assert dict(shown.getexif()) == {}
    if kind is Kind.PNG:
        names = [written[at + 4 : at + 8] for at in _chunks(written)]
        assert names == [b"IHDR", b"IDAT", b"IEND"]


def _chunks(content: bytes) -> Iterator[int]:
    at = 8
    while at < len(content):
        yield at
        at += 12 + int.from_bytes(content[at : at + 4], "big")


def test_a_picture_stands_upright_as_its_file_said() -> None:
    _, content = anew(pictures.telling_jpeg())
    shown = looked_at(content)
    assert shown.size == (30, 40)
    assert is_near(shown.getpixel((15, 5)), RED)
    assert is_near(shown.getpixel((15, 35)), BLUE)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_what_hangs_on_behind_a_picture_is_gone(kind: str) -> None:
    polyglot = pictures.zip_behind(picture(kind))
    _, content = anew(polyglot)
    assert b"PK" in polyglot
    assert b"PK\x03\x04" not in content
    assert CANARY not in content
    end = {"JPEG": b"\xff\xd9", "PNG": b"IEND\xaeB`\x82"}[kind]
    assert content.endswith(end)


def test_colours_are_brought_to_the_ones_every_screen_knows() -> None:
    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    for profile in (ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), swapped.tobytes(), b"nonsense"):
        _, content = anew(picture("PNG", icc_profile=profile))
        shown = looked_at(content)
        assert "icc_profile" not in shown.info
        assert is_near(shown.getpixel((5, 15)), RED)


@pytest.mark.parametrize(
    ("content", "mode", "pixels"),
    [
        (picture("JPEG", mode="CMYK"), "RGB", [RED, BLUE]),
        (picture("JPEG", mode="L"), "L", [(81,), (49,)]),
        (picture("PNG", mode="1"), "L", None),
        (picture("PNG", mode="P"), "RGB", None),
        (picture("PNG", mode="LA"), "RGBA", None),
        (picture("PNG", mode="RGBA"), "RGBA", [(*RED, 255), (*BLUE, 255)]),
        (picture("PNG", size=(1, 1)), "RGB", None),
        (picture("JPEG", size=(1, 1)), "RGB", None),
        (picture("WEBP", size=(1, 1)), "RGB", None),
        # Sixteen bits of grey: black, half, white.
        (png(3, 1, depth=16, colour=0, rows=b"\0\0\0\x80\0\xff\xff"), "L", [(0,), (127,), (255,)]),
        (png(1, 1, depth=16, colour=2, rows=b"\0\0\0\x80\0\xff\xff"), "RGB", [(0, 128, 255)]),
        # A palette of two colours, the second half transparent.
        (
            png(
                2,
                1,
                colour=3,
                rows=b"\0\0\1",
                more=pictures.chunk(b"PLTE", bytes((*RED, *BLUE))) + pictures.chunk(b"tRNS", b"\xff\x80"),
            ),
            "RGBA",
            [(*RED, 255), (*BLUE, 128)],
        ),
    ],
)
def test_every_kind_of_pixel_is_understood(content: bytes, mode: str, pixels: list[tuple[int, ...]] | None) -> None:
    shown = looked_at(anew(content)[1])
    assert shown.mode == mode
    if pixels is not None:
        step = shown.width // len(pixels)
        for place, wanted in enumerate(pixels):
            seen = shown.getpixel((place * step + step // 2, shown.height // 2))
            assert is_near((seen,) if isinstance(seen, int) else seen, wanted)


def test_of_an_animation_the_first_frame_is_kept() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in (RED, BLUE)]
    for kind in ("PNG", "WEBP"):
        file = io.BytesIO()
        frames[0].save(file, kind, save_all=True, append_images=frames[1:])
        shown = looked_at(anew(file.getvalue())[1])
        assert getattr(shown, "n_frames", 1) == 1
        assert is_near(shown.getpixel((10, 10)), RED)


def test_a_large_webp_is_kept_as_what_takes_less_to_write() -> None:
    assert anew(picture("WEBP", (2_100, 2_000), lossless=True, method=0))[0] is Kind.JPEG
    half_seen = Image.new("RGBA", (2_100, 2_000), (200, 30, 30, 128))
    file = io.BytesIO()
    half_seen.save(file, "WEBP", lossless=True, method=0)
    assert anew(file.getvalue())[0] is Kind.PNG


@pytest.mark.parametrize("name", pictures.REFUSED)
def test_what_is_no_picture_of_ours_is_refused(name: str) -> None:
    content, reason = pictures.REFUSED[name]
    with pytest.raises(InvalidImage) as refused, sent(content) as file, reencoded(file):
        pass
    assert refused.value.details == {"field": "file", "reason": reason}


def test_smaller_sizes_are_no_larger_than_the_picture() -> None:
    with sent(picture("JPEG", size=(1_200, 300))) as file, shrunk(file, [160, 480, 1080], patience=1) as files:
        sizes = {side: Image.open(each).size for side, each in files.items()}
        assert {Image.open(each).format for each in files.values()} == {"WEBP"}
    assert sizes == {160: (160, 40), 480: (480, 120), 1080: (1080, 270)}
    with sent(picture("PNG", size=(200, 100), mode="RGBA")) as file, shrunk(file, [160, 480], patience=1) as files:
        assert {side: Image.open(each).size for side, each in files.items()} == {160: (160, 80), 480: (200, 100)}


def test_whoever_comes_while_another_is_worked_on_waits_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reencoding, "PATIENCE_SECONDS", 0.01)
    with reencoding._turn:
        with pytest.raises(Unavailable), sent(picture()) as file, reencoded(file):
            pass
        with pytest.raises(Unavailable), sent(picture()) as file, shrunk(file, [160], patience=0.01):
            pass
    assert anew(picture())[0] is Kind.PNG


@pytest.mark.parametrize(
    ("program", "refusal", "reason"),
    [
        ("import os; os.abort()", InvalidImage, "DAMAGED"),
        ("print('nonsense')", InvalidImage, "DAMAGED"),
        ("import time; time.sleep(60)", InvalidImage, "SLOW"),
        ("import os; os.kill(os.getpid(), 24)", InvalidImage, "SLOW"),
        ("import os; os.kill(os.getpid(), 9)", Unavailable, None),
    ],
    ids=["it falls over", "it speaks nonsense", "it never ends", "it computes too long", "the machine kills it"],
)
def test_whatever_becomes_of_the_process_is_a_refusal(
    program: str, refusal: type[Exception], reason: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # given a decoder that a picture does this to
    path = tmp_path / "decoder.py"
    path.write_text(program)
    monkeypatch.setattr(reencoding, "_PROGRAM", path)
    monkeypatch.setattr(reencoding, "LONGEST_SECONDS", 0.5)
    began = time.monotonic()
    with pytest.raises(refusal) as refused, sent(picture()) as file, reencoded(file):
        pass
    assert getattr(refused.value, "details", {}).get("reason") == reason
    assert not reencoding._turn.locked()
    assert time.monotonic() - began < 30


def test_the_process_knows_nothing_of_the_shop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told = tmp_path / "told"
    path = tmp_path / "program.py"
    path.write_text(f"import os, sys; open({str(told)!r}, 'w').write(repr((dict(os.environ), sys.path)))")
    monkeypatch.setattr(reencoding, "_PROGRAM", path)
    monkeypatch.setenv("JWT_SECRET", "secret")
    with pytest.raises(InvalidImage), sent(picture()) as file, reencoded(file):
        pass
    environment, places = eval(told.read_text())
    assert set(environment) <= {"LC_CTYPE"}
    project = str(Path(reencoding.__file__).parents[3])
    assert [each for each in places if each in (project, "", str(tmp_path))] == []


def worst() -> dict[str, bytes]:
    """The largest pictures the shop takes, in the forms that take most to decode."""
    large = Image.new("RGB", (5_000, 5_000), RED)
    on_its_side = Image.Exif()
    on_its_side[0x0112] = 6
    webp = io.BytesIO()
    large.crop((0, 0, 3_535, 3_535)).save(webp, "WEBP", lossless=True, method=0)
    return {
        "transparent": pictures.flat_png(5_000, 5_000, colour=6),
        "flat": pictures.flat_png(5_000, 5_000),
        "progressive": _progressive(large),
        "CMYK on its side": _progressive(large.convert("CMYK"), exif=on_its_side),
        "WebP": webp.getvalue(),
    }


def _progressive(large: Image.Image, **options: Any) -> bytes:
    """A JPEG that a decoder has to hold whole, at its full colours, before it shows a line."""
    file = io.BytesIO()
    large.save(file, "JPEG", progressive=True, subsampling=0, quality=30, **options)
    return file.getvalue()


_MEASURED = """
import resource, sys
from pathlib import Path
from services.catalogue.images.reencoding import reencoded, shrunk
from utils.errors import InvalidImage
ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in sys.argv[1:]:
    try:
        with open(path, "rb") as source, reencoded(source) as made, shrunk(made.file, [160, 480, 1080], patience=1):
            word = made.kind.name
    except InvalidImage as refusal:
        word = refusal.details["reason"]
    print(Path(path).name, word, sep=":")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - ours, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


BOMBS = {name: content for name, (content, reason) in pictures.REFUSED.items() if reason == "PIXELS"}


def test_the_memory_of_a_large_picture_and_of_bombs_is_bounded(tmp_path: Path) -> None:
    assert_bounded(tmp_path, {"progressive": _progressive(Image.new("RGB", (5_000, 5_000), RED))} | BOMBS)


@pytest.mark.long
def test_the_memory_of_the_worst_pictures_is_bounded(tmp_path: Path) -> None:
    assert_bounded(tmp_path, worst())


def assert_bounded(tmp_path: Path, sent: dict[str, bytes]) -> None:
    """Asserts that these are taken or refused as they should be, and how much memory that takes."""
    # given
    for name, content in sent.items():
        (tmp_path / name).write_bytes(content)
    paths = sorted(str(path) for path in tmp_path.iterdir())
    project = Path(reencoding.__file__).parents[3]
    # when
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, *paths], cwd=project, capture_output=True, text=True, timeout=300, check=True
    )
    # then the largest are taken and the bombs refused
    *lines, measured = [line for line in done.stdout.splitlines() if "[info" not in line]
    taken = {"transparent": "PNG", "flat": "PNG", "progressive": "JPEG", "CMYK on its side": "JPEG", "WebP": "JPEG"}
    assert dict(line.split(":") for line in lines) == {name: taken.get(name, "PIXELS") for name in sent}
    # and the web server's own memory does not grow, and the decoder's has its bound
    grown, decoding = (int(each) * 1024 for each in measured.split())
    assert grown < 8 * MEGABYTE
    assert decoding < reencoder.MOST_MEMORY


def test_a_decoder_that_takes_more_than_its_bound_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "reencoder.py"
    path.write_text(Path(reencoder.__file__).read_text().replace("384 * 1024", "100 * 1024"))
    monkeypatch.setattr(reencoding, "_PROGRAM", path)
    with pytest.raises(InvalidImage) as refused, sent(pictures.flat_png(5_000, 5_000)) as file, reencoded(file):
        pass
    assert refused.value.details["reason"] == "MEMORY"


def test_the_limits_of_the_process() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import resource as r; from services.catalogue.images import reencoder; reencoder.limit_self();"
            "print([r.getrlimit(each) for each in (r.RLIMIT_AS, r.RLIMIT_FSIZE, r.RLIMIT_CORE, r.RLIMIT_CPU)]);"
            "print(open('/proc/self/oom_score_adj').read().strip() if __import__('sys').platform == 'linux' else 1000)",
        ],
        cwd=Path(reencoder.__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    memory, written = 384 * MEGABYTE, 64 * MEGABYTE
    assert done.stdout.splitlines() == [f"[({memory}, {memory}), ({written}, {written}), (0, 0), (20, 25)]", "1000"]
