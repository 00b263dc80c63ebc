"""What a probe's own settings do to what it says: capacity, penalty, sample size, control tasks.

One factor is read from one layer of one encoder, by five readers: ridge regression without a
penalty, with one that left-out plants choose, the same on quadratic and on Gaussian features, and
a small network. Beside every score: shuffled labels, random-init encoders, and a control task
(labels dealt at random, asked for in second pictures of the same plants). Then the straight reader
under every penalty, and with fewer plants.

    selectivity = score - control task

A score says that a factor can be read. It does not say that the network uses it.

Source: Hewitt & Liang 2019, arXiv:1909.03368 [hewitt2019]; Elazar et al. 2021, arXiv:2006.00995
[elazar2021]. Lesson: 02_training.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from plantedu.charts.chart import Drawing
from plantedu.errors import require
from plantedu.serialization import revived
from plantedu.shipped_files import checkpoints
from plantedu.statistics.evidence import Evidence, mean_over_plants
from plantedu.topics.method import Context, Method
from plantedu.topics.probing.results.controls_chart import path_chart, reader_chart, size_chart

SHIPPED = checkpoints()
SMALLEST = 32  # plants of the shortest curve


@dataclass(frozen=True)
class Settings:
    """What is read, and from what.

    Attributes:
        encoder: A shipped encoder.
        factor: A planted factor.
        view: rgb, rgn or both.
        layer: h or z.
        plants: Training plants, and as many held-out ones.
        controls: Random-init encoders, of five.
        seeds: Shuffles and control tasks.
        seed: Draws them.
    """

    encoder: str = "cross-0"
    factor: str = "bloom"
    view: str = "rgb"
    layer: str = "z"
    plants: int = 512
    controls: int = 3
    seeds: int = 2
    seed: int = 0

    def __post_init__(self) -> None:
        for given, known in ((self.view, ("rgb", "rgn", "both")), (self.layer, ("h", "z"))):
            require(given in known, f"One of {', '.join(known)} is meant; got {given!r}.")
        require(self.plants >= 2 * SMALLEST, f"plants must be 64 or more, got {self.plants}.")
        require(1 <= self.controls <= 5, f"controls must be 1 to 5, got {self.controls}.")
        require(self.seeds >= 1, f"seeds must be 1 or more, got {self.seeds}.")


@dataclass(frozen=True)
class ReaderScore:
    """One reader.

    Attributes:
        reader: One of `probe_controls.READERS`.
        evidence: Score in held-out plants; null: shuffled labels.
        control: Score of the control task.
        random_inits: Score from each random-init encoder.
    """

    reader: str
    evidence: Evidence
    control: float
    random_inits: tuple[float, ...]

    @property
    def selectivity(self) -> float:
        """Score less that of the control task."""
        return self.evidence.value - self.control


@dataclass(frozen=True)
class PathOfPenalties:
    """The straight reader under every penalty; see `probe_controls.PathScores`."""

    penalties: tuple[float, ...]
    chosen: float
    first: float
    train: tuple[float, ...]
    score: tuple[float, ...]
    shuffled: tuple[float, ...]
    control: tuple[float, ...]


@dataclass(frozen=True)
class SizeScore:
    """The straight reader with so many training plants, on the encoder and on random inits."""

    plants: int
    score: float
    shuffled: float
    random_inits: tuple[float, ...]


@dataclass(frozen=True)
class ProbingResult:
    """One factor from one layer."""

    settings: Settings
    unit: str
    chance: float
    readers: tuple[ReaderScore, ...]
    path: PathOfPenalties
    sizes: tuple[SizeScore, ...]

    def of(self, reader: str) -> ReaderScore:
        """One of the readers."""
        return next(one for one in self.readers if one.reader == reader)

    def as_json(self) -> dict[str, Any]:
        """Plain values; `ProbingResult.from_json` reads them back."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "ProbingResult":
        """Read a result that a run or a file holds."""
        return revived(cls, found)

    def chart(self, *, dark: bool = False) -> Drawing:
        """Every reader's score with its three controls."""
        return reader_chart(
            [(r.reader, r.evidence, r.control, r.random_inits) for r in self.readers],
            self.unit,
            dark=dark,
        )

    def path_chart(self, *, dark: bool = False) -> Drawing:
        """Scores of the straight reader over its penalty."""
        return path_chart(asdict(self.path), self.unit, dark=dark)

    def size_chart(self, *, dark: bool = False) -> Drawing:
        """Scores of the straight reader over the number of training plants."""
        return size_chart([asdict(one) for one in self.sizes], self.unit, dark=dark)


