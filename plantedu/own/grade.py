"""Grade a method of your own: the report card's planted worlds, with your function in them.

    import plantedu as pe

    @pe.grade.attribution
    def mine(net, x1, x2, target):
        ...

    pe.grade(mine, worlds=20, beside=["ig blur"])

What is planted is kept from your function: it gets inputs only, in copies. Where a thing is
planted and you report it, that is a hit; where it is not and you report it, a false alarm. Both
come with their intervals, beside a coin, and beside methods of ours on the same worlds, with the
differences paired by world. The same seeds give the same numbers: global random states are set
before each call, and a function with an argument `seed` is given the world's number.

A function that peeks (reads files, globals, the frames above it) can find the truth. That is out of
scope: it would grade itself.

A grade is about these worlds: cases that somebody thought of, with effects of a size that somebody
chose. It is an exam that is easy to pass where the world is kind, and says nothing of other worlds.

Lesson: 11_report.
"""

import functools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from plantedu.charts.chart import Drawing
from plantedu.errors import require
from plantedu.own.finding import Finding
from plantedu.own.protocols import Exam, exams
from plantedu.statistics.intervals import difference_interval
from plantedu.statistics.paired_differences import Difference, corrected, difference
from plantedu.topics.report_card.grade import grade as graded
from plantedu.topics.report_card.one_thread import one_thread
from plantedu.topics.report_card.report_card import code_hash
from plantedu.topics.report_card.results.own_method import (
    KINDS,
    PAIRED,
    ExamResult,
    OwnMethodResult,
    OwnSettings,
)
from plantedu.topics.report_card.results.report_card import Grade
from plantedu.topics.report_card.trial import Mark

ATTRIBUTE = "plantedu_grade"  # where a decorator notes the kind and its options
Own = Callable[..., Any]


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class OwnGrade(Finding):
    """Hits, false alarms and paired differences, with their nulls; shows itself in a notebook.

    Attributes:
        result: The same by trials, as the report card holds it.
    """

    result: OwnMethodResult

    def chart(self, *, dark: bool = False) -> Drawing:
        """Hits against false alarms, one row a method and trial."""
        return self.result.chart(dark=dark)

    def as_json(self) -> dict[str, Any]:
        """Plain values, as the page Report card reads them."""
        return self.result.as_json()


class Grader:
    """`grade(f)`, and the four decorators that say what f is."""

    def attribution(self, f: Own) -> Own:
        """Mark f as an attribution method: does its map say which cue a network uses?

        f(net, x1, x2, target) is called once for each network of a world:

            net      nn.Module in evaluation mode; net(x1, x2) gives scores "plants 2", the lead of
                     a class's logit over the other. A gradient passes. About 16 plants at once.
            x1, x2   float32 tensors "plants 3 height width" in [0, 1]: RGB and RGN, 40 pixels
            target   int, the class whose score is explained
            answer   relevance of every pixel, any finite numbers: a tensor or array "2 plants
                     height width", or "2 plants 3 height width", or the two tensors "plants 3
                     height width" that captum gives. What counts is |.|, summed over the bands.

        A cue is reported as used where its mask surely holds more of the map than the best map
        that knows no network gives it (an edge map and nine others). Beside: rows of the
        comparison of methods, such as "ig blur", "gxi", "occlusion blur", "guided".
        """
        return _noted(f, "attribution")

    def similarity(self, f: Own | None = None, *, distance: bool = False, cka: bool = False) -> Any:
        """Mark f as a similarity: does it tell representations that share a signal?

        f(x, y) is called for the pairing and for 99 shuffles of the plants; alike is p <= .05.

            x, y     float64 arrays "plants p" and "plants q", the same plants in the same order,
                     24 to 48 plants, 64 to 256 columns; not centred
            answer   one finite number; larger is more alike

        Args:
            f: The function.
            distance: Small is alike.
            cka: f estimates linear CKA: it is given intervals by half-samples, and these are held
                against the true one.

        Beside: "CKA, debiased", "CKA, biased, above .5", and every measure of lesson 06 by name.
        """
        if f is None:
            return functools.partial(self.similarity, distance=distance, cka=cka)
        return _noted(f, "similarity", distance=distance, cka=cka)

    def changepoints(self, f: Own) -> Own:
        """Mark f as a detector of steps in loss curves: three trials of the card.

        f(steps, values) is called for curves with a step, or several, and for curves without.

            steps    float64 array "rows", 0 to 319
            values   float64 array "rows", a falling loss with noise that remembers
            answer   the first step of each new level, a list of numbers; or (step, low, high) each,
                     with the steps between which it lies at 95 %. Empty: there is none.

        Beside: "bump detector", "bump by eye".
        """
        return _noted(f, "changepoints")

    def attack(self, f: Own) -> Own:
        """Mark f as an attack: does it find a wrong name where there is one?

        f(net, x, labels, radius) is called for linear models whose smallest radius is known, bare
        and behind a rounding that hides their slope.

            net      nn.Module in evaluation mode; net(x) gives logits "batch 2". A gradient passes.
            x        float32 tensor "2 batch 3 height width" in [0, 1], values that 8-bit files hold
            labels   int64 tensor "batch"
            radius   float in [0, 1] units: no value may move further
            answer   attacked pictures of the shape of x, in the ball and in [0, 1]; what is
                     asked about is the 8-bit picture next to them

        Beside: "pgd", "noise", "apgd", "fgsm", "square", "eot", with 20 steps.
        """
        return _noted(f, "attack")

    def __call__(
        self,
        f: Own,
        worlds: int = 20,
        *,
        kind: str = "",
        seed: int = 0,
        beside: str | Sequence[str] = (),
        progress: Callable[[str], None] = lambda doing: None,
    ) -> OwnGrade:
        """Grade a method on fresh planted worlds.

        Args:
            f: The method, marked by a decorator (or by `kind`).
            worlds: How many, 1 to 1000; paired differences need 5.
            kind: "attribution", "similarity", "changepoints" or "attack"; by the decorator.
            seed: Of the first world; the committed card's are 0 to 19.
            beside: Methods of ours on the same worlds, by name.
            progress: Called with how far it is, in words.

        Returns:
            OwnGrade; shares from 0 to 1 with 95 % intervals, null: a coin (.5), the stated level of
            false alarms (.05), no difference (0).

        Raises:
            PlantEduError: for a function of no kind, a method that ours are not, and, with the
                world's number, for a function that raises, answers in a wrong shape or with NaN,
                or changes its inputs.
        """
        require(callable(f), f"A method is a function; got {type(f).__name__}.")
        noted, options = getattr(f, ATTRIBUTE, ("", {}))
        known = ", ".join(f"@grade.{one}" for one in KINDS)
        require(bool(kind or noted), f"Say what the method is: {known}, or kind=...")
        names = (beside,) if isinstance(beside, str) else tuple(beside)
        settings = OwnSettings(kind or noted, worlds, seed, names)
        result = examine(f, settings, options if settings.kind == noted else {}, progress)
        return OwnGrade(
            title=f"{result.name}, graded as {settings.kind} on {worlds} planted worlds",
            unit="share of cases",
            lines=result.lines(),
            notes=result.notes,
            settings=settings.__dict__,
            seconds=result.seconds,
            result=result,
        )


