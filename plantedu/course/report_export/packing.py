"""Write a report: one zip, the same bytes for the same record."""

import io
import json
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

from plantedu.course.calibration import calibration
from plantedu.course.claims import Claims
from plantedu.course.lessons import Lesson
from plantedu.course.predictions import Predictions, is_token
from plantedu.course.progress import Progress
from plantedu.course.report_export.contents import (
    FORMAT,
    MANIFEST,
    MOST_RUNS,
    README,
    SCRIPT,
    VERSION,
    Learner,
    drawings,
    figures,
    records,
)
from plantedu.course.result_pointers import RUN
from plantedu.errors import require
from plantedu.store.store import Store
from plantedu.store.version import code_version, package_versions

WHEN = (2026, 1, 1, 0, 0, 0)  # zip dates would make two equal reports differ


def learner_record(token: str, path: Path, store: Store) -> Learner:
    """Everything that a learner has written and run.

    Args:
        token: The learner's.
        path: The file that holds predictions, claims and progress.
        store: Where runs are.

    Raises:
        PlantEduError: for a text that is no token.
    """
    require(is_token(token), "A report belongs to a learner's token, 16 to 64 letters or digits.")
    claims = tuple(Claims(path).of(token))
    done = [run for run in store.runs(learner=token, limit=60) if run.state == "done"]
    named = {c.source.partition("#")[0].removeprefix(RUN) for c in claims}
    first = [run for run in done if run.id in named]
    rest = [run for run in done if run.id not in named]
    solved = Progress(path).solved_by(token)
    return Learner(
        tuple(Predictions(path).of(token).values()),
        claims,
        {stem: sorted(items) for stem, items in sorted(solved.items())},
        tuple((first + rest)[:MOST_RUNS]),
    )


def pack(of: Learner, lessons: list[Lesson], results: Path) -> bytes:
    """The report as the bytes of a zip.

    Args:
        of: The learner's record.
        lessons: The course.
        results: Folder of committed results.

    Raises:
        PlantEduError: for a record in which there is nothing yet.
    """
    something = of.predictions or of.claims or of.runs
    require(
        bool(something),
        "There is nothing to report yet: lock a prediction in any lesson, and come back.",
    )
    files = {name: _json(one) for name, one in records(of, lessons, results).items()}
    files |= figures(drawings(calibration(of.predictions, lessons), of.claims))
    files |= {"README.txt": README.encode(), "again.py": SCRIPT.encode()}
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "code_version": code_version(),
        "packages": package_versions(),
        "files": {name: sha256(data).hexdigest() for name, data in sorted(files.items())},
    }
    return zipped({MANIFEST: _json(manifest), **files})


def zipped(files: dict[str, bytes]) -> bytes:
    """Files as a zip whose bytes depend on them alone."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            one = zipfile.ZipInfo(name, date_time=WHEN)
            one.compress_type = zipfile.ZIP_DEFLATED
            one.external_attr = 0o100644 << 16
            archive.writestr(one, data)
    return held.getvalue()


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()
