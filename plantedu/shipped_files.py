"""Where the course's own files are: checkpoints, lessons, results. The one module that knows.

In a checkout they lie beside the package; a wheel brings them inside it, in `plantedu/shipped`.
`PLANTEDU_FILES` names another folder that holds `checkpoints` and `lessons`.
"""

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def root() -> Path:
    """The folder that holds `checkpoints` and `lessons`."""
    chosen = os.environ.get("PLANTEDU_FILES", "")
    if chosen:
        return Path(chosen).expanduser()
    inside = PACKAGE / "shipped"
    return inside if inside.is_dir() else PACKAGE.parent


def source() -> Path:
    """The folder that `import plantedu` works from, for child processes."""
    return PACKAGE.parent


def checkpoints() -> Path:
    """Weights, recordings, dictionaries."""
    return root() / "checkpoints"


def lessons() -> Path:
    """Lessons as markdown, with `figures` and `results`."""
    return root() / "lessons"


def results() -> Path:
    """Committed results, as JSON."""
    return lessons() / "results"
