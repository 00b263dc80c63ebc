"""Where runs, checkpoints, banks and logs live on this machine.

`PLANTEDU_HOME` when it is set, else a folder in the user's cache directory. It may be deleted at
any time while nothing runs; everything in it is made again. It is for this user alone.
"""

import contextlib
import os
import stat
import sys
from functools import lru_cache
from pathlib import Path

from plantedu.errors import PlantEduError

STORE = "plantedu.sqlite"
PRIVATE, PRIVATE_FILE = 0o700, 0o600  # modes: for the user alone
OTHERS = 0o077  # what others might do
NOWHERE = (
    "Nobody says where this user's files are (HOME is not set, or ~ means nobody). Set "
    "PLANTEDU_HOME to a folder that you may write to."
)


def cache_directory() -> Path:
    """The user's cache directory on Linux, macOS and Windows."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or users_home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return users_home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or users_home() / ".cache")


def users_home() -> Path:
    """The user's home.

    Raises:
        PlantEduError: where nothing says where that is, such as for a user without an entry.
    """
    try:
        return Path.home()
    except RuntimeError as error:
        raise PlantEduError(NOWHERE) from error


def home_place() -> Path:
    """Where the folder of this user's runs is, or would be: for who only reads.

    Raises:
        PlantEduError: where nothing says where that is.
    """
    chosen = os.environ.get("PLANTEDU_HOME", "").strip()
    try:
        if not chosen:
            return cache_directory() / "plantedu"
        place = Path(chosen).expanduser()
        return _resolved(place) if place.is_absolute() else place.resolve()
    except RuntimeError as error:  # of a ~ that means nobody
        raise PlantEduError(NOWHERE) from error


@lru_cache(maxsize=8)
def _resolved(place: Path) -> Path:
    """To resolve looks at the disk part by part, and a page asks for this at each of its cards."""
    return place.resolve()


def home() -> Path:
    """The folder of this user's runs, created on demand.

    Raises:
        PlantEduError: if the folder cannot be made or is not a folder.
    """
    folder = home_place()
    try:
        folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    except OSError as error:
        raise PlantEduError(
            f"Runs are kept in {folder}, which cannot be made ({error.strerror}). "
            "Set PLANTEDU_HOME to a folder that you may write to."
        ) from error
    keep_private(folder)
    return folder


def keep_private(folder: Path) -> None:
    """Close a folder of runs to other users of this machine: predictions and claims are in it.

    A folder without a store may be anything, such as one for temporary files, and stays as it is;
    so does the user's own home.
    """
    if os.name == "nt" or not (folder / STORE).is_file():
        return
    own = os.environ.get("HOME") and Path(os.environ["HOME"]).resolve()
    for path in (*([folder] if folder != own else []), *folder.glob(f"{STORE}*")):
        with contextlib.suppress(OSError):  # somebody else's, or on a disk that is read-only
            now = stat.S_IMODE(path.stat().st_mode)
            if now & OTHERS and not now & stat.S_ISVTX:
                path.chmod(now & ~OTHERS)


def bank_folder() -> Path:
    """Where rendered pairs are kept between runs."""
    return home() / "bank"
