"""What a picture file says of itself at its start: its format and its pixels. Nothing is decoded.

The server looks here before it keeps a learner's file; the worker decodes it later (`decode.py`).
A PNG tells its size in its first chunk, a JPEG in its frame header, found by walking from marker
to marker. What a file says may be a lie, so the decoder checks again.

A small file can also be expensive to decode: a JPEG is decoded once over for each of its scans, and
a PNG or JPEG of a million empty pieces is walked piece by piece. `check_cost` counts both.

Source: W3C PNG Specification (third edition), section 11.2.1; ITU-T T.81 (JPEG), annex B.
"""

import re
from dataclasses import dataclass

from plantedu.errors import PlantEduError, require

MAX_PIXELS = 25_000_000
MAX_SCANS = 100  # of a JPEG; encoders write 1 to 16, and each costs a pass over all pixels
MAX_SEGMENTS = 2_000  # of a JPEG; cameras write tens
MAX_CHUNKS = 40_000  # of a PNG; the largest that is read has 20,000 of the usual 8 kB
PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
OTHERS = {
    b"GIF8": "a GIF",
    b"BM": "a BMP",
    b"RIFF": "a WebP",
    b"II*\x00": "a TIFF",
    b"MM\x00*": "a TIFF",
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a zip archive",
}
FRAMES = {0xC0 + n for n in range(16)} - {0xC4, 0xC8, 0xCC}  # SOF0 to SOF15 without DHT, JPG, DAC
BARE = {0x01, *range(0xD0, 0xD8)}  # markers without a length: TEM, RST0 to RST7
SCAN, END = 0xDA, 0xD9  # SOS, EOI
MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")  # any but stuffed bytes and RST in a scan


@dataclass(frozen=True)
class Header:
    """What a file says: "PNG" or "JPEG", and its width and height in pixels before any turning."""

    form: str
    width: int
    height: int


def header(data: bytes, *, name: str) -> Header:
    """Format and size of a picture, from its first bytes.

    Args:
        data: The whole file.
        name: What to call it in a sentence.

    Raises:
        PlantEduError: for a file that is empty, is no JPEG or PNG, does not tell its size, or
            tells more than MAX_PIXELS; for one that is expensive to decode, see `check_cost`.
    """
    require(len(data) > 0, f"{name} is empty (0 bytes). Copy it again from its source.")
    check_cost(data, name=name)
    if data.startswith(PNG):
        found = Header("PNG", *_png_size(data, name))
    elif data.startswith(JPEG):
        found = Header("JPEG", *_jpeg_size(data, name))
    else:
        raise PlantEduError(_no_picture(data, name))
    pixels = found.width * found.height
    require(pixels > 0, f"{name} says that it has no pixels. Copy it again from its source.")
    require(
        pixels <= MAX_PIXELS,
        f"{name} was not decoded: {found.width} x {found.height} is {pixels / 1e6:.0f} "
        f"megapixels, and at most {MAX_PIXELS / 1e6:.0f} megapixels are read. Make the picture "
        "smaller.",
    )
    return found


def check_cost(data: bytes, *, name: str) -> None:
    """Refuse a JPEG of too many scans, or a picture of too many pieces. Decodes nothing.

    Raises:
        PlantEduError: for more than MAX_SCANS scans, MAX_SEGMENTS segments or MAX_CHUNKS chunks.
    """
    if data.startswith(JPEG):
        _check_jpeg(data, name)
    elif data.startswith(PNG):
        at, chunks = len(PNG), 0
        while at + 8 <= len(data):
            chunks += 1
            require(chunks <= MAX_CHUNKS, _too_dear(name, MAX_CHUNKS, "chunks"))
            at += 12 + int.from_bytes(data[at : at + 4], "big")


def _check_jpeg(data: bytes, name: str) -> None:
    """Count segments, and scans up to the end of the first picture, as a decoder meets them."""
    at, scans, segments = 2, 0, 0
    while (found := MARKER.search(data, at)) is not None:
        marker, at = found[1][0], found.end()
        if marker == END:
            return
        segments += 1
        scans += marker == SCAN
        require(scans <= MAX_SCANS, _too_dear(name, MAX_SCANS, "scans"))
        require(segments <= MAX_SEGMENTS, _too_dear(name, MAX_SEGMENTS, "segments"))
        if marker not in BARE:
            at += int.from_bytes(data[at : at + 2], "big")


def _png_size(data: bytes, name: str) -> tuple[int, int]:
    """Width and height in IHDR, which must be the first chunk."""
    require(data[12:16] == b"IHDR" and len(data) >= 24, _damaged(name))
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def _jpeg_size(data: bytes, name: str) -> tuple[int, int]:
    """Width and height in the first frame header."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
        elif marker in BARE:
            at += 2
        elif marker in FRAMES and at + 9 <= len(data):
            height, width = data[at + 5 : at + 7], data[at + 7 : at + 9]
            return int.from_bytes(width, "big"), int.from_bytes(height, "big")
        else:
            at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
    raise PlantEduError(_damaged(name))


def _no_picture(data: bytes, name: str) -> str:
    for start, what in OTHERS.items():
        if data.startswith(start):
            return (
                f"{name} is not a JPEG or PNG picture: it is {what} file, whatever its name says. "
                "Save it as PNG."
            )
    return f"{name} is not a JPEG or PNG picture, or its start is damaged."


def _too_dear(name: str, most: int, what: str) -> str:
    return (
        f"{name} was not decoded: it has more than {most} {what}, which would take long for no "
        "better picture. Save it again as an ordinary PNG or JPEG."
    )


def _damaged(name: str) -> str:
    return (
        f"{name} is damaged at its start: its size cannot be read. Copy it again from its source."
    )
