"""The lines of a text file of numbers, whatever it was packed or written with.

What a file is, its first bytes say, not its name: gzip, bzip2, xz and a zip of one file are
unpacked; UTF-8, UTF-16 and old single-byte text are read; line ends may be LF, CR LF or CR alone.
Lines come one by one, so that memory does not grow with the file, and no line, no file is larger
than a table of losses can be.
"""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from plantedu.errors import PlantEduError, require

LONGEST = 65_536  # characters of a line
LARGEST = 2**29  # characters of a file, unpacked
PACKED = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\x00": lzma.open}
REFUSED = {b"\x28\xb5\x2f\xfd": "Zstandard", b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!": "RAR"}
DAMAGED = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)
DAMAGED += (tarfile.TarError, NotImplementedError, RuntimeError)


@contextmanager
def opened(path: Path) -> Iterator[Iterator[str]]:
    """The lines of a file, each with its line end, as long as the context is open.

    Raises:
        PlantEduError: if there is no such file, it is no text, damaged or packed in a way that is
            not read, or a line or the whole is too long.
    """
    try:
        with _unpacked(path) as file:
            head = file.peek(4096)[:4096]
            text = io.TextIOWrapper(file, encoding=_encoding(head, path), newline=None)
            yield _lines(text, path)
    except FileNotFoundError as error:
        raise PlantEduError(f"There is no file {path}.") from error
    except UnicodeError as error:
        raise PlantEduError(f"{path} cannot be read as text: {error}.") from error
    except DAMAGED as error:
        raise PlantEduError(
            f"{path} cannot be read: it is damaged or was cut off ({error or 'no end'}). "
            "Copy or save it again."
        ) from error


@contextmanager
def _unpacked(path: Path) -> Iterator[io.BufferedReader]:
    """The bytes of the text."""
    with path.open("rb") as file:
        start = file.read(512)
    for magic, name in REFUSED.items():
        require(
            not start.startswith(magic),
            f"{path} is packed by {name}, which is not read here. Unpack it, or use gzip or zip.",
        )
    require(
        start[257:262] != b"ustar",
        f"{path} is a tar archive of files. Unpack it, and choose one of them.",
    )
    if start.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(path) as archive, _only_member(archive, path) as member:
            yield io.BufferedReader(member)  # type: ignore[arg-type]
        return
    unpack = next((f for magic, f in PACKED.items() if start.startswith(magic)), open)
    with unpack(path, "rb") as file:
        yield file if isinstance(file, io.BufferedReader) else io.BufferedReader(file)  # type: ignore[arg-type]


def _only_member(archive: zipfile.ZipFile, path: Path) -> IO[bytes]:
    names = [one.filename for one in archive.infolist() if not one.is_dir()]
    names = [name for name in names if not name.startswith("__MACOSX/")]
    require(
        len(names) == 1,
        f"{path} holds {len(names)} files; a zip of exactly one is read. Unpack it.",
    )
    return archive.open(names[0])


def _encoding(head: bytes, path: Path) -> str:
    """What the text is written in, by its mark or its zero bytes."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if head.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    zeros = [head[0::2].count(0), head[1::2].count(0)]
    if sum(zeros) and min(zeros) == 0 and max(zeros) > 0.8 * (len(head) // 2):
        return "utf-16-le" if zeros[1] else "utf-16-be"
    require(not sum(zeros), f"{path} cannot be read as text: it has bytes of zero. Save a csv.")
    try:
        head[: head.rfind(b"\n") + 1].decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


def _lines(text: io.TextIOWrapper, path: Path) -> Iterator[str]:
    read = 0
    while line := text.readline(LONGEST + 1):
        read += len(line)
        require(
            len(line) <= LONGEST,
            f"{path} has a line of more than {LONGEST:,} characters, and a table of losses needs "
            "a dozen. Give one row a line, separated by commas.",
        )
        require(
            read <= LARGEST,
            f"{path} unpacks to more than {LARGEST / 2**20:,.0f} million characters. Keep every "
            "tenth row.",
        )
        yield line
