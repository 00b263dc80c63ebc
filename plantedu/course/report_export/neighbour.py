"""A neighbour's report, verified by the worker: the server only keeps the bytes.

The same check as `python -m plantedu report verify`, within the analysis lane's bounds of time and
memory. Here a run has fewer seconds to be made again than in a terminal, since others wait; what
was not made again is listed by itself, with the reason. A zip is a stranger's: its words come back
as plain text, which is neither a link nor a picture on a page.

Lesson: 11_report.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from plantedu import shipped_files
from plantedu.course.lessons import lessons_in
from plantedu.course.report_export import verifying
from plantedu.course.report_export.reading import read_report
from plantedu.course.report_export.verifying import Step, verify
from plantedu.errors import PlantEduError
from plantedu.store.limits import limits
from plantedu.store.run import PHASE
from plantedu.store.uploads import Uploads, wanted
from plantedu.store.work import Work

FILE = "report"  # of a request: the name of the upload
ALONE, SHARED = 60.0, 20.0  # seconds that a run may take to be made again; all together five times
MOST_MADE = 64  # results that a worker remembers, until it ends
_MADE: dict[str, dict[str, Any]] = {}
MARKDOWN = re.compile(r"[^\w\s.,:;'()/%+=-]")


def longest() -> float:
    """Seconds that one run of a report may take on this machine."""
    return SHARED if limits().private else ALONE


def job(work: Work) -> dict[str, Any]:
    """Verify the report of a request; its `steps`, and the `longest` seconds that a run had."""
    uploads, name = Uploads(work.store.path.parent), work.run.request[FILE]

    def say(doing: str) -> None:
        work.store.event(work.run.id, 0, PHASE, f"making again {unmarked(doing)}")
        work.check()

    try:
        data = uploads.read(name, learner=work.run.learner)
        work.store.event(work.run.id, 0, PHASE, "reading the zip, checking its records")
        steps = verified(data, seconds=longest(), say=say)
        return {"steps": [_plain(step) for step in steps], "longest": longest()}
    finally:
        if name not in wanted(work.store, but=work.run.id):
            uploads.drop(name, learner=work.run.learner)


def verified(
    data: bytes, *, seconds: float, say: Callable[[str], None] = lambda said: None
) -> list[Step]:
    """Every step of the check.

    Args:
        data: The zip.
        seconds: That a run may take to be made again.
        say: Called with what is being made again.

    Raises:
        PlantEduError: for anything but a whole report, in words that a page can show.
    """
    try:
        lessons, results = lessons_in(shipped_files.lessons()), shipped_files.results()
        report = read_report(data)
        return verify(report, lessons, results, longest=seconds, say=say, make=made_here)
    except PlantEduError as error:
        raise PlantEduError(unmarked(str(error))) from error


def made_here(record: Mapping[str, Any], *, seconds: float) -> dict[str, Any] | None:
    """The result of the same request, made once by this worker; None where time ran out."""
    asked = json.dumps([record["kind"], record["request"]], sort_keys=True)
    if asked not in _MADE:
        found = verifying.apart(record, seconds=seconds)
        if found is None:
            return None
        while len(_MADE) >= MOST_MADE:
            _MADE.pop(next(iter(_MADE)))
        _MADE[asked] = found
    return _MADE[asked]


def unmarked(text: str) -> str:
    """A stranger's words without anything that Markdown reads as a link, a picture or a tag."""
    plain = MARKDOWN.sub("?", text)
    return re.sub(r"(?i)(:)(//)|(www)(\.)", lambda hit: " ".join(filter(None, hit.groups())), plain)


def _plain(step: Step) -> dict[str, Any]:
    return {"name": step.name, "holds": step.holds, "says": step.says}
