"""What a projection head lets through: singular values of its Jacobian, plant by plant.

    J(h) = dz / dh,   "dim_z dim_h", rectangular: singular values, no eigenvalues

J J^T is square, but symmetric and positive: its eigenvalues are the squared singular values, and
its S is 1 for any head. So a head is read by *how many* directions of h it listens to, and whether
it listens to the same ones at both pictures of a plant:

    overlap_r = |V_1^T V_2|_F^2 / r          V: leading r right singular vectors of J(h_1), J(h_2)

Nulls: J at another plant's partner, random subspaces (r / dim_h), and a random-init head. Where the
head is nearly linear, J hardly depends on the plant, and overlap is high between any two of them:
only its excess over the shuffled partner is about the plant.

Source: how heads and collapse go together: Jing et al. 2022, arXiv:2110.09348 [jing2022].
Lesson: 07_spectrum.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import tyro
from torch import nn

from plantedu.errors import require
from plantedu.serialization import settings_of
from plantedu.statistics.evidence import mean_over_plants
from plantedu.topics.method import Context, Method
from plantedu.topics.spectrum.head_jacobian import head_jacobians
from plantedu.topics.spectrum.nulls import p_value
from plantedu.topics.spectrum.results.jacobian import JacobianResult, Settings
from plantedu.topics.spectrum.two_sensors import Amount, bare, of_checkpoint, of_random_init, opened
from plantedu.zoo.loaded_checkpoint import load_stage
from plantedu.zoo.random_init import CONTROL_SEEDS, random_init

SHIPPED = "cross-0"


@dataclass(frozen=True, eq=False)
class Heard:
    """Singular values and leading right singular vectors at each plant, by sensor."""

    values: list[np.ndarray]
    vectors: list[np.ndarray]

    def overlap(self, order: np.ndarray | None = None) -> np.ndarray:
        """Of X1's directions with those of X2 of the same (or another) plant, "plants"."""
        other = self.vectors[1] if order is None else self.vectors[1][order]
        inner = self.vectors[0] @ other.transpose(0, 2, 1)
        return (inner**2).sum((1, 2)) / inner.shape[1]

    @property
    def count(self) -> np.ndarray:
        """Participation ratio of squared singular values, mean of both sensors, "plants"."""
        each = [(s**2).sum(1) ** 2 / (s**4).sum(1) for s in self.values]
        return np.mean(each, axis=0)


def heard(head: nn.Sequential, h: list[np.ndarray], directions: int) -> Heard:
    """Take the Jacobians of a head at both pictures of each plant apart.

    Args:
        head: A projector, in evaluation mode.
        h: Features of X1 and of X2, "plants dim".
        directions: r.

    Raises:
        PlantEduError: for more directions than the head has outputs.
    """
    values, vectors = [], []
    for rows in h:
        jacobians = head_jacobians(head, torch.from_numpy(rows)).numpy()
        _, s, vt = np.linalg.svd(jacobians, full_matrices=False)
        require(
            directions < s.shape[1],
            f"directions must be below the head's {s.shape[1]} outputs, got {directions}.",
        )
        values.append(s)
        vectors.append(vt[:, :directions])
    return Heard(values, vectors)


def jacobian(
    checkpoint: Path,
    settings: Settings,
    *,
    bank_folder: Path,
    check: Callable[[], None] = lambda: None,
) -> JacobianResult:
    """Read a head's Jacobians off a checkpoint.

    Args:
        checkpoint: A plantedu checkpoint of a pretraining.
        settings: How much is looked at.
        bank_folder: Where rendered pairs are kept.
        check: Called between the parts; may raise to stop.

    Raises:
        PlantEduError: for a checkpoint that cannot be read, or more plants than are held out.
    """
    stage = load_stage(checkpoint)
    recipe, amount = bare(stage.recipe), Amount(settings.plants, settings.plants)
    seen = of_checkpoint(checkpoint, checkpoint.stat().st_mtime_ns, bank_folder, amount)
    own = heard(stage.objective.projector, seen.layers["h"][1], settings.directions)
    check()
    network = random_init(recipe, opened(recipe, bank_folder))
    other = of_random_init(recipe, CONTROL_SEEDS[0], bank_folder, amount)
    random = heard(network.projector, other.layers["h"][1], settings.directions)
    shape = (own.values[0].shape[1], own.vectors[0].shape[2])
    return _judged(own, random, settings, (stage.name, stage.step), shape)


def _judged(
    own: Heard, random: Heard, settings: Settings, about: tuple[str, int], shape: tuple[int, int]
) -> JacobianResult:
    generator, n = np.random.default_rng((settings.seed, 0)), settings.plants
    orders = [generator.permutation(n) for _ in range(settings.shuffles)]
    shuffled = np.array([own.overlap(order).mean() for order in orders])
    null = np.mean([random.overlap(order).mean() for order in orders])
    return JacobianResult(
        settings=settings,
        checkpoint=about[0],
        step=about[1],
        shape=shape,
        overlap=mean_over_plants(
            "Does the head listen to the same directions of h at both pictures of a plant?",
            own.overlap(),
            float(shuffled.mean()),
            "another plant's partner",
            kind="share",
        ),
        p=p_value(float(own.overlap().mean()), shuffled),
        at_random=settings.directions / shape[1],
        random_overlap=mean_over_plants(
            "The same of a random-init head?",
            random.overlap(),
            float(null),
            "another plant's partner",
            kind="share",
        ),
        heard=mean_over_plants(
            "How many directions of h does the head listen to?",
            own.count,
            float(random.count.mean()),
            "random-init head",
            kind="mean",
        ),
        singular={"at X1": _profile(own.values[0]), "at X2": _profile(own.values[1])},
        random_singular=_profile(random.values[0]),
    )


def _profile(values: np.ndarray) -> tuple[float, ...]:
    """Geometric mean by rank over the largest; the last one is 0 where z has unit length."""
    mean = np.exp(np.log(np.maximum(values[:, :-1], 1e-300)).mean(0))
    return tuple(float(f"{v:.4g}") for v in mean / mean[0])


@dataclass(frozen=True)
class Request(Settings):
    """Singular values of a projection head's Jacobian, and whether both sensors share directions.

    Attributes:
        checkpoint: A shipped name, a file, or run:ID@WHEN.
    """

    checkpoint: tyro.conf.Positional[str] = SHIPPED


def _run(asked: Request, context: Context) -> JacobianResult:
    path, settings = context.checkpoint(asked.checkpoint), settings_of(asked, Settings)
    return jacobian(path, settings, bank_folder=context.bank, check=context.check)


def tell(result: JacobianResult) -> None:
    """Print a result."""
    rows, columns = result.shape
    print(f"{result.checkpoint}, step {result.step}: a head of {rows} x {columns}, no eigenvalues")
    for name in ("overlap", "random_overlap", "heard"):
        one = getattr(result, name)
        print(f"{name:<16}{one.value:8.3f}   {one.control} {one.null:8.3f}")
    print(f"overlap at random {result.at_random:.3f}; p of the overlap {result.p:.3f}")
    print(result.overlap.caption())


METHOD = Method(Request, _run, tell)
