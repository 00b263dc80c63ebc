"""Two ways to fool a similarity: too many columns, and a few plants moved far away.

Columns.    x, y independent Gaussian noise, n plants, d columns each:
            E[biased CKA] = 1 / (1 + n/d),     E[debiased CKA] = 0

Distance.   Y = X with the plants outside S moved by c v. As c grows,
            CKA(X, Y) -> rho / (1 - rho) |mean_S x|^2 / E|x|^2 sqrt(PR),
            rho = |S| / n,   PR = (sum lambda)^2 / sum lambda^2,   x centred, lambda = eigenvalues
            of its covariance

Moved by class, the plants are as separable by a linear reader as before, or more: what is known of
them has not shrunk, and CKA says that nothing is alike. High values from too many columns and low
values from far points are of one kind: a number about geometry, read as one about knowledge.

Source: Murphy et al. 2024, arXiv:2405.01012 [murphy2024]; Davari et al. 2023, arXiv:2210.16156
[davari2023]; the limit is worked out here and tested. Lesson: 06_similarity.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from plantedu.charts.chart import Drawing
from plantedu.charts.palette import NAMES
from plantedu.data.evaluation_set import FIRST_HELD_OUT, held_out_rows
from plantedu.errors import require
from plantedu.serialization import with_tuples
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import mean_interval
from plantedu.topics.method import Context, Method
from plantedu.topics.similarity.results.failure_modes_chart import trap_chart

MOVED = ("cka", "nbs", "rsa", "knn", "ridge")
CLASSES = {"healthy": 0, "blast": 1, "brown": 2}


@dataclass(frozen=True)
class Settings:
    """How much is looked at.

    Attributes:
        n: Plants of noise.
        columns: d, one after the other.
        draws: Pairs of noise for each.
        encoder: Whose h has plants moved.
        plants: Held-out plants of it.
        moved: Disease class whose plants are moved.
        far: c, in units of the mean length of a centred h.
        seed: Draws noise and direction.
    """

    n: int = 100
    columns: tuple[int, ...] = (8, 32, 128, 512, 2048)
    draws: int = 20
    encoder: str = "cross-0"
    plants: int = 512
    moved: str = "brown"
    far: tuple[float, ...] = (0.1, 0.3, 1.0, 3.0, 10.0, 100.0)
    seed: int = 0


@dataclass(frozen=True)
class TrapsResult:
    """Both exhibits.

    Attributes:
        settings: What was asked for.
        biased: By number of columns, biased CKA of independent noise; null: debiased, same noise.
        formula: What theory says of `biased`.
        moved: By measure, its value at each distance.
        limit: CKA at infinite distance, by the formula.
        reader: Accuracy of a linear reader of disease before and after moving, at each distance.
        prior: Accuracy of the commonest class.
    """

    settings: Settings
    biased: dict[int, Evidence]
    formula: dict[int, float]
    moved: dict[str, list[float]]
    limit: float
    reader: list[float]
    prior: float

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "settings": asdict(self.settings),
            "biased": {str(d): one.as_json() for d, one in self.biased.items()},
            "formula": {str(d): value for d, value in self.formula.items()},
            "moved": self.moved,
            "limit": self.limit,
            "reader": self.reader,
            "prior": self.prior,
        }

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "TrapsResult":
        """Read back what `as_json` gave."""
        asked = with_tuples(found["settings"])
        biased = {
            int(d): Evidence(**{**one, "interval": tuple(one["interval"])})
            for d, one in found["biased"].items()
        }
        formula = {int(d): value for d, value in found["formula"].items()}
        rest = (found[name] for name in ("moved", "limit", "reader", "prior"))
        return cls(Settings(**asked), biased, formula, *rest)

    def chart(self, *, dark: bool = False) -> Drawing:
        """CKA of independent noise by the number of columns."""
        columns = list(self.biased)
        biased = [one.value for one in self.biased.values()]
        debiased = [one.null for one in self.biased.values()]
        last = self.biased[columns[-1]]
        says = (
            f"CKA of independent noise, {self.settings.n} plants. Biased: "
            + ", ".join(f"{v:.2f} at {d} columns" for d, v in zip(columns, biased, strict=True))
            + f". Debiased: between {min(debiased):.3f} and {max(debiased):.3f}. Diamonds: the "
            f"formula. Dashed: 0, the truth. {last.caption()}."
        )
        return trap_chart(
            [("biased", columns, biased), ("debiased", columns, debiased)],
            x="columns",
            y="CKA of independent noise",
            says=says,
            null=("no relation", 0.0),
            marks=list(self.formula.items()),
            dark=dark,
        )

    def moved_chart(self, *, dark: bool = False) -> Drawing:
        """Each measure of h with itself, some plants moved away."""
        far = list(self.settings.far)
        lines = [(LABELS[name], far, values) for name, values in self.moved.items()]
        said = "; ".join(f"{name} {values[-1]:.2f}" for name, _, values in lines)
        says = (
            f"h of {self.settings.encoder} against itself with all plants with "
            f"{NAMES[self.settings.moved]} moved in one direction. At {far[-1]:g} lengths: {said}. "
            f"A linear reader names the disease right in {self.reader[0]:.2f} before and "
            f"{self.reader[-1]:.2f} after (commonest class: {self.prior:.2f}). Dashed: CKA's limit "
            f"by the formula, {self.limit:.3f}. n = {self.settings.plants}, 1 seed."
        )
        return trap_chart(
            lines,
            x="distance moved, in mean lengths of h",
            y="likeness of h with itself",
            says=says,
            null=("limit of CKA", self.limit),
            dark=dark,
        )


LABELS = {
    "cka": "CKA, debiased",
    "nbs": "Bures",
    "rsa": "RSA",
    "knn": "k-NN Jaccard",
    "ridge": "ridge predictivity",
}


def traps(
    settings: Settings, *, folder: Path, check: Callable[[], None] = lambda: None
) -> TrapsResult:
    """Both exhibits.

    Args:
        settings: How much.
        folder: Where rendered pairs and features are kept.
        check: Called between parts; may raise to stop.

    Raises:
        PlantEduError: for an unknown encoder or class, or too few plants.
    """
    from plantedu.topics.similarity.alignment import noise_level

    require(settings.moved in CLASSES, f"moved is one of {list(CLASSES)}; got {settings.moved!r}.")
    biased = {}
    for d in settings.columns:
        check()
        biased[d] = _noise(settings, d)
    formula = {d: noise_level(settings.n, d, d) for d in settings.columns}
    return TrapsResult(settings, biased, formula, *_moved(settings, folder, check))


def _noise(settings: Settings, d: int) -> Evidence:
    """Biased CKA of independent noise, beside the debiased one."""
    import torch

    from plantedu.statistics.cka import debiased_cka, linear_cka
    from plantedu.training.seeding import generator_for

    told = []
    for draw in range(settings.draws):
        generator = generator_for(settings.seed, f"noise {d}", draw)
        x, y = (torch.randn(settings.n, d, generator=generator) for _ in range(2))
        told.append((linear_cka(x, y), debiased_cka(x, y)))
    biased, debiased = np.array(told).T
    return Evidence(
        question=f"What does biased CKA say of independent noise, n = {settings.n}, d = {d}?",
        value=float(biased.mean()),
        null=float(debiased.mean()),
        control="debiased CKA of the same noise",
        n=settings.n,
        seeds=settings.draws,
        interval=mean_interval(biased),
        truth=0.0,
    )


def _moved(settings: Settings, folder: Path, check: Callable[[], None]) -> tuple[Any, ...]:
    """Each measure at each distance, CKA's limit, and what a reader reads."""
    import torch

    from plantedu.data.renderer.worlds import draw_factors, world
    from plantedu.topics.similarity.cached_features import Shown
    from plantedu.topics.similarity.comparisons import Member
    from plantedu.topics.similarity.family import measure
    from plantedu.training.seeding import generator_for
    from plantedu.zoo.encoders import open_encoder

    shown = Shown("field", 0, first=FIRST_HELD_OUT, plants=settings.plants, folder=folder)
    (x,) = shown.features([Member("h", settings.encoder)], open_encoder, check)
    rows = held_out_rows(settings.plants)
    disease = torch.from_numpy(draw_factors(world("field"), rows)["disease"])
    outside = disease == CLASSES[settings.moved]
    v = torch.randn(x.shape[1], generator=generator_for(settings.seed, "direction"))
    length = (x - x.mean(0)).square().sum(1).mean().sqrt()
    found: dict[str, list[float]] = {name: [] for name in MOVED}
    reader = [_read(x, disease)]
    for c in settings.far:
        check()
        y = moved_away(x, outside, float(c * length) * v / v.norm())
        for name in MOVED:
            found[name].append(measure(name)(x, y).value)
        reader.append(_read(y, disease))
    prior = float(torch.bincount(disease).max() / len(disease))
    return found, translation_limit(x, ~outside), reader, prior