def probing(
    settings: Settings,
    *,
    bank_folder: Path,
    check: Callable[[], None] = lambda: None,
    told: Callable[[str], None] = lambda said: None,
) -> ProbingResult:
    """Read one factor in every way.

    Args:
        settings: Which.
        bank_folder: Where rendered pairs are kept.
        check: Called between readers; may raise to stop.
        told: Told what is being done.

    Raises:
        PlantEduError: for an encoder, factor or view that is not there.
    """
    from dataclasses import replace

    from plantedu.topics.probing.probe_controls import (
        FIRST_PENALTY,
        READERS,
        asked,
        fewer,
        penalty_path,
        seen_by,
    )
    from plantedu.training.checkpoints import load_checkpoint
    from plantedu.training.online_probes import shrunk
    from plantedu.training.pair_source import open_source, probe_plants, probe_targets
    from plantedu.training.pretrain import objective_from
    from plantedu.training.recipe import Recipe
    from plantedu.zoo.random_init import CONTROL_SEEDS, random_init

    known = {path.stem: path for path in SHIPPED.glob("*.safetensors")}
    require(settings.encoder in known, f"No shipped encoder is called {settings.encoder!r}.")
    snapshot = load_checkpoint(known[settings.encoder])
    require("recipe" in snapshot[1], f"{settings.encoder} was not pretrained: it has no z.")
    recipe = replace(
        Recipe.from_json(snapshot[1]["recipe"]),
        probe_factors=(settings.factor,),
        probe_plants=settings.plants,
    )
    source = open_source(recipe, bank_folder)
    targets = [t for t in probe_targets(recipe, source) if t.view == settings.view]
    require(bool(targets), f"{settings.factor} cannot be read from {settings.view}.")
    target = targets[0]
    images = [source.take(plants) for plants in probe_plants(recipe, source)]
    numbers = {"rgb": (0,), "rgn": (1,), "both": (0, 1)}[settings.view]
    pictures = [[shrunk(part[n], recipe.crop_size) for part in images] for n in numbers]
    own = seen_by(objective_from(snapshot), pictures, settings.layer)
    others = [
        seen_by(random_init(recipe, source, seed), pictures, settings.layer)
        for seed in CONTROL_SEEDS[: settings.controls]
    ]
    unit = "accuracy" if target.classes else "R2"
    readers = []
    for reader in READERS:
        check()
        told(f"reader: {reader}")
        found = asked(reader, own, target, seeds=settings.seeds, seed=settings.seed)
        inits = [asked(reader, one, target, seeds=1, seed=settings.seed) for one in others]
        evidence = mean_over_plants(
            f"With what {unit} does the reader {reader} read {settings.factor} from "
            f"{settings.layer} of {settings.view}?",
            found.per_plant.numpy(),
            found.shuffled,
            "shuffled labels",
            kind="share" if target.classes else "mean",
        )
        random_inits = tuple(float(one.per_plant.mean()) for one in inits)
        readers.append(ReaderScore(reader, evidence, found.control, random_inits))
    told("penalties and sizes")
    path = penalty_path(own, target, seeds=settings.seeds, seed=settings.seed)
    sizes, count = [], SMALLEST
    while count <= settings.plants:
        check()
        some = fewer(target, count)
        if some.unreadable is None:
            one, *rest = (
                asked("linear", s.first(count), some, seeds=settings.seeds, seed=settings.seed)
                for s in (own, *others)
            )
            inits = tuple(float(each.per_plant.mean()) for each in rest)
            sizes.append(SizeScore(count, float(one.per_plant.mean()), one.shuffled, inits))
        count *= 2
    kept = PathOfPenalties(
        penalties=path.penalties,
        chosen=path.chosen,
        first=FIRST_PENALTY,
        train=path.train,
        score=path.score,
        shuffled=path.shuffled,
        control=path.control,
    )
    return ProbingResult(settings, unit, target.chance, tuple(readers), kept, tuple(sizes))


def _run(asked: Settings, context: Context) -> ProbingResult:
    return probing(asked, bank_folder=context.bank, check=context.check)


def tell(result: ProbingResult) -> None:
    """Print a result."""
    print(f"{'':<13}{result.unit:>8}{'shuffled':>10}{'control':>9}   random init")
    for r in result.readers:
        inits = " ".join(f"{value:.2f}" for value in r.random_inits)
        e = r.evidence
        print(f"{r.reader:<13}{e.value:8.2f}{e.null:10.2f}{r.control:9.2f}   {inits}")
    print(result.path_chart().alt)
    print(result.size_chart().alt)
    print(result.readers[0].evidence.caption())


METHOD = Method(Settings, _run, tell)
