"""What made a run: the code, the packages, the request. Equal answers mean one shared job."""

import hashlib
import json
import platform
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import plantedu
from plantedu.errors import PlantEduError

PACKAGES = ("torch", "torchvision", "timm", "numpy", "scipy", "pillow", "safetensors")


@cache
def code_version() -> str:
    """Package version and a hash of every source file below `plantedu`, e.g. `0.1.0+3f9a1c2b4d5e`.

    Read once a process: a process runs the code that it started with.
    """
    folder = Path(plantedu.__file__).parent
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        text = path.read_bytes().replace(b"\r\n", b"\n")
        found.update(path.relative_to(folder).as_posix().encode() + b"\0" + text + b"\0")
    return f"{plantedu.__version__}+{found.hexdigest()[:12]}"


@cache
def package_versions() -> dict[str, str]:
    """Versions of Python and of the packages that numbers depend on."""
    versions = {"python": platform.python_version(), "system": platform.system()}
    for name in PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def canonical(request: Mapping[str, Any]) -> str:
    """The one JSON text of a request: sorted names, no spaces, finite numbers.

    Raises:
        PlantEduError: if the request holds something that JSON has no word for.
    """
    try:
        return json.dumps(request, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise PlantEduError(
            f"A request must be plain JSON with finite numbers, but {error}; got {request!r}."
        ) from error


def request_key(kind: str, request: Mapping[str, Any], data_hash: str = "") -> str:
    """Where identical requests meet: sha256(kind, request, data, code version)."""
    words = "\0".join((kind, canonical(request), data_hash, code_version()))
    return hashlib.sha256(words.encode()).hexdigest()
