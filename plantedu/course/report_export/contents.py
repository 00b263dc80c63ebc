"""What a report holds, and the one list of names that may stand in its zip.

    manifest.json        format, version, code and packages, and the hash of every other file
    predictions.json     every commitment, with its answer where it was revealed
    claims.json          every claim with its number and where that stands
    exercises.json       which are solved
    calibration.json     the learner's score in its parts
    runs.json            kind, request (recipe, seed), versions, data hash and result of own runs
    hashes.json          sha256 of the committed results that claims and answers rest on
    figures/NAME.*       SVG, data (CSV) and the chart itself (Vega-Lite)
    README.txt, again.py what this is, and a script that verifies the zip

Nothing in it names the learner: the token stays at home.
"""

import re
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from plantedu.charts.chart import Drawing
from plantedu.charts.forest import forest_chart
from plantedu.charts.reliability import reliability_chart
from plantedu.charts.svg import svg_of
from plantedu.course.blocks import Prediction
from plantedu.course.calibration import Calibration, calibration
from plantedu.course.claims import Claim
from plantedu.course.lessons import Lesson
from plantedu.course.predictions import Commitment
from plantedu.course.result_pointers import RUN
from plantedu.store.run import Run

FORMAT, VERSION = "plantedu-report", 2
MANIFEST = "manifest.json"
RECORDS = (
    *("predictions.json", "claims.json", "exercises.json", "calibration.json"),
    *("runs.json", "hashes.json"),
)
TEXTS = ("README.txt", "again.py")
FIGURE = re.compile(r"figures/[a-z]{1,20}\.(svg|csv|vl\.json)")
MOST_RUNS = 20

README = """A report of plantedu: predictions, claims, figures, and the runs behind them.

    pip install uv && uv run python -m plantedu report verify THIS.zip

in a copy of plantedu compares every file of this zip with what that copy makes of the predictions,
claims and runs: it settles every answer again, looks up every claim's number, draws every figure
again (SVG, data and Vega-Lite), and repeats the runs that are short enough. It never runs anything
that is in this file.

What "same" means: the numbers follow from the predictions, claims and runs that stand here. What it
cannot mean: that these are the learner's own, made before the answer was shown, or that exercises
were solved. Nothing here is signed; who can write a zip can write another with another manifest.
"""
SCRIPT = '''"""Verify the report that this file came in: python again.py REPORT.zip"""

import subprocess
import sys

sys.exit(subprocess.call([sys.executable, "-m", "plantedu", "report", "verify", *sys.argv[1:]]))
'''


@dataclass(frozen=True)
class Learner:
    """What is known of one learner, without the token."""

    predictions: tuple[Commitment, ...]
    claims: tuple[Claim, ...]
    solved: dict[str, list[str]]
    runs: tuple[Run, ...]


def records(of: Learner, lessons: list[Lesson], results: Path) -> dict[str, Any]:
    """The JSON files of a report, by name."""
    found = calibration(of.predictions, lessons)
    claims = [{k: v for k, v in asdict(claim).items() if k != "number"} for claim in of.claims]
    return {
        "predictions.json": [asdict(one) for one in of.predictions],
        "claims.json": claims,
        "exercises.json": of.solved,
        "calibration.json": asdict(found) if found else None,
        "runs.json": [run_record(run) for run in of.runs],
        "hashes.json": hashes(of, lessons, results),
    }


def run_record(run: Run) -> dict[str, Any]:
    """What is needed to do a run again, and what it found."""
    seconds = max(0.0, run.ended - run.started) if run.ended and run.started else None
    fields = ("id", "kind", "request", "code_version", "packages", "data_hash", "result")
    return {name: getattr(run, name) for name in fields} | {"seconds": seconds}


def hashes(of: Learner, lessons: list[Lesson], results: Path) -> dict[str, str]:
    """sha256 of each committed result that an answer or a claim rests on."""
    asked = {(lesson.stem, p.id): p for lesson in lessons for p in lesson.predictions}
    revealed = [asked.get((c.lesson, c.item)) for c in of.predictions if c.answer is not None]
    names = {file for p in revealed if p and (file := file_of(p))}
    names |= {
        c.source.partition("#")[0].removeprefix("results/")
        for c in of.claims
        if not c.source.startswith(RUN)
    }
    there = {name: Path(results) / name for name in sorted(names)}
    return {n: sha256(p.read_bytes()).hexdigest() for n, p in there.items() if p.is_file()}


def file_of(asked: Prediction) -> str:
    """The committed result that settles a prediction."""
    return asked.settles.file


def drawings(found: Calibration | None, claims: tuple[Claim, ...]) -> dict[str, Drawing]:
    """The learner's figures by name; only those that there is something to draw for."""
    drawn: dict[str, Drawing] = {}
    if found:
        drawn["reliability"] = reliability_chart(found.parts)
        for name, groups in (("lessons", found.lessons), ("habits", found.habits)):
            lines = [(f"{g.name} ({g.answers})", g.score) for g in groups]
            drawn[name] = forest_chart(lines, unit="Brier score")
    if claims:
        lines = [(f"{k}. {c.source[-60:]}", c.evidence) for k, c in enumerate(claims, 1)]
        drawn["claims"] = forest_chart(lines, unit="measured number")
    return drawn


def figures(drawn: dict[str, Drawing]) -> dict[str, bytes]:
    """SVG, CSV and Vega-Lite of each figure."""
    files: dict[str, bytes] = {}
    for name, drawing in drawn.items():
        files[f"figures/{name}.svg"] = svg_of(drawing).encode()
        files[f"figures/{name}.csv"] = drawing.csv().encode()
        files[f"figures/{name}.vl.json"] = drawing.vega_lite().encode()
    return files


def is_known(name: str) -> bool:
    """Whether a report may hold a file of this name."""
    return name in (MANIFEST, *RECORDS, *TEXTS) or FIGURE.fullmatch(name) is not None
