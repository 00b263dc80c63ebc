"""How many directions do features fill, and do they lose some along a run?

    RankMe = exp(-sum p ln p)      p = sigma / sum sigma + 1e-7, uncentred, singular values
    PR     = (sum lambda)^2 / sum lambda^2                covariance eigenvalues
    alpha  = -slope of ln lambda_j on ln j, j = 5..32      the range is declared in `ranks.py`
    Horn   = leading eigenvalues of the correlation matrix above shuffled columns

All on the same held-out plants, both sensors' pictures, at one n: none of them can exceed the
number of rows, and all move with it. Intervals by half-samples of plants (a bootstrap draws a plant
twice, which lowers a rank for no reason). Null: the random-init encoder of the same architecture.

The four answer different questions and may disagree. They are screens: more directions are not by
themselves better ones, and a collapse has causes that no spectrum names.

Source: Garrido et al. 2023, arXiv:2210.02885 [garrido2023]; Agrawal et al. 2022 [agrawal2022]; Jing
et al. 2022, arXiv:2110.09348 [jing2022]; Horn 1965 [horn1965]; half-samples: Politis & Romano 1994
[politis1994]. Lesson: 07_spectrum.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import tyro

from plantedu.errors import PlantEduError, require
from plantedu.serialization import settings_of
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.rankme import rankme
from plantedu.statistics.subsampling import half_sample_interval
from plantedu.topics.method import Context, Method
from plantedu.topics.spectrum.marchenko_pastur import parallel_analysis
from plantedu.topics.spectrum.pairing import check_features
from plantedu.topics.spectrum.ranks import alpha, covariance_values, participation_ratio
from plantedu.topics.spectrum.results.collapse import CollapseResult, Settings, Stop
from plantedu.topics.spectrum.two_sensors import (
    Amount,
    LayerFeatures,
    bare,
    check_layer,
    of_checkpoint,
)
from plantedu.topics.spectrum.two_sensors import of_random_init as random_init
from plantedu.zoo.loaded_checkpoint import LOOKED_AT, Stage, check_comparable, load_stage
from plantedu.zoo.random_init import CONTROL_SEEDS

STAGES = tuple(
    f"stages/{step:04d}" for step in (0, 100, 150, 200, 250, 300, 350, 400, 500, 700, 900, 1200)
)
MEASURES = ("rankme", "pr", "alpha", "horn")
KEPT = 128  # eigenvalues that a result keeps
QUESTIONS = {
    "rankme": "How many directions do the features fill (RankMe)?",
    "pr": "How many directions carry their variance (participation ratio)?",
    "alpha": "How fast do eigenvalues decay (alpha, ranks 5 to 32)?",
    "horn": "How many directions stand above shuffled columns (parallel analysis)?",
}


def collapse(
    files: Sequence[Path],
    settings: Settings,
    *,
    bank_folder: Path,
    check: Callable[[], None] = lambda: None,
) -> CollapseResult:
    """Measure the spectra of checkpoints of one architecture on the same plants.

    Args:
        files: Checkpoints.
        settings: How much is looked at.
        bank_folder: Where rendered pairs are kept.
        check: Called between checkpoints; may raise to stop.

    Raises:
        PlantEduError: for no checkpoint, some that cannot be read or that differ in plants or
            architecture, or a layer that is not there.
    """
    check_layer(settings.layer)
    require(bool(files), "Name at least one checkpoint.")
    stages = [load_stage(path) for path in files]
    check_comparable(stages, LOOKED_AT)
    amount = Amount(settings.plants, settings.plants)
    random = random_init(bare(stages[0].recipe), CONTROL_SEEDS[0], bank_folder, amount)
    rows = _rows(random, settings.layer)
    null, first = {}, _short(covariance_values(rows))
    for name in MEASURES:
        null[name] = measured(rows, name, settings)
    stops = []
    for stage, path in sorted(zip(stages, files, strict=True), key=lambda one: one[0].step):
        check()
        seen = of_checkpoint(path, path.stat().st_mtime_ns, bank_folder, amount)
        stops.append(_stop(stage, _rows(seen, settings.layer), null, settings))
    return CollapseResult(
        settings=settings,
        dim=rows.shape[1],
        rows=len(rows),
        stops=tuple(stops),
        random_values=first,
    )


def _rows(seen: LayerFeatures, layer: str) -> np.ndarray:
    """Both sensors' held-out pictures below one another."""
    return np.concatenate(seen.layers[layer][1]).astype(np.float64)


