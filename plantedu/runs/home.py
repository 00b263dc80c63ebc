"""Where runs, checkpoints, banks and logs live on this machine.

`PLANTEDU_HOME` when it is set, else a folder in the user's cache directory. It may be deleted at
any time while nothing runs; everything in it is made again.
"""

import os
import sys
from pathlib import Path

from plantedu.errors import PlantEduError


def cache_directory() -> Path:
    """The user's cache directory on Linux, macOS and Windows."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def home_place() -> Path:
    """Where the folder of this user's runs is, or would be: for who only reads."""
    chosen = os.environ.get("PLANTEDU_HOME", "").strip()
    return Path(chosen).expanduser().resolve() if chosen else cache_directory() / "plantedu"


def home() -> Path:
    """The folder of this user's runs, created on demand.

    Raises:
        PlantEduError: if the folder cannot be made or is not a folder.
    """
    folder = home_place()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PlantEduError(
            f"Runs are kept in {folder}, which cannot be made ({error.strerror}). "
            "Set PLANTEDU_HOME to a folder that you may write to."
        ) from error
    return folder
