"""A real sudden transition: modular addition, understood long after it was learned by heart.

A one-layer network learns a + b mod p from half of the pairs. Training accuracy is 1 within a
hundred steps; test accuracy stays below chance for hundreds more, then climbs to 1. Beside it run
two controls from the same first weights: without weight decay, and with shuffled answers.

    learned      first step with training accuracy above .95
    understood   first step with test accuracy above .95
    fourier      share of the embedding's power in its 5 strongest frequencies

The test loss falls under one objective and one fixed test set, so nothing here is a change of
ruler. `fourier_before` is a progress measure: read while test accuracy is still below .05, it has
risen already. It misleads where it is read too late: it goes on rising long after the jump.

Source: Power et al. 2022, arXiv:2201.02177 [power2022]; progress measures: Nanda et al. 2023,
arXiv:2301.05217 [nanda2023]; weight norm: Liu, Michaud & Tegmark 2022, arXiv:2210.01117
[liu2022]. Lesson: 03_bump.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from plantedu.errors import require
from plantedu.serialization import settings_of
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import count_interval
from plantedu.topics.bump.modular_training import split_sums, train_adders
from plantedu.topics.bump.results.grokking import (
    ARMS,
    Adding,
    Arm,
    GrokkingResult,
    GrokkingRuns,
    Request,
)
from plantedu.topics.method import Context, Method
from plantedu.training.fit import Observer, Record, State

PASSED = 0.95
BEFORE = 0.05  # test accuracy below which nothing is understood yet
CURVES = ("loss/train", "loss/test", "accuracy/train", "accuracy/test", "fourier", "norm")


class Notes(Observer):
    """Keeps every look at the test pairs."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, dict[str, float]]] = []

    def on_step(self, state: State, record: Record) -> None:
        if "decay/loss/test" in record.values and "decay/loss/train" in record.values:
            values = {name: float(value) for name, value in record.values.items()}  # type: ignore[arg-type]
            self.rows.append((record.step, values))


def grokking(settings: Adding, *, observers: Sequence[Observer] = ()) -> GrokkingResult:
    """Train the network and its two controls.

    Args:
        settings: How.
        observers: Who watches besides.
    """
    notes, started = Notes(), time.perf_counter()
    train_adders(settings, observers=[notes, *observers])
    return grokking_result(notes.rows, settings, time.perf_counter() - started)


def grokking_result(
    rows: Sequence[tuple[int, Mapping[str, float]]], settings: Adding, seconds: float
) -> GrokkingResult:
    """The result of a training that was watched to its end."""
    require(bool(rows), "Nothing was looked at: train at least as many steps as `every`.")
    arms = {arm: _arm(arm, rows) for arm in ARMS}
    main, plain = arms["decay"], arms["no_decay"]
    test = np.asarray(main.curves["accuracy/test"])
    before = max(int(np.argmax(test > BEFORE)) - 1, 0) if (test > BEFORE).any() else len(test) - 1
    pairs = len(split_sums(settings)[1])
    waited = rows[-1][0]
    return GrokkingResult(
        settings,
        seconds,
        arms,
        Evidence(
            question="Which share of pairs that it never saw does the network add correctly?",
            value=float(test[-1]),
            null=arms["shuffled"].curves["accuracy/test"][-1],
            control="shuffled answers",
            n=pairs,
            interval=count_interval(round(float(test[-1]) * pairs), pairs),
        ),
        Evidence(
            question="How many steps lie between learning by heart and understanding?",
            value=float(_steps_between(main, waited)),
            null=float(_steps_between(plain, waited)),
            control="no weight decay (not understood in the steps watched)"
            if plain.understood is None
            else "no weight decay",
            n=pairs,
        ),
        Evidence(
            question="Share of the embedding's power in 5 frequencies, before the test accuracy "
            f"leaves chance (step {main.steps[before]})?",
            value=main.curves["fourier"][before],
            null=plain.curves["fourier"][before],
            control="no weight decay, same step",
            n=settings.prime,
        ),
    )


def _arm(name: str, rows: Sequence[tuple[int, Mapping[str, float]]]) -> Arm:
    steps = tuple(step for step, _ in rows)
    curves = {
        curve: tuple(float(f"{values[f'{name}/{curve}']:.5g}") for _, values in rows)
        for curve in CURVES
    }

    def first(curve: str) -> int | None:
        passed = [s for s, v in zip(steps, curves[curve], strict=True) if v > PASSED]
        return passed[0] if passed else None

    return Arm(steps, curves, first("accuracy/train"), first("accuracy/test"))


def _steps_between(arm: Arm, waited: int) -> int:
    return (waited if arm.understood is None else arm.understood) - (arm.learned or 0)


class Logger(Observer):
    """Logs every look at the test pairs as a point of the run's curves."""

    def __init__(self, context: Context, steps: int) -> None:
        self.context, self.steps = context, steps

    def on_step(self, state: State, record: Record) -> None:
        self.context.check()
        if "decay/loss/test" in record.values:
            values = {name: float(value) for name, value in record.values.items()}  # type: ignore[arg-type]
            self.context.log(record.step, values)
            self.context.step(record.step, self.steps)


def _run(settings: Request, context: Context) -> GrokkingRuns:
    """The curves of a run are those of its first seed."""
    context.restart()
    how, found = settings_of(settings, Adding), []
    for k in range(settings.seeds):
        observers = [Logger(context, how.steps)] if k == 0 else []
        found.append(grokking(replace(how, seed=how.seed + k), observers=observers))
    return GrokkingRuns(tuple(found))


def tell(result: GrokkingRuns) -> None:
    """Print a result."""
    print("seed  learned  understood  test accuracy (shuffled)  fourier before (no decay)  seconds")
    for one in result.runs:
        main, accuracy, early = one.arms["decay"], one.accuracy, one.fourier_before
        print(
            f"{one.settings.seed:4}  {main.learned!s:>7}  {main.understood!s:>10}  "
            f"{accuracy.value:13.3f} ({accuracy.null:.3f})       "
            f"{early.value:14.3f} ({early.null:.3f})       {one.seconds:7.1f}"
        )
    print(result.runs[0].accuracy.caption())


METHOD = Method(Request, _run, tell)
