"""The clinic's automatic diagnosis over fresh blinded cases: how often right, and how sure.

    accuracy   share of cases whose most probable cause is the cause
    ECE        sum over bins of confidence of (cases / n) |share right - mean confidence|

Cases are drawn from runs whose training seeds the diagnosis never saw. Nulls: the same regression
fitted to causes that were dealt out anew; the same regression on the displayed curve alone, without
a test. ECE's null is what a forecaster gets from as many cases who is right exactly as often as
stated. Cases of one run share a training, so intervals resample runs, not cases.

It misleads where a cause comes in another shape than the recorded ones: the accuracy is over
these recipes, sizes and seeds. Real curves come with events nobody recorded.

Source: Guo et al. 2017, arXiv:1706.04599 (reliability, ECE) [guo2017]; Brier 1950 [brier1950].
Lesson: 03_bump.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import tyro

from plantedu.charts.chart import Drawing
from plantedu.errors import require
from plantedu.statistics.brier import calibration_error
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import mean_interval, share_interval
from plantedu.topics.bump.clinic.cases import draw_case
from plantedu.topics.bump.clinic.causes import CAUSES, KEYS
from plantedu.topics.bump.clinic.features import CURVE, LOG
from plantedu.topics.bump.clinic.reader import Reader, fit, read_cases, reference
from plantedu.topics.bump.clinic.recorded import bank
from plantedu.topics.bump.results.diagnosis_chart import Bin, clinic_confusion, reliability_chart

BINS = 10
SHUFFLES = 5
APART = 1_000_000  # first case seeds of two evaluations stand this far apart


@dataclass(frozen=True)
class ClinicResult:
    """The diagnosis of many cases.

    Attributes:
        accuracy: Share right; its null is fitted to causes dealt out anew.
        curve_alone: The same without any test; the null is one of as many causes by luck.
        log_alone: The same with the tests that every log answers (raw loss, rate, parts, steps,
            rows); the null is the curve alone.
        ece: Expected calibration error.
        brier: Brier score over all causes; the null states equal shares.
        recall: Share right of each cause's cases.
        counts: Cases of cause i called j.
        bins: Middle, cases, mean confidence, share right.
        temperature: T of the fit.
        runs: Held-out runs that the cases came from.
        reference_runs: Runs that the diagnosis was fitted on.
    """

    accuracy: Evidence
    curve_alone: Evidence
    log_alone: Evidence
    ece: Evidence
    brier: Evidence
    recall: dict[str, float | None]
    counts: tuple[tuple[int, ...], ...]
    bins: tuple[Bin, ...]
    temperature: float
    runs: int
    reference_runs: int

    def as_json(self) -> dict[str, Any]:
        """Plain values, with the names of the causes."""
        return {"causes": list(KEYS), **asdict(self)}

    @classmethod
    def from_json(cls, found: dict[str, Any]) -> "ClinicResult":
        """Read a result that a file holds."""
        told = {name: value for name, value in found.items() if name != "causes"}
        for name in ("accuracy", "curve_alone", "log_alone", "ece", "brier"):
            given = dict(told[name])
            given["interval"] = tuple(given["interval"]) if given["interval"] else None
            told[name] = Evidence(**given)
        told["counts"] = tuple(tuple(row) for row in told["counts"])
        told["bins"] = tuple(tuple(one) for one in told["bins"])
        return cls(**told)

    def chart(self, what: str = "confusion", *, dark: bool = False) -> Drawing:
        """Who is taken for whom, or "reliability"."""
        require(
            what in ("confusion", "reliability"), f"Draw confusion or reliability, not {what!r}."
        )
        if what == "confusion":
            return clinic_confusion(self.counts, [one.label for one in CAUSES], dark=dark)
        return reliability_chart(self.bins, self.ece.value, self.ece.null, dark=dark)


def clinic(cases: int, seed: int) -> ClinicResult:
    """Draw fresh cases from the held-out runs and diagnose them.

    Args:
        cases: How many.
        seed: Draws them, and every null.

    Raises:
        PlantEduError: for fewer than 12 cases, or a seed below 0.
    """
    require(cases >= len(KEYS), f"Ask for {len(KEYS)} cases or more, got {cases}.")
    require(0 <= seed < 1000, f"seed must be from 0 to 999, got {seed}.")
    source = bank()
    drawn = [draw_case(seed * APART + k, source=source) for k in range(cases)]
    read, causes, _ = read_cases(drawn, source)
    runs = np.array([case._run for case in drawn])
    ours, known = fit(*reference()), reference()
    generator = np.random.default_rng([seed, 7])
    dealt = [fit(known[0], generator.permutation(known[1]), known[2]) for _ in range(SHUFFLES)]
    return told_by(
        ours.probabilities(read),
        causes,
        runs,
        curve=fit(*known, columns=CURVE).scores(read).argmax(1),
        log=fit(*known, columns=LOG).scores(read).argmax(1),
        null=float(np.mean([_share_right(one, read, causes) for one in dealt])),
        temperature=ours.temperature,
        reference_runs=sum(one.half == "reference" for one in source.entries),
        generator=generator,
    )


def _share_right(reader: Reader, read: np.ndarray, causes: np.ndarray) -> float:
    return float((reader.scores(read).argmax(1) == causes).mean())


def told_by(
    told: np.ndarray,
    causes: np.ndarray,
    runs: np.ndarray,
    *,
    curve: np.ndarray,
    log: np.ndarray,
    null: float,
    temperature: float,
    reference_runs: int,
    generator: np.random.Generator,
) -> ClinicResult:
    """The result from probabilities and truths.

    Args:
        told: Probabilities, "cases causes".
        causes: Number of each case's cause.
        runs: Which run each case came from; intervals resample these.
        curve: Causes named from the displayed curve alone.
        log: Causes named from the log alone.
        null: Accuracy of the fit to causes dealt out anew.
        temperature: Of the fit.
        reference_runs: How many runs it was fitted on.
        generator: Draws resamples.
    """
    called, right = told.argmax(1), told.argmax(1) == causes
    sure, many = told.max(1), len(causes)
    counts = np.zeros((len(KEYS), len(KEYS)), int)
    np.add.at(counts, (causes, called), 1)
    wanted = np.eye(len(KEYS))[causes]
    squares = ((told - wanted) ** 2).sum(1)
    alone, logged = curve == causes, log == causes
    chance = [calibration_error(sure, generator.random(many) < sure, bins=BINS) for _ in range(200)]

    def share(question: str, values: np.ndarray, null: float, control: str) -> Evidence:
        interval = over_runs(values, runs)
        return Evidence(
            question=question,
            value=float(values.mean()),
            null=null,
            control=control,
            n=many,
            seeds=len(np.unique(runs)),
            interval=interval,
        )

    return ClinicResult(
        share(
            "How often is the most probable cause the cause?",
            right,
            null,
            "causes of the reference cases dealt out anew",
        ),
        share(
            "How often is it, from the displayed curve alone?",
            alone,
            1 / len(KEYS),
            "one of the causes by luck",
        ),
        share(
            "How often is it, from what every log holds?",
            logged,
            float(alone.mean()),
            "the displayed curve alone",
        ),
        Evidence(
            question="How far is stated confidence from the share of right diagnoses?",
            value=calibration_error(sure, right, bins=BINS),
            null=float(np.mean(chance)),
            control="a forecaster who is right exactly as often as stated",
            n=many,
            seeds=len(np.unique(runs)),
        ),
        share(
            "How far are the stated probabilities from what was there (Brier)?",
            squares,
            1 - 1 / len(KEYS),
            "equal shares",
        ),
        {
            key: float(right[causes == k].mean()) if (causes == k).any() else None
            for k, key in enumerate(KEYS)
        },
        tuple(tuple(int(one) for one in row) for row in counts),
        tuple(bins_of(sure, right)),
        temperature,
        len(np.unique(runs)),
        reference_runs,
    )


def over_runs(values: np.ndarray, runs: np.ndarray) -> tuple[float, float]:
    """Interval of a mean over cases: the units are runs, each weighted by its cases."""
    names, sizes = np.unique(runs, return_counts=True)
    each = np.array([values[runs == one].mean() for one in names], float)
    interval = share_interval if values.dtype == bool else mean_interval
    return interval(each, weights=sizes)


def bins_of(sure: np.ndarray, right: np.ndarray) -> Sequence[Bin]:
    """Bins of confidence that hold cases."""
    number = np.minimum((sure * BINS).astype(int), BINS - 1)
    return [
        (
            (k + 0.5) / BINS,
            int((number == k).sum()),
            float(sure[number == k].mean()),
            float(right[number == k].mean()),
        )
        for k in range(BINS)
        if (number == k).any()
    ]


@dataclass(frozen=True)
class Options:
    """Diagnose fresh blinded cases from runs that the diagnosis never saw.

    Attributes:
        cases: How many.
        seed: Draws them.
        json: Print the result as one JSON object on the last line.
    """

    cases: int = 120
    seed: int = 0
    json: bool = False


def main(argv: list[str]) -> int:
    """`python -m plantedu bump diagnosis [--cases 120] [--seed S] [--json]`."""
    options = tyro.cli(Options, args=argv, prog="python -m plantedu bump diagnosis")
    result = clinic(options.cases, options.seed)
    for k, one in enumerate(CAUSES):
        share = result.recall[one.key]
        rivals = {KEYS[j]: n for j, n in enumerate(result.counts[k]) if n and j != k}
        said = "   taken for " + ", ".join(f"{a} ({n})" for a, n in rivals.items())
        print(f"{one.key:<21}{sum(result.counts[k]):4}{_said(share)}{said if rivals else ''}")
    for name in ("accuracy", "log_alone", "curve_alone", "ece", "brier"):
        told: Evidence = getattr(result, name)
        band = f" [{told.interval[0]:.3f}, {told.interval[1]:.3f}]" if told.interval else ""
        print(f"{name:<12}{told.value:7.3f}{band}   {told.control}: {told.null:.3f}")
    print(f"n = {options.cases} cases of {result.runs} held-out runs")
    if options.json:
        print(json.dumps(result.as_json()))
    return 0


def _said(share: float | None) -> str:
    return "   none drawn" if share is None else f"   right {share:.2f}"
