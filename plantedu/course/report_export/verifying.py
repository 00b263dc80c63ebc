"""Check a report: every member of the zip is made again, by our own code, and compared.

    files         each has the hash of the manifest (on opening): the zip arrived whole
    texts         README.txt and again.py, letter by letter
    predictions   none stands twice
    exercises     each is one of this course
    hashes        of the committed results that answers and claims rest on
    calibration   the score and its parts, from the predictions
    answers       each revealed answer, from this copy's committed results
    claims        each claim's number, from this copy's results or from the reported run
    figures       SVG, data and Vega-Lite of each, from predictions and claims
    runs          each run of a kind on the closed list that is short enough here, made again

Tolerances and limits are ours, never the report's: 1e-9 for arithmetic, .01 of max(1, |number|) for
runs and 1e-4 for coordinates of an SVG, since another machine adds in another order; seconds by our
own clock. Nothing is signed. A report that verifies follows from the records in it; that they are a
learner's own it cannot show, for who writes a zip writes its manifest too.

Lesson: 11_report.
"""

import io
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from plantedu.course.answers import Context, settle
from plantedu.course.calibration import calibration
from plantedu.course.claims import Claim
from plantedu.course.lessons import Lesson
from plantedu.course.predictions import Commitment
from plantedu.course.report_export.comparing import PASSING, differences, same_text
from plantedu.course.report_export.contents import (
    MOST_RUNS,
    README,
    SCRIPT,
    Learner,
    drawings,
    figures,
    hashes,
)
from plantedu.course.report_export.reading import Opened
from plantedu.course.report_export.rerun import cannot
from plantedu.course.report_export.rerun_process import apart
from plantedu.course.report_export.words import plainly
from plantedu.course.result_pointers import RUN, evidence_at, evidence_in
from plantedu.errors import PlantEduError, require
from plantedu.statistics.evidence import Evidence

Make = Callable[..., dict[str, Any] | None]
EXACT, LOOSE, PIXELS = 1e-9, 0.01, 1e-4
MOST_RECORDS = 2000  # predictions, or claims, of one learner
ALL_RUNS = 5.0  # all runs together may take as many times the longest


@dataclass(frozen=True)
class Step:
    """One thing that was checked.

    Attributes:
        name: What it is.
        holds: Whether it came out the same; None where it was not made again.
        says: What differs, or why it was not made again.
    """

    name: str
    holds: bool | None
    says: str = ""

    def __post_init__(self) -> None:  # a report's words reach a terminal only through here
        for field in ("name", "says"):
            object.__setattr__(self, field, plainly(getattr(self, field)))


def verify(
    report: Opened,
    lessons: list[Lesson],
    results: Path,
    *,
    longest: float = 120.0,
    say: Callable[[str], None] = lambda said: None,
    make: Make | None = None,
) -> list[Step]:
    """Everything that can be checked, a step each.

    Args:
        report: The report, opened.
        lessons: The course of this copy.
        results: Committed results of this copy.
        longest: Seconds that a run may take when it is made again here; 0 repeats none. All runs
            together may take five times as many.
        say: Called with what is being checked.
        make: Makes a run again within some seconds, None where they ran out; `apart` by default.

    Raises:
        PlantEduError: for records that are no predictions or no claims.
    """
    made, claims, runs = _commitments(report), _claims(report), _runs(report)
    steps = [Step("files", True, "every file has the hash of the manifest, which nobody signed")]
    steps += _texts(report)
    steps += [_predictions(made), _exercises(report, lessons)]
    steps.append(_hashes(report, made, claims, lessons, results))
    steps.append(_calibration(report, made, lessons))
    steps += _answers(made, lessons, results)
    steps += _claimed(runs, claims, results)
    steps += _figures(report, made, claims, lessons)
    left = ALL_RUNS * longest
    for record in runs:
        say(plainly(f"run {record.get('id', '?')}"))
        begun = time.monotonic()
        steps.append(_run(record, min(longest, left), make or apart))
        left -= time.monotonic() - begun
    return steps


