"""Does a sparse dictionary say it better than neurons do? Trained on every place of the last maps.

    neurons            the k coordinates of x that are farthest from their mean; questions: all
    PCA                the k largest scores; questions: all
    random dictionary  random directions, their reader trained
    dictionary         directions trained too; of cross-0 and of an encoder that was never trained

all with the same k and the same width. Rebuilt, alive and readable as in `neurons/scores.py`, on
plants that none of them was trained on. Agreement of two seeds stands beside directions of
activations drawn by lot.

A dictionary of an untrained encoder rebuilds well, too: FVU and sparsity say nothing of learning.

Source: Gao et al. 2024, arXiv:2406.04093 [gao2024]; Bussmann et al. 2024, arXiv:2412.06410
[bussmann2024]; Paulo & Belrose 2025, arXiv:2501.16615 [paulo2025]. Lesson: 10_neurons.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tyro

from plantedu.charts.dictionary import auroc_chart, curve_chart, worth_chart
from plantedu.drawing import Drawing
from plantedu.errors import require
from plantedu.evidence import Evidence
from plantedu.neurons.coded import CONTROLS
from plantedu.plain import revived, settings_of, with_tuples

JUDGED = 1024  # plants that mark, from the first held-out one on
EVERY = 10  # steps between two points of the curve
FILE = "dictionary.safetensors"


@dataclass(frozen=True)
class Settings:
    """What is taken apart, and how.

    Attributes:
        encoder: What ships (cross-0), file:PATH, or random:SEED.
        sensors: Whose pictures it is trained on; marks are of the first one's.
        width: Directions.
        k: Codes that are kept.
        rule: topk or batchtopk.
        steps: Of its training.
        plants: Plants that it is trained on, behind those that mark.
        beside: Train the baselines too: a second seed and a random dictionary.
        untrained: Seed of an encoder that was never trained, taken apart as well; -1 for none.
        seed: Of the dictionary.
    """

    encoder: str = "cross-0"
    sensors: tuple[str, ...] = ("rgb", "rgn")
    width: int = 512
    k: int = 8
    rule: str = "topk"
    steps: int = 300
    plants: int = 2048
    beside: bool = True
    untrained: int = -1
    seed: int = 0

    def __post_init__(self) -> None:
        known = bool(self.sensors) and set(self.sensors) <= set(CONTROLS)
        require(known, f"Sensors are rgb and rgn; got {self.sensors!r}.")
        require(2 <= self.width <= 8192, f"width is from 2 to 8192; got {self.width}.")
        require(1 <= self.k <= self.width, f"k is from 1 to width; got {self.k}.")
        require(self.plants >= 64, f"plants must be 64 or more; got {self.plants}.")


@dataclass(frozen=True)
class Row:
    """One way to say x with k codes.

    Attributes:
        name: Which.
        fvu, l0, dead: See `neurons/scores.py`.
        recovered: Loss recovered of a reader of disease; None where it reads nothing from h.
        auroc: Best unit's AUROC by question, on plants that did not choose it.
    """

    name: str
    fvu: float
    l0: float
    dead: float
    recovered: float | None
    auroc: dict[str, float]

    @property
    def readable(self) -> float:
        """Mean AUROC over the questions."""
        return float(np.mean(list(self.auroc.values())))


@dataclass(frozen=True)
class Feature:
    """One direction of the dictionary.

    Attributes:
        number: Its place.
        question: What it answers best.
        auroc: How well, on plants that did not choose the question.
        fires: Share of places in which it fires.
        strength: Its code where it fires, mean.
        tops: Plants with most of it, by index.
    """

    number: int
    question: str
    auroc: float
    fires: float
    strength: float
    tops: tuple[int, ...]


@dataclass(frozen=True)
class DictionaryResult:
    """A dictionary beside its baselines.

    Attributes:
        settings: What was asked.
        rows: The dictionary first, then its baselines.
        curve: Step, FVU of the batch, share of dead codes.
        agreement: Two seeds; None where a second one was not trained.
        features: The most readable ones, best first.
        warning: Where the data cannot support its width; else "".
        places: Activations that it was trained on.
    """

    settings: Settings
    rows: tuple[Row, ...]
    curve: tuple[tuple[int, float, float], ...]
    agreement: Evidence | None
    features: tuple[Feature, ...]
    warning: str
    places: int

    def as_json(self) -> dict[str, Any]:
        """Plain values; `from_json` reads them back."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "DictionaryResult":
        """Read what a run or a file holds."""
        return revived(cls, found)

    def row(self, name: str) -> Row:
        """One of the rows."""
        return next(one for one in self.rows if one.name == name)

    @property
    def caption(self) -> str:
        """n, seeds and nulls in words."""
        return (
            f"n = {JUDGED} plants that nobody was trained on, 1 seed; "
            "null: neurons, PCA and a random dictionary with the same k and width"
        )

    def chart(self, *, dark: bool = False) -> Drawing:
        """FVU and readability of every row."""
        return worth_chart(self.rows, self.caption, dark=dark)

    def auroc_chart(self, *, dark: bool = False) -> Drawing:
        """Best-unit AUROC by question."""
        return auroc_chart(self.rows, self.caption, dark=dark)

    def curve_chart(self, *, dark: bool = False) -> Drawing:
        """FVU and dead codes as it was trained."""
        return curve_chart(self.curve, dark=dark)


