"""Which prototype predicts which, from sensor to sensor; and whether prototypes stand like noise.

    T = D^-1 Q_1^T P_2   (prototypes by prototypes)          G = C^T C   (dim by dim)

T is square by nature and no fit has touched it: row k says which prototypes the plants of code k
get predicted by the other sensor. Its eigenvalues but the trivial 1 tell how many groups of
prototypes hold across the sensors, its S whether a code predicts itself or another. The ceiling is
T of sensor 1 with itself; the nulls are shuffled pairs and a random-init encoder.

G is symmetric and positive, so its S is 1 whatever the prototypes are: only its spectrum says
something, beside that of as many random directions and the Marchenko-Pastur edges.

Source: codes and predictions: Caron et al. 2020, arXiv:2006.09882 [caron2020]; S: Elhage et al.
2021 [elhage2021]; edges: Marchenko & Pastur 1967 [marchenko1967]. Lesson: 07_spectrum.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro

from plantedu.serialization import settings_of
from plantedu.statistics.evidence import Evidence, mean_over_plants
from plantedu.topics.method import Context, Method
from plantedu.topics.spectrum.marchenko_pastur import marchenko_pastur
from plantedu.topics.spectrum.nulls import p_value
from plantedu.topics.spectrum.results.plane import points, short
from plantedu.topics.spectrum.results.prototypes import PrototypesResult, Settings
from plantedu.topics.spectrum.score import copying_score
from plantedu.topics.spectrum.transition import agreement, sensor_stable, transition
from plantedu.topics.spectrum.two_sensors import Amount, bare, of_checkpoint, of_random_init
from plantedu.topics.spectrum.two_sensors import shares as shares_of
from plantedu.zoo.loaded_checkpoint import load_stage
from plantedu.zoo.random_init import CONTROL_SEEDS

SHIPPED = "cross-0"
CLOUD, RANDOM_SETS = 150, 20

Shares = list[tuple[np.ndarray, np.ndarray]]  # code and prediction of each sensor


def prototypes(
    checkpoint: Path,
    settings: Settings,
    *,
    bank_folder: Path,
    check: Callable[[], None] = lambda: None,
) -> PrototypesResult:
    """Read the prototype transition and the prototype Gram matrix off a checkpoint.

    Args:
        checkpoint: A plantedu checkpoint of a pretraining.
        settings: How much is looked at.
        bank_folder: Where rendered pairs are kept.
        check: Called between the parts; may raise to stop.

    Raises:
        PlantEduError: for a checkpoint that cannot be read, or more plants than are held out.
    """
    stage = load_stage(checkpoint)
    amount = Amount(settings.plants, settings.plants)
    seen = of_checkpoint(checkpoint, checkpoint.stat().st_mtime_ns, bank_folder, amount)
    check()
    random = of_random_init(bare(stage.recipe), CONTROL_SEEDS[0], bank_folder, amount)
    shares = shares_of(stage.objective, stage.recipe, seen.layers["z"][1])
    # Its own prototypes are random too: the same seed made them with the encoder.
    null = shares_of(None, stage.recipe, random.layers["z"][1])
    c = stage.objective.prototypes.detach().double().numpy()
    return _judged(shares, null, c, settings, (stage.name, stage.step))


def _judged(
    shares: Shares, random: Shares, c: np.ndarray, settings: Settings, about: tuple[str, int]
) -> PrototypesResult:
    (q1, p1), (_, p2) = shares
    generator = np.random.default_rng((settings.seed, 0))
    orders = [generator.permutation(len(p2)) for _ in range(settings.shuffles)]
    values = sensor_stable(transition(q1, p2))
    null = [sensor_stable(transition(q1, p2[order])) for order in orders]
    level = float(np.sort([np.abs(one[0]) for one in null])[int(0.95 * (len(null) + 1)) - 1])
    agreed = agreement(q1, p2)
    shuffled = np.array([agreement(q1, p2[order]).mean() for order in orders])
    score = copying_score(values)
    scores = np.array([copying_score(one) for one in null])
    gram, random_gram = _gram(c), _random_gram(c.shape, generator)
    cloud = np.concatenate(null)
    some = cloud[generator.permutation(len(cloud))[:CLOUD]]
    return PrototypesResult(
        settings=settings,
        checkpoint=about[0],
        step=about[1],
        prototypes=len(c),
        agreement=_agreed("X1's code with X2's prediction", agreed, float(shuffled.mean())),
        ceiling=_own_agreement("X1's code with X1's own prediction", q1, p1, orders),
        random_init=_own_agreement("two sensors, random init", random[0][0], random[1][1], orders),
        score=Evidence(
            question="Does a code predict itself in the other sensor (S of T without its 1)?",
            value=score,
            null=float(scores.mean()),
            control="shuffled pairs",
            n=len(q1),
        ),
        p_agreement=p_value(float(agreed.mean()), shuffled),
        p_score=p_value(score, scores),
        groups=int((np.abs(values) > level).sum()),
        level=level,
        values=points(values),
        ceiling_values=points(sensor_stable(transition(q1, p1))),
        cloud=points(some),
        gram=tuple(short(v) for v in gram),
        gram_null=tuple(short(v) for v in random_gram.mean(0)),
        edges=marchenko_pastur(c.shape[1], len(c)),
        outside=int((gram > random_gram.max()).sum()),
        says=_says(len(q1), len(c)),
    )


def _agreed(what: str, per_plant: np.ndarray, null: float) -> Evidence:
    question = f"How much of a plant's code is predicted: {what} (mean q.p)?"
    return mean_over_plants(question, per_plant, null, "shuffled pairs", kind="share")


def _own_agreement(
    what: str, q: np.ndarray, p: np.ndarray, orders: Sequence[np.ndarray]
) -> Evidence:
    null = float(np.mean([agreement(q, p[order]).mean() for order in orders]))
    return _agreed(what, agreement(q, p), null)


def _gram(c: np.ndarray) -> np.ndarray:
    """Eigenvalues of C^T C times dim / prototypes, the largest first; their mean is 1."""
    unit = c / np.linalg.norm(c, axis=1, keepdims=True)
    return np.linalg.eigvalsh(unit.T @ unit)[::-1] * c.shape[1] / len(c)


def _random_gram(shape: tuple[int, ...], generator: np.random.Generator) -> np.ndarray:
    """The same of random directions, "draws dim"."""
    return np.array([_gram(generator.normal(size=shape)) for _ in range(RANDOM_SETS)])


def _says(plants: int, count: int) -> tuple[str, ...]:
    if plants > count:
        return ()
    return (
        f"{plants} plants for {count} prototypes: T has rank {plants} at most, and most of its "
        "eigenvalues are 0 by construction.",
    )


@dataclass(frozen=True)
class Request(Settings):
    """Which prototype predicts which across the sensors, and their Gram matrix.

    Attributes:
        checkpoint: A shipped name, a file, or run:ID@WHEN.
    """

    checkpoint: tyro.conf.Positional[str] = SHIPPED


def _run(asked: Request, context: Context) -> PrototypesResult:
    path, settings = context.checkpoint(asked.checkpoint), settings_of(asked, Settings)
    return prototypes(path, settings, bank_folder=context.bank, check=context.check)


def tell(result: PrototypesResult) -> None:
    """Print a result."""
    print(f"{result.checkpoint}, step {result.step}: {result.prototypes} prototypes")
    for name in ("agreement", "ceiling", "random_init", "score"):
        one = getattr(result, name)
        print(f"{name:<12}{one.value:8.3f}   {one.control} {one.null:8.3f}")
    print(f"groups that hold: {result.groups} (|lambda| > {result.level:.2f})")
    print(f"Gram matrix: {result.outside} eigenvalues above random directions")
    for line in result.says:
        print(f"- {line}")
    print(result.agreement.caption())


METHOD = Method(Request, _run, tell)