def moved_away(x: Any, outside: Any, step: Any) -> Any:
    """x with `step` added to the rows that are `outside`."""
    return x.double() + outside[:, None] * step.double()


def translation_limit(x: Any, stays: Any) -> float:
    """CKA of x with itself once the rows that do not stay are infinitely far away.

    Args:
        x: "plants columns".
        stays: Which rows stay, bool, "plants".
    """
    import torch

    x = x.double() - x.double().mean(0)
    values = torch.linalg.svdvals(x).square()
    rho = float(stays.double().mean())
    middle = x[stays].mean(0).square().sum() / x.square().sum(1).mean()
    spread = values.sum() / values.square().sum().sqrt()
    return rho / (1 - rho) * float(middle * spread)


def _read(h: Any, disease: Any) -> float:
    """Accuracy of a linear reader: half of the plants to fit, half to score."""
    from plantedu.training.linear_probe import Target, read_off

    half = len(h) // 2
    target = Target("disease", "rgb", 3, disease[:half], disease[half:])
    told = read_off(h[:half].float(), h[half:].float(), [target], seeds=3, seed=0, step=0)
    found = told["probe/disease/rgb"]
    return found[0] if isinstance(found, tuple) else math.nan


def _run(asked: Settings, context: Context) -> TrapsResult:
    return traps(asked, folder=context.home, check=context.check)


def tell(result: TrapsResult) -> None:
    """Print a result."""
    print(result.chart().alt)
    print(result.moved_chart().alt)


METHOD = Method(Settings, _run, tell)
