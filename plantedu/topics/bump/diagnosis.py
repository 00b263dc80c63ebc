"""The clinic's automatic diagnosis over fresh blinded cases: how often right, and how sure.

    accuracy   share of cases whose most probable cause is the cause
    ECE        sum over bins of confidence of (cases / n) |share right - mean confidence|

Cases are drawn from runs whose training seeds the diagnosis never saw. Nulls: the same regression
fitted to shuffled causes; the same regression on the displayed curve alone, without
a test. ECE's null is what a forecaster gets from as many cases who is right exactly as often as
stated. Cases of one run share a training, so intervals resample runs, not cases.

It misleads where a cause comes in another shape than the recorded ones: the accuracy is over
these recipes, sizes and seeds. Real curves come with events nobody recorded.

Source: Guo et al. 2017, arXiv:1706.04599 (reliability, ECE) [guo2017]; Brier 1950 [brier1950].
Lesson: 03_bump.
"""

from collections.abc import Sequence

import numpy as np

from plantedu.statistics.brier import calibration_error
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import share_interval
from plantedu.topics.bump.clinic.cases import draw_case
from plantedu.topics.bump.clinic.causes import CAUSES, KEYS
from plantedu.topics.bump.clinic.features import CURVE, LOG
from plantedu.topics.bump.clinic.reader import Reader, fit, read_cases, reference
from plantedu.topics.bump.clinic.recorded import bank
from plantedu.topics.bump.results.diagnosis import (
    Bin,
    DiagnosisResult,
    Settings,
)
from plantedu.topics.method import Context, Method

BINS = 10
SHUFFLES = 5
APART = 1_000_000  # first case seeds of two evaluations stand this far apart


def clinic(settings: Settings, context: Context | None = None) -> DiagnosisResult:
    """Draw fresh cases from the held-out runs and diagnose them.

    Args:
        settings: How many, and which.
        context: Hears of each case that is drawn; may stop.
    """
    context, cases, seed = context or Context(), settings.cases, settings.seed
    source = bank()
    drawn = []
    for k in range(cases):
        context.check()
        drawn.append(draw_case(seed * APART + k, source=source))
        context.step(k + 1, cases)
    read, causes, _ = read_cases(drawn, source)
    runs = np.array([case._run for case in drawn])
    ours, known = fit(*reference()), reference()
    generator = np.random.default_rng([seed, 7])
    shuffled = [fit(known[0], generator.permutation(known[1]), known[2]) for _ in range(SHUFFLES)]
    return diagnosis_result(
        ours.probabilities(read),
        causes,
        runs,
        curve=fit(*known, columns=CURVE).scores(read).argmax(1),
        log=fit(*known, columns=LOG).scores(read).argmax(1),
        null=float(np.mean([_share_right(one, read, causes) for one in shuffled])),
        temperature=ours.temperature,
        reference_runs=sum(one.half == "reference" for one in source.entries),
        generator=generator,
    )


def _share_right(reader: Reader, read: np.ndarray, causes: np.ndarray) -> float:
    return float((reader.scores(read).argmax(1) == causes).mean())


def diagnosis_result(
    p: np.ndarray,
    causes: np.ndarray,
    runs: np.ndarray,
    *,
    curve: np.ndarray,
    log: np.ndarray,
    null: float,
    temperature: float,
    reference_runs: int,
    generator: np.random.Generator,
) -> DiagnosisResult:
    """The result from probabilities and truths.

    Args:
        p: Probabilities, "cases causes".
        causes: Number of each case's cause.
        runs: Which run each case came from; intervals resample these.
        curve: Causes named from the displayed curve alone.
        log: Causes named from the log alone.
        null: Accuracy of the fit to shuffled causes.
        temperature: Of the fit.
        reference_runs: How many runs it was fitted on.
        generator: Draws resamples.
    """
    called, right = p.argmax(1), p.argmax(1) == causes
    sure, many = p.max(1), len(causes)
    counts = np.zeros((len(KEYS), len(KEYS)), int)
    np.add.at(counts, (causes, called), 1)
    wanted = np.eye(len(KEYS))[causes]
    squares = ((p - wanted) ** 2).sum(1)
    alone, logged = curve == causes, log == causes
    chance = [calibration_error(sure, generator.random(many) < sure, bins=BINS) for _ in range(200)]

    def share(
        question: str, values: np.ndarray, null: float, control: str, most: float = 1.0
    ) -> Evidence:
        interval = over_runs(values, runs, most=most)
        return Evidence(
            question=question,
            value=float(values.mean()),
            null=null,
            control=control,
            n=many,
            seeds=len(np.unique(runs)),
            interval=interval,
        )

    return DiagnosisResult(
        share(
            "How often is the most probable cause the cause?",
            right,
            null,
            "shuffled causes of the reference cases",
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
            most=2.0,
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


def over_runs(values: np.ndarray, runs: np.ndarray, *, most: float = 1.0) -> tuple[float, float]:
    """Interval of a mean over cases: the units are runs, each weighted by its cases.

    Args:
        values: One a case, from 0 to `most`.
        runs: Which run each case came from.
        most: The largest that a value can be: 2 for a Brier score over several causes.
    """
    names, sizes = np.unique(runs, return_counts=True)
    each = np.array([values[runs == one].mean() for one in names], float)
    low, high = share_interval(each / most, weights=sizes)
    return most * low, most * high


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


def tell(result: DiagnosisResult) -> None:
    """Print a result."""
    for k, one in enumerate(CAUSES):
        share = result.recall[one.key]
        taken_for = {KEYS[j]: n for j, n in enumerate(result.counts[k]) if n and j != k}
        said = "   taken for " + ", ".join(f"{a} ({n})" for a, n in taken_for.items())
        print(f"{one.key:<21}{sum(result.counts[k]):4}{_said(share)}{said if taken_for else ''}")
    for name in ("accuracy", "log_alone", "curve_alone", "ece", "brier"):
        e: Evidence = getattr(result, name)
        band = f" [{e.interval[0]:.3f}, {e.interval[1]:.3f}]" if e.interval else ""
        print(f"{name:<12}{e.value:7.3f}{band}   {e.control}: {e.null:.3f}")
    print(f"n = {result.accuracy.n} cases of {result.runs} held-out runs")


def _said(share: float | None) -> str:
    return "   none drawn" if share is None else f"   right {share:.2f}"


METHOD = Method(Settings, clinic, tell)
