"""Are neurons of a cross-sensor encoder less polysemantic? Four kinds of encoder, with their seeds.

    cross        X1 matched with X2: one half of the data represents the other
    rgb_only     two crops of X1
    supervised   labels, X1 alone
    random       never trained

Each encoder's units are asked as in `neurons`, through X1. Encoders are the independent units here:
means over seeds with Student's intervals, and the difference of cross and each other kind (Welch).
With three seeds an interval is wide, and says so.

Two halves allow one question more: does a unit mean the same through the other camera?

    same = mean over live units of cos(r_u through X1, r_u through X2)

over the factors that both cameras see, r_u as in `topics/neurons/information.py`. Null: the units
of the second camera in another order.

Source: the intervals of Student and Welch via scipy; units as in [morcos2018b], [eastwood2023],
[pach2025]. Lesson: 10_neurons.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy

from plantedu.errors import require
from plantedu.statistics.evidence import Evidence, t_interval
from plantedu.topics.method import Context, Method
from plantedu.topics.neurons.discretised import dead
from plantedu.topics.neurons.information import information
from plantedu.topics.neurons.results.polysemy import Measured, PolysemyResult, Settings
from plantedu.topics.neurons.spatial_activations import Plot
from plantedu.topics.neurons.unit_report import UnitReport, Way, unit_report
from plantedu.zoo.encoders import LoadedEncoder, load_encoder

NUMBERS = (
    *("index", "index_turned", "participation", "best", "disentanglement", "completeness"),
    *("mig", "monosemanticity", "selectivity", "used", "false"),
)


def polysemy(
    settings: Settings, *, folder: Path, check: Callable[[], None] = lambda: None
) -> PolysemyResult:
    """Ask the units of every encoder.

    Args:
        settings: Which encoders.
        folder: Where rendered pairs are kept.
        check: Called between parts; may raise to stop.

    Raises:
        PlantEduError: for an encoder that is not there, or kinds without any.
    """
    require(bool(settings.cross), "Name one cross-sensor encoder or more to compare with.")
    plot = Plot(settings.first, settings.plants, folder)
    found = [
        measured(load_encoder(words), kind, plot, settings, check)
        for kind, names in settings.kinds().items()
        for words in names
    ]
    return PolysemyResult(settings, tuple(found), *summed(found))


def measured(
    one: LoadedEncoder, kind: str, plot: Plot, settings: Settings, check: Callable[[], None]
) -> Measured:
    """One encoder through X1, and its units through X2."""
    first, second = (plot.places(one, s).mean(dim=1).double().numpy() for s in ("rgb", "rgn"))
    means = plot.pictures("rgb").mean(axis=(2, 3)) / 255
    way = Way(shuffles=settings.shuffles, seed=settings.seed)
    targets = plot.targets("rgb")
    found = unit_report(first, targets, means, plot.rows, way=way, check=check)
    return Measured(
        *(one.name, kind, found.dead, found.numbers),
        same_through_both(found, first, second, plot.targets("rgn"), way),
    )


def same_through_both(
    found: UnitReport, first: np.ndarray, second: np.ndarray, targets: Sequence[Any], way: Way
) -> Evidence:
    """Mean cosine of what a unit tells through one camera and through the other."""
    rng = np.random.default_rng(way.seed)
    live = np.array([u.number for u in found.units])
    both = ~dead(second[:, live])
    measured = information(second[:, live[both]], targets, generator=rng, shuffles=way.shuffles)
    # Light, soil and camera are drawn for each picture; the plant is one.
    names = [n for n in found.names if n in measured.names and n not in ("mesophyll", "bloom")]
    a = found.profile()[both][:, [found.names.index(n) for n in names]]
    b = measured.share[:, [measured.names.index(n) for n in names]]
    values = [float(np.mean(_cosines(a, b[rng.permutation(len(b))]))) for _ in range(99)]
    return Evidence(
        question="Does a unit mean the same through both cameras (cosine over shared factors)?",
        value=float(np.mean(_cosines(a, b))),
        null=float(np.mean(values)),
        control="units of the second camera in another order",
        n=len(first),
    )


def summed(
    found: Sequence[Measured],
) -> tuple[dict[str, dict[str, Evidence]], dict[str, dict[str, Evidence]]]:
    """Means over seeds, and differences from the first kind."""
    means: dict[str, dict[str, Evidence]] = {}
    apart: dict[str, dict[str, Evidence]] = {}
    for name in (*NUMBERS, "same"):
        by = {
            kind: [m.same if name == "same" else m.numbers[name] for m in found if m.kind == kind]
            for kind in dict.fromkeys(m.kind for m in found)
        }
        means[name] = {kind: _mean(ones) for kind, ones in by.items()}
        apart[name] = {k: _apart(by["cross"], ones, k) for k, ones in by.items() if k != "cross"}
    return means, apart


def _mean(ones: Sequence[Evidence]) -> Evidence:
    values = [one.value for one in ones]
    first = ones[0]
    return Evidence(
        question=first.question,
        value=float(np.mean(values)),
        null=float(np.mean([one.null for one in ones])),
        control=first.control,
        n=first.n,
        seeds=len(ones),
        interval=t_interval(values),
    )


def _apart(cross: Sequence[Evidence], other: Sequence[Evidence], kind: str) -> Evidence:
    """Cross less another kind; an interval where both have two seeds or more."""
    a, b = ([one.value for one in ones] for ones in (cross, other))
    interval = None
    if min(len(a), len(b)) > 1 and (np.ptp(a) > 0 or np.ptp(b) > 0):
        found = scipy.stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
        interval = (float(found.low), float(found.high))
    return Evidence(
        question=f"{cross[0].question} Cross less {kind}",
        value=float(np.mean(a) - np.mean(b)),
        null=0.0,
        control="no difference",
        n=cross[0].n,
        seeds=len(a) + len(b),
        interval=interval,
    )


def _cosines(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Cosine of each row with the row beside it; 0 where one tells nothing."""
    size = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return np.where(size > 0, (a * b).sum(axis=1) / np.where(size > 0, size, 1), 0.0)


def _run(settings: Settings, context: Context) -> PolysemyResult:
    return polysemy(settings, folder=context.home, check=context.check)


def tell(result: PolysemyResult) -> None:
    """Print a result."""
    kinds = list(result.means["index"])
    print(f"{'':18}" + "".join(f"{kind:>28}" for kind in kinds))
    for name, row in result.means.items():
        print(f"{name:18}" + "".join(f"{_said(row[kind]):>28}" for kind in kinds))
    print("value [95 % over seeds] (null)")


def _said(one: Evidence) -> str:
    ends = "" if one.interval is None else f" [{one.interval[0]:.2f}, {one.interval[1]:.2f}]"
    return f"{one.value:.3f}{ends} ({one.null:.2f})"


METHOD = Method(Settings, _run, tell)