def _noted(f: Own, kind: str, **options: bool) -> Own:
    setattr(f, ATTRIBUTE, (kind, options))
    return f


def examine(
    f: Own, settings: OwnSettings, options: Mapping[str, bool], progress: Callable[[str], None]
) -> OwnMethodResult:
    """Every trial of the method's kind, world by world, ours beside it on the same world."""
    asked = exams(settings.kind, f, options)
    known = list(dict.fromkeys(name for exam in asked for name in exam.ours))
    for name in settings.beside:
        require(name in known, f"No method {name!r} beside; there are {', '.join(known)}.")
    name = str(getattr(f, "__name__", type(f).__name__))
    found: list[dict[str, list[list[Mark]]]] = [{} for _ in asked]
    seconds = 0.0
    for k, seed in enumerate(settings.seeds):
        for exam, marks in zip(asked, found, strict=True):
            with one_thread():
                begun = time.process_time()
                marks.setdefault("", []).append(exam.own(seed))
                seconds += time.process_time() - begun
                for other in settings.beside:
                    if other in exam.ours:
                        marks.setdefault(other, []).append(exam.ours[other](seed))
        progress(f"world {k + 1} of {settings.worlds}, {seconds:.0f} s of CPU for {name}")
    paired = settings.worlds >= PAIRED
    notes = () if paired else (f"Paired differences need {PAIRED} worlds or more.",)
    results = [_exam(exam, name, marks, settings) for exam, marks in zip(asked, found, strict=True)]
    return OwnMethodResult(
        name, settings, _corrected(results), notes, round(seconds, 2), code_hash()
    )


def _exam(
    exam: Exam, name: str, marks: Mapping[str, list[list[Mark]]], settings: OwnSettings
) -> ExamResult:
    """Grades of one trial, and one's own less each of ours."""
    grades = {
        other: _grade(exam, other or f"yours, {name}", worlds) for other, worlds in marks.items()
    }
    own = grades.pop("")
    differences = [
        one
        for other in (grades if settings.worlds >= PAIRED else ())
        for one in _differences(f"{name} less {other}", marks[""], marks[other], exam, settings)
    ]
    return ExamResult(exam.of.name, own, tuple(grades.values()), tuple(differences))


def _grade(exam: Exam, name: str, worlds: Sequence[Sequence[Mark]]) -> Grade:
    trial = replace(exam.of, name=name, trap=False)
    return graded(trial, [mark for one in worlds for mark in one], len(worlds))


def _differences(
    pair: str,
    own: Sequence[Sequence[Mark]],
    other: Sequence[Sequence[Mark]],
    exam: Exam,
    settings: OwnSettings,
) -> list[Difference]:
    """Right, hits and false alarms, world by world."""
    one, two = _shares(own), _shares(other)
    found = []
    for what in one:
        rows = np.isfinite(one[what])  # a world may plant a thing in all of its cases, or in none
        if rows.sum() < PAIRED:
            continue
        a, b = one[what][rows], two[what][rows]
        question = f"{pair}: how much more, in the same world, in {what}?"
        name = f"{pair}, {what} ({exam.of.name})"
        compared = difference(name, a, b, question=question, seed=settings.seed)
        evidence = replace(compared.evidence, interval=difference_interval(a - b))
        found.append(replace(compared, evidence=evidence))
    return found


def _shares(worlds: Sequence[Sequence[Mark]]) -> dict[str, np.ndarray]:
    """Shares of each world, "worlds"; NaN where it has no case of that kind."""

    def share(marks: Sequence[Mark], there: bool) -> float:
        said = [mark.said for mark in marks if mark.there is there]
        return float(np.mean(said)) if said else float("nan")

    hits, alarms = (np.array([share(one, there) for one in worlds]) for there in (True, False))
    return {"right": (hits + 1 - alarms) / 2, "hits": hits, "alarms": alarms}


def _corrected(results: Sequence[ExamResult]) -> tuple[ExamResult, ...]:
    """p-values corrected over all differences of the result."""
    left = iter(corrected([d for one in results for d in one.differences]))
    return tuple(
        replace(one, differences=tuple(next(left) for _ in one.differences)) for one in results
    )


grade = Grader()
