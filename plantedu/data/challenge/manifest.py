"""`plantedu.json`: marks a folder that plantedu rendered, and says whether it was finished.

It is written first, as unfinished, and last, as complete. So a folder whose making was cut short
never passes for a whole one, and only a folder that is ours, with nothing else in it, is replaced.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from plantedu.errors import PlantEduError, require

NAME = "plantedu.json"
BESIDE = "plantedu.tmp"
LITTER = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
ASIDE = frozenset({"@eaDir", "__MACOSX", "#recycle", ".AppleDouble"})  # folders of systems


def is_litter(path: Path) -> bool:
    """Whether an operating system put it there: its files, `._*` twins, what its folders hold."""
    return path.name in LITTER or path.name.startswith("._") or not ASIDE.isdisjoint(path.parts)


def read_manifest(path: Path) -> dict[str, object] | None:
    """What plantedu noted in a folder that it rendered; None for every other folder."""
    try:
        noted = json.loads((path / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    ours = isinstance(noted, dict) and "complete" in noted and isinstance(noted.get("files"), list)
    return noted if ours else None


def write_manifest(path: Path, noted: Mapping[str, object], *, complete: bool) -> None:
    """Note this in the folder, in one step."""
    content = json.dumps({**noted, "complete": complete}, indent=1) + "\n"
    (path / BESIDE).write_bytes(content.encode())
    os.replace(path / BESIDE, path / NAME)


def is_unfinished(path: Path) -> bool:
    """Whether plantedu began to render this folder and did not come to the end."""
    return (read_manifest(path) or {}).get("complete") is False


def take_over(path: Path) -> None:
    """Make the folder, or empty one that plantedu rendered; refuse every other one untouched.

    Raises:
        PlantEduError: for a file, or a folder that holds anything that plantedu did not write.
    """
    require(path.is_dir() or not path.exists(), f"{path} is a file; name a folder.")
    path.mkdir(parents=True, exist_ok=True)
    if all(is_litter(p.relative_to(path)) for p in path.iterdir()):
        return
    noted = read_manifest(path)
    if noted is None:
        raise PlantEduError(
            f"{path} is not empty and was not made by `pairs make` (it has no {NAME}), so nothing "
            "in it was touched. Name a new folder."
        )
    there = [p for p in sorted(path.rglob("*")) if not is_litter(p.relative_to(path))]
    written = noted["files"]
    _require_only(path, there, {NAME, BESIDE, *(written if isinstance(written, list) else [])})
    write_manifest(path, noted, complete=False)
    for file in reversed(there):
        if file.is_dir():
            _remove_if_empty(file)
        elif file.name != NAME:
            file.unlink(missing_ok=True)


def _require_only(path: Path, there: list[Path], written: set[str]) -> None:
    """Refuse to replace a folder into which somebody else has put something."""
    folders = {parent for name in written for parent in Path(name).parents}
    for file in there:
        name = file.relative_to(path)
        require(
            name.as_posix() in written or name in folders,
            f"{path} was made by `pairs make`, but {name.as_posix()} was not, so nothing was "
            "touched. Move it away, or name a new folder.",
        )


def _remove_if_empty(folder: Path) -> None:
    """Litter of the operating system may hold a folder; that is no reason to stop."""
    if not any(folder.iterdir()):
        folder.rmdir()
