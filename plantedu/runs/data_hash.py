"""Which data a training is about, so that changed data is never served an old answer."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plantedu.data.worlds import world, world_hash
from plantedu.errors import PlantEduError

FOLDER = "folder:"


def data_hash(request: Mapping[str, Any]) -> str:
    """Hash of the world or of the challenge folder that a training request names.

    A folder counts by the text of its tables and by the names and sizes of its pictures: reading
    thousands of pictures would keep whoever presses Train waiting.

    Raises:
        PlantEduError: for a world that does not exist or a folder that cannot be read.
    """
    data = str(request["data"])
    if not data.startswith(FOLDER):
        return world_hash(world(data, int(request["world_seed"])))
    folder, found = Path(data.removeprefix(FOLDER)), hashlib.sha256()
    try:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            found.update(f"{path.relative_to(folder).as_posix()}\0{path.stat().st_size}\0".encode())
            if path.suffix.lower() == ".csv":
                found.update(path.read_bytes())
    except OSError as error:
        raise PlantEduError(f"{folder} cannot be read: {error.strerror}.") from error
    return found.hexdigest()[:16]
