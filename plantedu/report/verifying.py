"""Check a report: every number in it is made again, by our own code, and compared.

    files         each has the hash of the manifest (on opening)
    calibration   the score and its parts, from the predictions
    answers       each revealed answer, from this copy's committed results
    claims        each claim's number, from this copy's results or from the reported run
    figures       the data of each figure, from predictions and claims
    runs          each run of a kind on the closed list that is short enough, made again

Tolerances are ours, never the report's: 1e-9 for arithmetic, .01 of max(1, |number|) for runs,
since another machine adds in another order.

Lesson: 11_report.
"""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from plantedu.course.answers import Context, settle
from plantedu.course.calibration import calibration
from plantedu.course.claims import Claim
from plantedu.course.lessons import Lesson
from plantedu.course.places import RUN, evidence_at, evidence_in
from plantedu.course.predictions import Commitment
from plantedu.errors import PlantEduError, require
from plantedu.evidence import Evidence
from plantedu.report.again import again, cannot
from plantedu.report.comparing import differences
from plantedu.report.contents import drawings
from plantedu.report.opened import Opened

EXACT, LOOSE = 1e-9, 0.01


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


def verify(
    report: Opened,
    lessons: list[Lesson],
    results: Path,
    *,
    longest: float = 120.0,
    told: Callable[[str], None] = lambda said: None,
) -> list[Step]:
    """Everything that can be checked, a step each.

    Args:
        report: The report, opened.
        lessons: The course of this copy.
        results: Committed results of this copy.
        longest: Seconds that a run may have taken to be made again; 0 repeats none.
        told: Told what is being checked.

    Raises:
        PlantEduError: for records that are no predictions or no claims.
    """
    made, claims, runs = _commitments(report), _claims(report), _runs(report)
    steps = [Step("files", True, "every file has the hash of the manifest")]
    steps.append(_calibration(report, made, lessons))
    steps += _answers(made, lessons, results)
    steps += _claimed(runs, claims, results)
    steps += _figures(report, made, claims, lessons)
    for record in runs:
        told(f"run {record.get('id', '?')}")
        steps.append(_run(record, longest))
    return steps


def _commitments(report: Opened) -> list[Commitment]:
    """The predictions, with fields of the right kinds."""
    try:
        found = [Commitment(**one) for one in report.records["predictions.json"]]
        for one in found:
            words = (one.lesson, one.item, one.choice, one.answer or "")
            fine = all(isinstance(word, str) for word in words) and 2 <= int(one.options) <= 20
            require(fine and 0 <= one.confidence <= 1, "a prediction with other fields")
        return found
    except (TypeError, ValueError) as error:
        raise PlantEduError(f"predictions.json holds something else ({error}).") from error


def _claims(report: Opened) -> list[Claim]:
    try:
        found = []
        for one in report.records["claims.json"]:
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
    return runs


def _calibration(report: Opened, made: list[Commitment], lessons: list[Lesson]) -> Step:
    found = calibration(made, lessons)
    mine = json.loads(json.dumps(asdict(found) if found else None))
    told = report.records["calibration.json"]
    return _step("calibration", differences(told, mine, tolerance=EXACT))


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
            right = settle(prediction.settles, Context(results)).key
        except PlantEduError as error:
            yield Step(name, None, str(error))
            continue
        yield _step(name, differences(one.answer, right, tolerance=EXACT))


def _claimed(runs: list[dict[str, Any]], claims: list[Claim], results: Path) -> Iterator[Step]:
    told_by = {f"{RUN}{one.get('id')}": one.get("result") for one in runs}
    for k, one in enumerate(claims, 1):
        origin, _, at = one.source.partition("#")
        try:
            if origin.startswith(RUN):
                found = evidence_in(told_by.get(origin), at, one.source)
            else:
                found = evidence_at(one.source, results=results)
        except PlantEduError as error:
            yield Step(f"claim {k}", False, str(error))
            continue
        told, mine = (json.loads(json.dumps(e.as_json())) for e in (one.evidence, found))
        yield _step(f"claim {k}", differences(told, mine, tolerance=EXACT))


def _figures(
    report: Opened, made: list[Commitment], claims: list[Claim], lessons: list[Lesson]
) -> Iterator[Step]:
    drawn = drawings(calibration(made, lessons), tuple(claims))
    held = {n.removeprefix("figures/").partition(".")[0] for n in report.figures}
    for name in sorted(held | set(drawn)):
        csv = report.figures.get(f"figures/{name}.csv")
        if csv is None or name not in drawn:
            yield Step(f"figure {name}", False, "it stands in one of the two only")
            continue
        try:
            told = _rows(csv.decode("utf-8"))
        except (ValueError, UnicodeDecodeError) as error:
            yield Step(f"figure {name}", False, f"its data cannot be read ({error})")
            continue
        yield _step(f"figure {name}", differences(told, _rows(drawn[name].csv()), tolerance=EXACT))


def _rows(csv: str) -> list[dict[str, Any]]:
    table = pd.read_csv(io.StringIO(csv))
    return [{str(k): v for k, v in row.items()} for row in table.to_dict(orient="records")]


def _run(record: dict[str, Any], longest: float) -> Step:
    name = f"run {str(record.get('id', '?'))[:20]} ({str(record.get('kind', '?'))[:20]})"
    why = cannot(record, longest=longest)
    if why:
        return Step(name, None, f"not made again: {why}")
    try:
        found = json.loads(json.dumps(again(record)))
    except PlantEduError as error:
        return Step(name, False, str(error))
    return _step(name, differences(record["result"], found, tolerance=LOOSE))


def _step(name: str, found: Iterator[str]) -> Step:
    said = list(found)
    more = f" and {len(said) - 3} more" if len(said) > 3 else ""
    return Step(name, not said, "; ".join(said[:3]) + more)
