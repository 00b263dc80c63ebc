"""Is there an algorithm in the map from one sensor to the other? Eigenvalues, beside their nulls.

    z_2 ~ z_1 A,      S = sum lambda / sum |lambda|,   always beside   R2 on held-out plants

Both sensors pass through one encoder, so A maps a space to itself and has eigenvalues; a projection
head maps 512 numbers to 64 and has none. S near 1 says that what is predicted is predicted in its
own place (a copy); R2 says how much is predicted. Neither replaces the other: S is high for a map
that carries next to nothing, and R2 does not notice a rotation.

X1 and X2 share red and green, so something is copied by any network and by the pixels themselves.
What is claimed is what exceeds the random-init encoder of the same architecture on the same plants.
The other nulls: shuffled pairs, the target turned at random, a matrix of noise, grid means of
pixels.

S and R2 do not hang on a common change of basis (R2: a rotation; S: any, but for the penalty);
Henrici's departure does. Where it is large, single eigenvalues are unsteady: believe the interval
of S more than the place of a dot.

Source: Elhage et al. 2021 [elhage2021]; ridge: Allen 1974 [allen1974]; Henrici 1962 [henrici1962];
Ginibre 1965 [ginibre1965]. Lesson: 07_spectrum.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import tyro

from plantedu.serialization import settings_of
from plantedu.topics.method import Context, Method
from plantedu.topics.spectrum.attenuation import dilution
from plantedu.topics.spectrum.map_scores import (
    Fitted,
    fitted,
    nulls_of,
    r2_of,
    scores_of,
    warnings_of,
)
from plantedu.topics.spectrum.nulls import rotated, shuffled
from plantedu.topics.spectrum.results.eigenvalues import (
    RANDOM,
    Settings,
    SpectrumResult,
)
from plantedu.topics.spectrum.results.plane import Points, points, short
from plantedu.topics.spectrum.score import eigenvalues, read, verdict
from plantedu.topics.spectrum.two_sensors import (
    Amount,
    TwoSensors,
    bare,
    check_layer,
    of_checkpoint,
    of_random_init,
    two_sensors,
)
from plantedu.zoo.loaded_checkpoint import load_stage
from plantedu.zoo.random_init import control_seed

SHIPPED = "cross-0"
CLOUD = 150  # dots of a null that a result keeps
NO_ENCODER = ("Pixels pass through no encoder: the random-init rows repeat this map.",)
LEVEL = 0.05  # of the permutation test that decides whether anything is carried


def spectrum(
    checkpoint: Path,
    settings: Settings,
    *,
    bank_folder: Path,
    check: Callable[[], None] = lambda: None,
) -> SpectrumResult:
    """Read the map between the sensors off a checkpoint, beside every null.

    Args:
        checkpoint: A plantedu checkpoint of a pretraining.
        settings: What is looked at, and how much.
        bank_folder: Where rendered pairs are kept.
        check: Called between the parts; may raise to stop.

    Raises:
        PlantEduError: for a checkpoint that cannot be read, a layer that is not there, more plants
            than the run has, or features that have no map.
    """
    check_layer(settings.layer)
    stage = load_stage(checkpoint)
    plain, layer = Amount(settings.plants, settings.held_out), settings.layer
    own = of_checkpoint(
        checkpoint,
        checkpoint.stat().st_mtime_ns,
        bank_folder,
        replace(plain, crops=settings.crops),
    )
    others = []
    for k in range(settings.random_inits):
        check()
        seen = of_random_init(bare(stage.recipe), control_seed(k), bank_folder, plain)
        others.append(_fitted(two_sensors(seen, layer)))
    check()
    pixels = _fitted(two_sensors(own, "pixels"))
    about = (stage.name, stage.step, stage.recipe.data)
    return judged(two_sensors(own, layer), others, pixels, settings, about)


def _fitted(seen: TwoSensors) -> Fitted:
    """The map of a layer."""
    ids = seen.plants[0].tolist()
    return fitted(seen.train, seen.held_out, (ids, ids))


def judged(
    seen: TwoSensors,
    others: list[Fitted],
    pixels: Fitted,
    settings: Settings,
    about: tuple[str, int, str],
) -> SpectrumResult:
    """The map of a layer beside its nulls; `about` is checkpoint, step and world."""
    checkpoint, step, world = about
    own = _fitted(seen)
    y, draw = own.train[1], [np.random.default_rng((settings.seed, k)) for k in range(5)]
    shuffles = shuffled(own.ridge, y, own.held_out, generator=draw[0], draws=settings.shuffles)
    turned = rotated(own.ridge, y, own.held_out, generator=draw[1])
    mind, nulls = read(own.found.matrix), nulls_of(own, others, pixels, shuffles, turned)
    corrected = dilution(*seen.looks) if seen.looks else None
    carries = (nulls[0].p_r2 or 1) <= LEVEL and own.r2 > 0
    score, excess = scores_of(own, others, resamples=settings.resamples, generator=draw[2])
    random = np.concatenate([eigenvalues(one.found.matrix) for one in others])
    return SpectrumResult(
        settings=settings,
        checkpoint=checkpoint,
        step=step,
        world=world,
        dim=len(own.found.matrix),
        kept=seen.kept,
        penalty=own.found.penalty,
        score=score,
        r2=r2_of(own, others, generator=draw[3]),
        excess=excess,
        reading=mind,
        dilution=corrected,
        verdict=verdict(mind, corrected.gain if corrected else None)
        if carries
        else "carries nothing",
        nulls=nulls,
        values=points(eigenvalues(own.found.matrix)),
        clouds={
            "shuffled pairs": _some(shuffles.values, draw[4]),
            "random rotation": _some(turned.values, draw[4]),
            RANDOM: points(random),
        },
        singular=tuple(short(v) for v in np.linalg.svd(own.found.matrix, compute_uv=False)),
        says=(
            *NO_ENCODER * (seen.layer == "pixels"),
            *warnings_of(own, mind, width=seen.width, kept=seen.kept),
        ),
    )


def _some(values: np.ndarray, generator: np.random.Generator) -> Points:
    found = values.ravel()
    return points(found[generator.permutation(len(found))[:CLOUD]])


@dataclass(frozen=True)
class Request(Settings):
    """Eigenvalues of the map from one sensor to the other, beside their nulls.

    Attributes:
        checkpoint: A shipped name, a file, or run:ID@WHEN.
    """

    checkpoint: tyro.conf.Positional[str] = SHIPPED


def _run(asked: Request, context: Context) -> SpectrumResult:
    path, settings = context.checkpoint(asked.checkpoint), settings_of(asked, Settings)
    return spectrum(path, settings, bank_folder=context.bank, check=context.check)


def tell(result: SpectrumResult) -> None:
    """Print a result."""
    r, s = result.reading, result.score
    low, high = s.interval or (s.value, s.value)
    print(f"{result.checkpoint}, step {result.step}, {result.settings.layer}: {result.verdict}")
    print(f"S {s.value:+.3f} (95 % {low:+.3f} to {high:+.3f})   R2 {result.r2.value:.3f}")
    print(f"gain {r.gain:.3f}   turn {r.turn:.0f} deg   departure from normal {r.departure:.2f}")
    if result.dilution:
        print(f"gain corrected for dilution {result.dilution.gain:.2f} (two crops of one picture)")
    print(f"{'null':<22}{'S':>8}{'from':>8}{'to':>8}{'R2':>8}")
    for one in result.nulls:
        r2 = f"{one.r2:8.3f}" if one.r2 is not None else f"{'-':>8}"
        print(f"{one.name:<22}{one.score:8.3f}{one.low:8.3f}{one.high:8.3f}{r2}")
    excess = result.excess
    low, high = excess.interval or (excess.value, excess.value)
    print(f"S beyond random init {excess.value:+.3f} ({low:+.3f} to {high:+.3f})")
    for line in result.says:
        print(f"- {line}")
    print(s.caption())


METHOD = Method(Request, _run, tell)
