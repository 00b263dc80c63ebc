"""Which files a training is about, so that changed ones are never served an old answer."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plantedu.data.challenge.manifest import is_litter
from plantedu.data.renderer.worlds import world, world_hash
from plantedu.errors import PlantEduError
from plantedu.training.weights_spec import file_of, file_sha256, parse_start

FOLDER = "folder:"


def data_hash(request: Mapping[str, Any]) -> str:
    """Hash of the pairs that a training request names, and of the file that it starts from.

    A folder counts by the text of its tables and by the names and sizes of its pictures: reading
    thousands of pictures would keep whoever presses Train waiting.

    Raises:
        PlantEduError: for a world or a shipped checkpoint that does not exist, or a folder or file
            that cannot be read.
    """
    data = str(request["data"])
    pairs = _folder_hash(data) if data.startswith(FOLDER) else _world_hash(data, request)
    start = file_of(parse_start(str(request.get("start", "scratch"))))
    return pairs if start is None else f"{pairs}+{file_sha256(start)[:16]}"


def _world_hash(data: str, request: Mapping[str, Any]) -> str:
    return world_hash(world(data, int(request["world_seed"])))


def _folder_hash(data: str) -> str:
    folder, found = Path(data.removeprefix(FOLDER)), hashlib.sha256()
    try:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            if is_litter(path.relative_to(folder)):  # a system's files are no data
                continue
            found.update(f"{path.relative_to(folder).as_posix()}\0{path.stat().st_size}\0".encode())
            if path.suffix.lower() == ".csv":
                found.update(path.read_bytes())
    except OSError as error:
        raise PlantEduError(f"{folder} cannot be read: {error.strerror}.") from error
    return found.hexdigest()[:16]
