"""Does a sparse dictionary say it better than neurons do? Trained on every place of the last maps.

    neurons            the k coordinates of x that are farthest from their mean; questions: all
    PCA                the k largest scores; questions: all
    random dictionary  random directions, their reader trained
    dictionary         directions trained too; of cross-0 and of an encoder that was never trained

all with the same k and the same width. Rebuilt, alive and readable as in
`topics/neurons/dictionary_scores.py`, on plants that none of them was trained on. Agreement of two
seeds stands beside that of two seeds on Gaussian numbers of the same mean and covariance, and
beside activations drawn at random, the weaker null.

The positive control is the same dictionary, at the same width, k, rule and steps, on activations
whose directions are known: recall, and precision beside it (`topics/neurons/recovery.py`).

A dictionary of an untrained encoder stands beside: FVU and sparsity need not speak of learning.

Source: Gao et al. 2024, arXiv:2406.04093 [gao2024]; Bussmann et al. 2024, arXiv:2412.06410
[bussmann2024]; Paulo & Belrose 2025, arXiv:2501.16615 [paulo2025]. Lesson: 10_neurons.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import tyro

from plantedu.charts.chart import Drawing
from plantedu.errors import require
from plantedu.output_paths import check_file
from plantedu.serialization import revived, settings_of, with_tuples
from plantedu.statistics.evidence import Evidence
from plantedu.topics.neurons.discretised import CONTROLS
from plantedu.topics.neurons.known import Recovery, mean_of
from plantedu.topics.neurons.results.dictionary_chart import auroc_chart, curve_chart, worth_chart

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
        controls: Seeds of the positive control; 0 for none.
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
    controls: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        known = bool(self.sensors) and set(self.sensors) <= set(CONTROLS)
        require(known, f"Sensors are rgb and rgn; got {self.sensors!r}.")
        require(2 <= self.width <= 8192, f"width is from 2 to 8192; got {self.width}.")
        require(1 <= self.k <= self.width, f"k is from 1 to width; got {self.k}.")
        require(self.plants >= 64, f"plants must be 64 or more; got {self.plants}.")
        require(0 <= self.controls <= 20, f"controls is 0 to 20; got {self.controls}.")


@dataclass(frozen=True)
class Row:
    """One way to say x with k codes.

    Attributes:
        name: Which.
        fvu, l0, dead: See `topics/neurons/dictionary_scores.py`.
        duplicates: Share of live directions with another one at a cosine of .9 or more; None where
            they were not counted.
        recovered: Loss recovered of a reader of disease; None where it reads nothing from h.
        auroc: Best unit's AUROC by question, on plants that did not choose it.
    """

    name: str
    fvu: float
    l0: float
    dead: float
    duplicates: float | None
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
        agreement: Two seeds, beside two seeds on Gaussian numbers of the same covariance; None
            where a second one was not trained.
        by_lot: The same number beside activations drawn at random, a weaker null.
        control: What the same dictionary finds of known directions, and one made for them.
        features: The most readable ones, best first.
        warning: Where the data cannot support its width; else "".
        places: Activations that it was trained on.
    """

    settings: Settings
    rows: tuple[Row, ...]
    curve: tuple[tuple[int, float, float], ...]
    agreement: Evidence | None
    by_lot: Evidence | None
    control: tuple[Recovery, ...]
    features: tuple[Feature, ...]
    warning: str
    places: int

    def as_json(self) -> dict[str, Any]:
        """Plain values; `from_json` reads them back."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "DictionaryResult":
        """Read what a run or a file holds; of before there were controls, it holds fewer."""
        if "control" not in found:
            rows = [{"duplicates": None, **row} for row in found["rows"]]
            asked = {"controls": 0, **found["settings"]}
            older = {"control": (), "by_lot": found["agreement"], "agreement": None}
            found = {**found, **older, "rows": rows, "settings": asked}
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
    from plantedu.topics.neurons.dictionary_training import Bench, dissected

    bench = Bench(settings, folder)
    found = dissected(bench, settings.encoder, check=check, tell=tell)
    if keep is not None:
        found.save(keep)
    rows, others = [found.row("dictionary")], found.baselines()
    agreement = by_lot = None
    if settings.beside:
        second = dissected(bench, settings.encoder, seed=settings.seed + 1, check=check)
        frozen = dissected(bench, settings.encoder, frozen=True, check=check)
        others.append(frozen.row("random dictionary"))
        agreement, by_lot = _agreements(found, second, settings, check)
    if settings.untrained >= 0:
        words = f"random:{settings.untrained}"
        others.append(dissected(bench, words, check=check).row("of an untrained encoder"))
    return DictionaryResult(
        *(settings, tuple(Row(**row) for row in [*rows, *others]), found.curve, agreement, by_lot),
        *(
            _control(settings, len(found.x), check),
            tuple(Feature(**one) for one in found.features()),
            found.warning,
            len(found.x),
        ),
    )


def _agreements(
    first: Any, second: Any, settings: Settings, check: Callable[[], None]
) -> tuple[Evidence, Evidence]:
    """Two seeds beside Gaussian numbers of the same covariance, and beside directions at random."""
    value, lots = first.agreement(second)
    like = first.gaussian_agreement(check)
    beside = {
        "two seeds on Gaussian numbers of the same mean and covariance": like,
        "directions of activations drawn at random": lots,
    }
    one, two = (
        Evidence(
            question="How alike are the directions of two seeds (mean max cosine)?",
            value=value,
            null=null,
            control=control,
            n=settings.plants,
            seeds=2,
        )
        for control, null in beside.items()
    )
    return one, two


def _control(settings: Settings, rows: int, check: Callable[[], None]) -> tuple[Recovery, ...]:
    """Known directions: found by this dictionary, and by one that was made for them."""
    if not settings.controls:
        return ()
    from plantedu.topics.neurons.recovery import FITTING, recovery
    from plantedu.topics.neurons.sparse_autoencoder import Sparse

    how = {name: getattr(settings, name) for name in ("width", "k", "rule", "steps")}
    fitting = replace(FITTING, rule=settings.rule)
    found = []
    for words, sparse in (("these settings", Sparse(**how)), ("made for it", fitting)):
        each = []
        for seed in range(settings.controls):
            check()
            each.append(recovery(replace(sparse, seed=seed), words, rows=rows, seed=seed))
        found.append(mean_of(each))
    return tuple(found)


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
    from plantedu.store.paths import home
    from plantedu.store.run import Metric

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
    """`python -m plantedu neurons dictionary [options]`."""
    from plantedu.store.paths import home

    options = tyro.cli(Options, args=argv, prog="python -m plantedu neurons dictionary")
    check_file(options.keep, like="dictionary.safetensors")
    result = dictionary(settings_of(options, Settings), folder=home(), keep=options.keep)
    if result.warning:
        print(f"Note: {result.warning}")
    print(f"{'':26}{'FVU':>8}{'L0':>8}{'dead':>8}{'double':>8}{'recovered':>11}{'AUROC':>8}")
    for row in result.rows:
        back = "   -" if row.recovered is None else f"{row.recovered:.3f}"
        cells = f"{row.fvu:8.3f}{row.l0:8.1f}{row.dead:8.2f}{row.duplicates or 0:8.2f}"
        cells += f"{back:>11}{row.readable:8.3f}"
        print(f"{row.name:26}{cells}")
    for one in (result.agreement, result.by_lot):
        if one:
            print(f"agreement of two seeds {one.value:.3f}; {one.control} {one.null:.3f}")
    for one in result.control:
        print(
            f"known directions, {one.settings} ({one.width} directions, {one.k} codes): recall "
            f"{one.recall:.3f}, found {one.found:.2f}, precision {one.precision:.3f}, duplicates "
            f"{one.duplicates:.2f}, dead {one.dead:.2f}"
        )
    for one in result.features[:8]:
        print(
            f"feature {one.number:4} {one.question:22} AUROC {one.auroc:.3f} fires {one.fires:.3f}"
        )
    print(result.caption)
    if options.json:
        print(json.dumps(result.as_json()))
    return 0