def _stop(stage: Stage, rows: np.ndarray, null: Mapping[str, float | None], s: Settings) -> Stop:
    rows = check_features(rows, f"{stage.name}, {s.layer}")
    found = {name: _evidence(rows, name, null[name], s) for name in MEASURES}
    says = []
    if len(rows) <= rows.shape[1]:
        says.append(
            f"{len(rows)} rows for {rows.shape[1]} dimensions: no measure can exceed {len(rows)}, "
            "and the tail of the spectrum is cut off."
        )
    if found["alpha"] is None:
        says.append("alpha is not defined here: the declared range does not fit this spectrum.")
    known = {name: one for name, one in found.items() if one is not None}
    values = covariance_values(rows)
    return Stop(stage.name, stage.step, known, _short(values), tuple(says))


def measured(rows: np.ndarray, name: str, settings: Settings) -> float | None:
    """One measure of features; None where it is not defined."""
    try:
        if name == "rankme":
            return rankme(torch.from_numpy(rows))
        if name == "horn":
            draw = np.random.default_rng((settings.seed, 1))
            found = parallel_analysis(rows, generator=draw, shuffles=settings.shuffles)
            return float(found.count)
        values = covariance_values(rows)
        return participation_ratio(values) if name == "pr" else alpha(values)
    except PlantEduError:
        return None


def _evidence(
    rows: np.ndarray, name: str, null: float | None, settings: Settings
) -> Evidence | None:
    value = measured(rows, name, settings)
    if value is None or null is None:
        return None
    n = len(rows) // 2
    interval = None
    if name != "horn":  # a count of tests has no half-sample: fewer plants find fewer directions

        def at(plants: np.ndarray) -> float:
            found = measured(rows[np.concatenate([plants, plants + n])], name, settings)
            return float("nan") if found is None else found

        draw = np.random.default_rng((settings.seed, 2))
        interval = half_sample_interval(at, n=n, generator=draw, halves=settings.halves)
    return Evidence(
        question=QUESTIONS[name],
        value=value,
        null=null,
        control="random-init encoder",
        n=n,
        interval=interval,
    )


def _short(values: np.ndarray) -> tuple[float, ...]:
    whole = values.sum()
    return tuple(float(f"{v / whole:.4g}") for v in values[:KEPT])


@dataclass(frozen=True)
class Request(Settings):
    """How many directions features fill, along a run.

    Attributes:
        checkpoints: Shipped names, files or run:ID@WHEN; the stages of the default run by default.
    """

    checkpoints: tyro.conf.Positional[tuple[str, ...]] = STAGES


def _run(asked: Request, context: Context) -> CollapseResult:
    files = [context.checkpoint(name) for name in asked.checkpoints or STAGES]
    settings = settings_of(asked, Settings)
    return collapse(files, settings, bank_folder=context.bank, check=context.check)


def tell(result: CollapseResult) -> None:
    """Print a result."""
    print(f"{result.settings.layer}, {result.dim} wide, {result.rows} rows behind every number")
    print(f"{'checkpoint':<18}{'step':>6}" + "".join(f"{name:>10}" for name in MEASURES))
    for stop in result.stops:
        row = [stop.measures[m].value if m in stop.measures else np.nan for m in MEASURES]
        print(f"{stop.name:<18}{stop.step:6}" + "".join(f"{v:10.2f}" for v in row))
    last = result.stops[-1].measures
    nulls = [last[m].null if m in last else np.nan for m in MEASURES]
    print(f"{'random init':<24}" + "".join(f"{v:10.2f}" for v in nulls))
    for line in dict.fromkeys(line for stop in result.stops for line in stop.says):
        print(f"- {line}")
    print(last["rankme"].caption())


METHOD = Method(Request, _run, tell)
