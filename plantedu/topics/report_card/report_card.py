"""How good are our instruments? Every method of the course, on fresh planted worlds, graded.

Each world is a seed. In it a method is asked about things that were planted and things that were
not (`trials/`), and one writes down how often it is right, how often it reports what is not there,
and whether its intervals hold the planted number as often as they say. Methods that the course
warns of are on the card too; a card on which everybody passes grades nobody.

A grade is about these worlds: cases that somebody thought of, with effects of a size that somebody
chose. Where a method fails here it fails; where it passes it has passed an easy exam.

Source: tests with an answer that is surely there: Zimmermann et al. 2022, arXiv:2206.13991
[zimmermann2022]; intervals: Lancaster 1961 [lancaster1961]. Lesson: 11_report.
"""

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

from plantedu.statistics.evidence import Evidence
from plantedu.store.paths import home
from plantedu.topics.method import Context, Method
from plantedu.topics.report_card.grade import grade
from plantedu.topics.report_card.one_thread import one_thread
from plantedu.topics.report_card.results.report_card import Grade, ReportCardResult, Settings
from plantedu.topics.report_card.table import TRIALS, trial
from plantedu.topics.report_card.trial import Mark, Trial
from plantedu.whole_files import write_whole

EXAMINED = ("data", "models", "statistics", "topics", "training", "zoo")


def report_card(
    settings: Settings,
    *,
    folder: Path,
    check: Callable[[], None] = lambda: None,
    progress: Callable[[str], None] = lambda doing: None,
) -> ReportCardResult:
    """Examine the methods; what is in `folder` already is not done again.

    Args:
        settings: Which methods and worlds.
        folder: Where marks are kept, by code, method and world.
        check: Called between exams; may raise to stop.
        progress: Called with how far it is.

    Raises:
        PlantEduError: for a method that is not on the card, or a folder that cannot be written to.
    """
    code = code_hash()
    known = [trial(name) for name in settings.methods] or TRIALS
    chosen = [one for one in TRIALS if one in known]
    marks: dict[str, list[Mark]] = {one.name: [] for one in chosen}
    seconds = dict.fromkeys(marks, 0.0)
    for k, seed in enumerate(settings.seeds):
        for one in chosen:
            check()
            found, took = examined(one, seed, folder / code)
            marks[one.name] += found
            seconds[one.name] += took
        progress(f"world {k + 1} of {settings.worlds}, {sum(seconds.values()):.0f} s of CPU")
    grades = tuple(grade(one, marks[one.name], settings.worlds) for one in chosen)
    return ReportCardResult(settings, grades, {k: round(s, 2) for k, s in seconds.items()}, code)


def examined(one: Trial, seed: int, folder: Path) -> tuple[list[Mark], float]:
    """One method's marks in one world, and the CPU seconds they took when they were made."""
    path = folder / f"{hashlib.sha256(one.name.encode()).hexdigest()[:12]}-{seed}.json"
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return [_mark(row) for row in kept["marks"]], float(kept["seconds"])
    except (OSError, ValueError, KeyError, TypeError):
        pass  # not there, or torn by a stop: it is made again
    begun = time.process_time()
    with one_thread():
        marks = one.run(seed)
    took = time.process_time() - begun
    kept = {"method": one.name, "seed": seed, "seconds": took, "marks": [astuple(m) for m in marks]}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(kept).encode())
    return marks, took


def _mark(row: Sequence[Any]) -> Mark:
    there, said, truth, value, interval = row
    return Mark(there, said, truth, value, tuple(interval) if interval else None)


def code_hash() -> str:
    """16 hex digits that change with any line of what is examined."""
    root = Path(__file__).parents[2]
    files = sorted(file for room in EXAMINED for file in (root / room).rglob("*.py"))
    seen = hashlib.sha256()
    for file in files:
        seen.update(file.relative_to(root).as_posix().encode())
        seen.update(file.read_bytes().replace(b"\r\n", b"\n"))
    return seen.hexdigest()[:16]


def marks_folder() -> Path:
    """Where marks are kept between calls."""
    return home() / "report-card"


def _run(asked: Settings, context: Context) -> ReportCardResult:
    return report_card(asked, folder=marks_folder(), check=context.check, progress=context.progress)


def tell(result: ReportCardResult) -> None:
    """The card in words."""
    print_grades(result.grades, result.settings.worlds)


def print_grades(grades: Sequence[Grade], worlds: int) -> None:
    """A line a method, and what a coin would be graded."""
    print(f"{'method':<26}{'right':>6}{'hits':>6}{'false':>7}{'holds':>7}{'n':>5}  verdict")
    for g in grades:
        holds = f"{g.coverage.value:.2f}" if g.coverage else "-"
        mark = " (trap)" if g.trap else ""
        print(
            f"{g.name:<26}{g.right.value:>6.2f}{g.hits.value:>6.2f}{g.alarms.value:>7.2f}"
            f"{holds:>7}{g.right.n:>5}  {g.verdict}{mark}"
        )
    null: Evidence = grades[0].right
    print(f"null: {null.control}: right {null.null:.2f}. {worlds} worlds.")


METHOD = Method(Settings, _run, tell)