def dictionary(
    settings: Settings,
    *,
    folder: Path,
    keep: Path | None = None,
    check: Callable[[], None] = lambda: None,
    tell: Callable[[int, dict[str, float]], None] = lambda step, told: None,
) -> DictionaryResult:
    """Train a dictionary of an encoder that is there, and mark it.

    Args:
        settings: What is asked.
        folder: Where rendered pairs are kept.
        keep: File for the dictionary; None keeps none.
        check: Called between steps; may raise to stop.
        tell: Called after each step of the dictionary's training.

    Raises:
        PlantEduError: for an encoder that is not there, or activations that are not finite.
    """
    from plantedu.training.dissected import Bench, dissected

    bench = Bench(settings, folder)
    found = dissected(bench, settings.encoder, check=check, tell=tell)
    if keep is not None:
        found.save(keep)
    rows, others = [found.row("dictionary")], found.baselines()
    agreement = None
    if settings.beside:
        second = dissected(bench, settings.encoder, seed=settings.seed + 1, check=check)
        frozen = dissected(bench, settings.encoder, frozen=True, check=check)
        others.append(frozen.row("random dictionary"))
        agreement = _agreement(found, second, settings)
    if settings.untrained >= 0:
        words = f"random:{settings.untrained}"
        others.append(dissected(bench, words, check=check).row("of an untrained encoder"))
    return DictionaryResult(
        *(settings, tuple(Row(**row) for row in [*rows, *others]), found.curve, agreement),
        *(tuple(Feature(**one) for one in found.features()), found.warning, len(found.x)),
    )


def _agreement(first: Any, second: Any, settings: Settings) -> Evidence:
    """Two seeds beside directions of activations drawn by lot."""
    value, null = first.agreement(second)
    return Evidence(
        question="How alike are the directions of two seeds (mean max cosine)?",
        value=value,
        null=null,
        control="directions of activations drawn by lot",
        n=settings.plants,
        seeds=2,
    )


@dataclass(frozen=True)
class Options(Settings):
    """Does a sparse dictionary say it better than neurons do?

    Attributes:
        keep: Write the dictionary to this safetensors file.
        json: Print the result as one JSON object on the last line.
    """

    keep: Path | None = None
    json: bool = False


def job(work: Any) -> dict[str, Any]:
    """The same for a page: the curve arrives as it is trained; the dictionary is kept."""
    from plantedu.runs.home import home
    from plantedu.runs.run import Metric

    settings = revived(Settings, asdict(Settings()) | with_tuples(work.run.request))
    work.store.rewind(work.run.id, 0)
    work.store.set_step(work.run.id, 0, settings.steps)

    def tell(step: int, told: dict[str, float]) -> None:
        if step % EVERY == 0 or step == 1:
            told_now = [Metric(step, name, value) for name, value in told.items()]
            work.store.log(work.run.id, told_now, step=step)

    keep = work.store.folder(work.run.id) / FILE
    return dictionary(settings, folder=home(), keep=keep, check=work.check, tell=tell).as_json()


def main(argv: list[str]) -> int:
    """`python -m plantedu dictionary [--encoder NAME --width 512 --k 8 --rule topk] [--json]`."""
    from plantedu.runs.home import home

    options = tyro.cli(Options, args=argv, prog="python -m plantedu dictionary")
    result = dictionary(settings_of(options, Settings), folder=home(), keep=options.keep)
    if result.warning:
        print(f"Note: {result.warning}")
    print(f"{'':26}{'FVU':>8}{'L0':>8}{'dead':>8}{'recovered':>11}{'AUROC':>8}")
    for row in result.rows:
        back = "   -" if row.recovered is None else f"{row.recovered:.3f}"
        cells = f"{row.fvu:8.3f}{row.l0:8.1f}{row.dead:8.2f}{back:>11}{row.readable:8.3f}"
        print(f"{row.name:26}{cells}")
    if result.agreement:
        one = result.agreement
        print(f"agreement of two seeds {one.value:.3f}; {one.control} {one.null:.3f}")
    for one in result.features[:8]:
        print(
            f"feature {one.number:4} {one.question:22} AUROC {one.auroc:.3f} fires {one.fires:.3f}"
        )
    print(result.caption)
    if options.json:
        print(json.dumps(result.as_json()))
    return 0