def _texts(report: Opened) -> Iterator[Step]:
    for name, ours in (("README.txt", README), ("again.py", SCRIPT)):
        fine = report.texts[name] == ours.encode()
        yield Step(name, fine, "" if fine else "it is not the text that this copy writes")


def _predictions(made: list[Commitment]) -> Step:
    names = [f"{one.lesson}/{one.item}" for one in made]
    twice = sorted({name for name in names if names.count(name) > 1})
    return Step("predictions", not twice, f"{twice[0]} stands twice" if twice else "")


def _exercises(report: Opened, lessons: list[Lesson]) -> Step:
    """That an exercise was solved leaves no trace to check; that there is one does."""
    there = {lesson.stem: set(lesson.tasks) for lesson in lessons}
    for stem, items in report.records["exercises.json"].items():
        fine = isinstance(items, list) and all(isinstance(one, str) for one in items)
        if not fine or items != sorted(set(items)):
            return Step("exercises", False, f"{stem}: no list of names")
        unknown = [one for one in items if one not in there.get(stem, ())]
        if unknown:
            return Step("exercises", False, f"{stem}: there is no exercise {unknown[0]}")
    return Step("exercises", True, "each is one of this course; who solved it cannot be checked")


def _hashes(
    report: Opened,
    made: list[Commitment],
    claims: list[Claim],
    lessons: list[Lesson],
    results: Path,
) -> Step:
    mine = hashes(Learner(tuple(made), tuple(claims), {}, ()), lessons, results)
    found = list(differences(report.records["hashes.json"], mine, tolerance=EXACT))
    says = f"made with other committed results: {'; '.join(found[:3])}" if found else ""
    return Step("hashes", not found, says)


def _commitments(report: Opened) -> list[Commitment]:
    """The predictions, with fields of the right kinds."""
    try:
        reported = report.records["predictions.json"]
        require(
            len(reported) <= MOST_RECORDS, f"{len(reported)} of them; {MOST_RECORDS} is the most"
        )
        found = [Commitment(**one) for one in reported]
        for one in found:
            words = (one.lesson, one.item, one.choice, one.answer or "")
            fine = all(isinstance(word, str) for word in words) and 2 <= int(one.options) <= 20
            require(fine and 0 <= one.confidence <= 1, "a prediction with other fields")
        return found
    except (TypeError, ValueError) as error:
        raise PlantEduError(f"predictions.json holds something else ({error}).") from error


def _claims(report: Opened) -> list[Claim]:
    try:
        found, reported = [], report.records["claims.json"]
        require(
            len(reported) <= MOST_RECORDS, f"{len(reported)} of them; {MOST_RECORDS} is the most"
        )
        for one in reported:
            given = dict(one["evidence"])
            given["interval"] = tuple(given["interval"]) if given.get("interval") else None
            found.append(Claim(**{**one, "number": 0, "evidence": Evidence(**given)}))
            require(isinstance(found[-1].source, str), "a claim without a source")
        return found
    except (TypeError, KeyError, ValueError) as error:
        raise PlantEduError(f"claims.json holds something else ({error}).") from error


def _runs(report: Opened) -> list[dict[str, Any]]:
    runs = report.records["runs.json"]
    fine = all(isinstance(one, dict) for one in runs)
    require(fine, "runs.json holds something else (a run is an object).")
    require(len(runs) <= MOST_RUNS, f"runs.json holds {len(runs)}; a report has {MOST_RUNS}.")
    return runs


def _calibration(report: Opened, made: list[Commitment], lessons: list[Lesson]) -> Step:
    found = calibration(made, lessons)
    mine = json.loads(json.dumps(asdict(found) if found else None))
    reported = report.records["calibration.json"]
    return _step("calibration", differences(reported, mine, tolerance=EXACT))


