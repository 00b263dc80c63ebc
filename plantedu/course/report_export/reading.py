"""Read a report that somebody sent: a zip that may be anything.

Nothing is written to disk and nothing in it is run. Names come from a closed list, sizes are
bounded before and while bytes are unpacked, and every file must have the hash of the manifest.
"""

import io
import json
import stat
import zipfile
import zlib
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from plantedu.course.report_export.contents import (
    FORMAT,
    MANIFEST,
    RECORDS,
    TEXTS,
    VERSION,
    is_known,
)
from plantedu.course.report_export.words import plainly
from plantedu.errors import PlantEduError, require

LARGEST_ZIP = 8_000_000
LARGEST_FILE = 8_000_000
LARGEST_WHOLE = 32_000_000
MOST_FILES = 64
DEEPEST = 60  # lists in lists; what walks through them must not run out of stack
KINDS = {
    "predictions.json": list,
    "claims.json": list,
    "exercises.json": dict,
    "runs.json": list,
    "hashes.json": dict,
}


@dataclass(frozen=True)
class Opened:
    """A report whose files are what its manifest says.

    Attributes:
        manifest: Format, version, code, packages, hashes.
        records: The JSON files by name.
        figures: Bytes of figures by name.
        texts: Bytes of README.txt and again.py.
    """

    manifest: dict[str, Any]
    records: dict[str, Any]
    figures: dict[str, bytes]
    texts: dict[str, bytes]


def open_report(path: Path) -> Opened:
    """Read a report from a file.

    Raises:
        PlantEduError: for anything but a whole report of this version, with the reason.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        require(path.is_file(), f"{path.name} is no file; name the zip of a report.")
        require(size <= LARGEST_ZIP, f"{path.name} has {size:,} bytes; reports have fewer than "
                f"{LARGEST_ZIP:,}.")  # fmt: skip
        return read_report(path.read_bytes())
    except OSError as error:
        raise PlantEduError(f"{path} cannot be read ({error.strerror}).") from error


def read_report(data: bytes) -> Opened:
    """Read a report from bytes; raises as `open_report`."""
    require(len(data) <= LARGEST_ZIP, f"A report has fewer than {LARGEST_ZIP:,} bytes.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = _unpacked(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise PlantEduError(f"This is no zip that can be read ({error}).") from error
    manifest = _manifest(files)
    _check_hashes(files, manifest["files"])
    found = {name: _parsed(files[name], name) for name in RECORDS}
    for name, kind in KINDS.items():
        require(isinstance(found[name], kind), f"{name} holds no {kind.__name__}.")
    figures = {name: held for name, held in files.items() if name.startswith("figures/")}
    return Opened(manifest, found, figures, {name: files[name] for name in TEXTS})


def _unpacked(archive: zipfile.ZipFile) -> dict[str, bytes]:
    """Every file, after its name, kind and size have been looked at."""
    members = archive.infolist()
    require(len(members) <= MOST_FILES, f"{len(members)} files are too many for a report.")
    names = [one.filename for one in members]
    twice = sorted({name for name in names if names.count(name) > 1})
    require(not twice, f"{twice[:3]} stand twice in this zip; no report has that.")
    for one in members:
        _check_member(one)
    whole = sum(one.file_size for one in members)
    require(whole <= LARGEST_WHOLE, f"Unpacked this would have {whole:,} bytes: refused.")
    return {one.filename: _bytes(archive, one) for one in members}


def _check_member(one: zipfile.ZipInfo) -> None:
    name, mode = one.filename, one.external_attr >> 16
    # ZipInfo turns backslashes into slashes on Windows and cuts at a zero byte: ask the original.
    for given in (name, getattr(one, "orig_filename", name)):
        leaves = given.startswith(("/", "\\")) or ".." in given or ":" in given or "\\" in given
        require(not leaves, f"{given!r} points out of its folder (zip-slip): refused.")
    require(not stat.S_ISLNK(mode), f"{plainly(name)} is a symbolic link: refused.")
    require(is_known(name), f"No report holds a file called {name[:80]!r}: refused.")
    require(not one.flag_bits & 1, f"{name} is encrypted; a report is not.")
    require(
        one.file_size <= LARGEST_FILE,
        f"{name} says that it unpacks to {one.file_size:,} bytes; {LARGEST_FILE:,} is the most.",
    )


def _bytes(archive: zipfile.ZipFile, one: zipfile.ZipInfo) -> bytes:
    """No more than the file says that it has; what it says may be a lie."""
    with archive.open(one) as held:
        data = held.read(one.file_size + 1)
    require(
        len(data) == one.file_size,
        f"{one.filename} unpacks to another size than it says (a zip bomb, or damage): refused.",
    )
    return data


def _manifest(files: dict[str, bytes]) -> dict[str, Any]:
    require(MANIFEST in files, f"There is no {MANIFEST}: this zip is no report of plantedu.")
    found = _parsed(files[MANIFEST], MANIFEST)
    ours = isinstance(found, dict) and found.get("format") == FORMAT
    require(ours, f"The manifest does not say {FORMAT}: this zip is no report of plantedu.")
    version = found.get("version")
    require(
        version == VERSION,
        f"This report has version {version!r}; this copy of plantedu reads version {VERSION}. "
        "Verify it with the copy that made it.",
    )
    require(isinstance(found.get("files"), dict), "The manifest lists no files.")
    return found


def _check_hashes(files: dict[str, bytes], listed: dict[str, Any]) -> None:
    missing = sorted(({*RECORDS, *TEXTS} | set(listed)) - set(files))
    require(not missing, f"The report lacks {plainly(', '.join(missing))}.")
    unlisted = sorted(set(files) - set(listed) - {MANIFEST})
    require(not unlisted, f"{', '.join(unlisted)} is not in the manifest: added afterwards.")
    changed = [name for name in listed if sha256(files[name]).hexdigest() != listed[name]]
    require(not changed, f"{', '.join(changed)} was changed after the report was made.")


def _parsed(data: bytes, name: str) -> Any:
    try:
        found = json.loads(data.decode("utf-8"))
        require(_depth(found) <= DEEPEST, f"{name} is nested deeper than {DEEPEST}.")
        return found
    except (ValueError, RecursionError) as error:
        raise PlantEduError(f"{name} is no JSON that can be read ({error}).") from error


def _depth(found: Any) -> int:
    """How deep lists and objects lie in each other, level by level."""
    level, deep = [found], 0
    while level and deep <= DEEPEST:
        inside = [one.values() if isinstance(one, dict) else one for one in level
                  if isinstance(one, dict | list)]  # fmt: skip
        level, deep = [one for held in inside for one in held], deep + 1
    return deep
