"""Where a command will write its file is tried before it works, not after.

A picture that took two minutes was lost to a folder that was not there. Every command with a file
to write calls `check_file` first.
"""

import os
from pathlib import Path
from uuid import uuid4

from plantedu.errors import PlantEduError, require


def check_file(path: Path | None, *, overwrite: bool = True, like: str = "result.csv") -> None:
    """Refuse, before anything is computed, a place where no file can be written; None is none.

    Args:
        path: The file.
        overwrite: Whether one that is there already may be replaced.
        like: What a file there may be called, for a sentence.

    Raises:
        PlantEduError: for a folder, a folder that is not there, a file that is there already, or a
            place without permission.
    """
    if path is None:
        return
    path = Path(path)
    require(not path.is_dir(), f"{path} is a folder; name a file, such as {like}.")
    require(path.parent.is_dir(), f"{path.parent} is no folder that is there; make it first.")
    require(
        overwrite or not path.exists(),
        f"{path} is there already and is left as it is; name another file, or say --overwrite.",
    )
    if path.exists() and not os.access(path, os.W_OK):
        raise PlantEduError(f"{path} cannot be written: it is read-only.")
    probe = path.with_name(f".{path.name[:100]}-{uuid4().hex}.part")
    try:
        with probe.open("xb"):
            pass
        os.unlink(probe)
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise PlantEduError(f"{path} cannot be written: {said}.") from error


def check_folder(path: Path | None) -> None:
    """The same for a folder of files, which may have to be made first.

    Raises:
        PlantEduError: for a file, or where it cannot be made or written into.
    """
    if path is None:
        return
    path = Path(path)
    require(path.is_dir() or not path.exists(), f"{path} is a file; name a folder.")
    there = next(one for one in (path, *path.absolute().parents) if one.exists())
    require(there.is_dir(), f"{path} cannot be made: {there} is a file.")
    check_file(there / "tried")