def _answers(made: list[Commitment], lessons: list[Lesson], results: Path) -> Iterator[Step]:
    asked = {(lesson.stem, p.id): p for lesson in lessons for p in lesson.predictions}
    for one in made:
        if one.answer is None:
            continue
        name, prediction = f"answer {one.lesson}/{one.item}", asked.get((one.lesson, one.item))
        if prediction is None:
            yield Step(name, False, "this copy asks no such prediction")
            continue
        try:
            right = settle(prediction, Context(results)).key
        except PlantEduError as error:
            yield Step(name, None, str(error))
            continue
        yield _step(name, differences(one.answer, right, tolerance=EXACT))


def _claimed(runs: list[dict[str, Any]], claims: list[Claim], results: Path) -> Iterator[Step]:
    result_by = {f"{RUN}{one.get('id')}": one.get("result") for one in runs}
    for k, one in enumerate(claims, 1):
        origin, _, at = one.source.partition("#")
        try:
            if origin.startswith(RUN):
                found = evidence_in(result_by.get(origin), at, one.source)
            else:
                found = evidence_at(one.source, results=results)
        except PlantEduError as error:
            yield Step(f"claim {k}", False, str(error))
            continue
        reported, mine = (json.loads(json.dumps(e.as_json())) for e in (one.evidence, found))
        yield _step(f"claim {k}", differences(reported, mine, tolerance=EXACT))


def _figures(
    report: Opened, made: list[Commitment], claims: list[Claim], lessons: list[Lesson]
) -> Iterator[Step]:
    drawn = drawings(calibration(made, lessons), tuple(claims))
    ours = figures(drawn)
    held = {n.removeprefix("figures/").partition(".")[0] for n in report.figures}
    for name in sorted(held | set(drawn)):
        members = [f"figures/{name}.{kind}" for kind in ("csv", "vl.json", "svg")]
        if any(one not in report.figures or one not in ours for one in members):
            yield Step(f"figure {name}", False, "it stands in one of the two only")
            continue
        try:
            found = [
                said for one in members for said in _member(one, report.figures[one], ours[one])
            ]
        except (ValueError, RecursionError) as error:
            yield Step(f"figure {name}", False, f"its data cannot be read ({error})")
            continue
        yield _step(f"figure {name}", iter(found))


def _member(name: str, reported: bytes, ours: bytes) -> Iterator[str]:
    """What differs between one file of a figure and the same drawn again."""
    if name.endswith(".csv"):
        yield from differences(
            *(_rows(d.decode("utf-8")) for d in (reported, ours)), tolerance=EXACT
        )
    elif name.endswith(".json"):
        yield from differences(json.loads(reported), json.loads(ours), tolerance=EXACT)
    elif not same_text(reported, ours, tolerance=PIXELS):
        yield "the SVG is not the one that is drawn from these records (or by other packages)"


def _rows(csv: str) -> list[dict[str, Any]]:
    table = pd.read_csv(io.StringIO(csv))
    return [{str(k): v for k, v in row.items()} for row in table.to_dict(orient="records")]


def _run(record: dict[str, Any], longest: float, make: Make) -> Step:
    name = f"run {str(record.get('id', '?'))[:20]} ({str(record.get('kind', '?'))[:20]})"
    why = cannot(record)
    if why or longest <= 0:
        return Step(name, None, f"not made again: {why or 'no seconds are left for it'}")
    try:
        found = make(record, seconds=longest)
    except PlantEduError as error:
        return Step(name, False, str(error))
    if found is None:
        return Step(name, None, f"not made again: it takes more than {longest:.0f} s here")
    return _step(name, differences(record["result"], found, tolerance=LOOSE, passing=PASSING))


def _step(name: str, found: Iterator[str]) -> Step:
    said = list(found)
    more = f" and {len(said) - 3} more" if len(said) > 3 else ""
    return Step(name, not said, "; ".join(said[:3]) + more)
