"""Draw a case: a recorded run, a random window around its moment, what its log displayed.

    cause    uniform over CAUSES, so "nothing" is as frequent as any other
    run      uniform over the recorded runs of that cause in one half of the bank
    window   from 40-110 rows before the moment to 60-140 after it
    log      an average with beta 0, .8 or .9; the two artefacts are made here, from plain runs

A case shows rows from 0 on, so that its place in the run does not show.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from plantedu.charts.chart import Drawing
from plantedu.errors import require
from plantedu.topics.bump.clinic.causes import KEYS
from plantedu.topics.bump.clinic.drawings import curve_drawing
from plantedu.topics.bump.clinic.orders import drawing_of
from plantedu.topics.bump.clinic.recorded import HALVES, Bank, Columns, Entry, bank
from plantedu.topics.bump.clinic.records import WAYS, ema, restarted_average, with_gap

ARTEFACTS = ("smoothing", "logging_gap")
BETAS = (0.0, 0.8, 0.9)
SETTLED = 33  # rows at a run's start that no window shows: a fresh head, a queue that fills


@dataclass(frozen=True, eq=False)
class CaseMeasurements:
    """All that could be measured of a case; the automatic diagnosis reads this and no more.

    Attributes:
        shown: The displayed loss, by row.
        rows: Columns by row, first row 0.
        looks: Columns by evaluation; "row" is where each stands among the rows.
    """

    shown: np.ndarray
    rows: Columns
    looks: Columns


@dataclass(frozen=True, eq=False)
class Case:
    """A blinded case.

    Attributes:
        seed: What it was drawn with.
        seen: What could be measured.
    """

    seed: int
    seen: CaseMeasurements
    _truth: str = field(repr=False)
    _run: int = field(repr=False, default=-1)

    @property
    def title(self) -> str:
        """What a page calls it."""
        return f"Case {self.seed}"

    def curve(self, dark: bool = False) -> Drawing:
        """The displayed loss alone."""
        return curve_drawing(self.title, self.seen.shown, dark)

    def order(self, test: str, dark: bool = False) -> Drawing:
        """What a test shows.

        Raises:
            PlantEduError: for a test that is not there.
        """
        return drawing_of(test, self.seen.shown, self.seen.rows, self.seen.looks, dark)


def draw_case(seed: int, *, half: str = "held out", source: Bank | None = None) -> Case:
    """Draw a case; the same seed gives the same case.

    Args:
        seed: Any whole number >= 0.
        half: Which half of the bank: learners and evaluation get "held out".
        source: Recorded runs; None for those that ship.

    Raises:
        PlantEduError: for another half, or a half without runs of a cause.
    """
    require(half in HALVES, f"half must be one of {', '.join(HALVES)}; got {half!r}.")
    require(seed >= 0, f"A case is drawn with a seed of 0 or more, got {seed}.")
    runs = bank() if source is None else source
    generator = np.random.default_rng([seed, HALVES.index(half)])
    cause = KEYS[int(generator.integers(len(KEYS)))]
    entries = runs.of("nothing" if cause in ARTEFACTS else cause, half)
    require(bool(entries), f"The bank holds no run of {cause!r} in the half {half!r}.")
    entry = entries[int(generator.integers(len(entries)))]
    seen = _seen(cause, entry, *runs.columns(entry), generator)
    return Case(seed, seen, cause, entry.number)


def _seen(
    cause: str, entry: Entry, rows: Columns, looks: Columns, generator: np.random.Generator
) -> CaseMeasurements:
    """What the log displayed, cut to a window."""
    count, beta = len(rows["step"]), float(generator.choice(BETAS))
    moment = int(np.searchsorted(rows["step"], entry.moment))
    if cause in (*ARTEFACTS, "nothing"):
        early, late = (0.25, 0.45) if cause == "logging_gap" else (0.35, 0.7)
        moment = int(generator.integers(round(early * count), round(late * count)))
    average: Callable[[np.ndarray], np.ndarray] = lambda x: ema(x, beta)  # noqa: E731
    if cause == "smoothing":
        way = str(generator.choice(WAYS))
        memory = float(generator.uniform(0.85, 0.96))
        average = lambda x: restarted_average(x, moment, way, beta=memory)  # noqa: E731
    shown = average(rows["loss"])
    rows = {**rows, "shown": shown}
    if cause == "logging_gap":
        rows, looks = with_gap(rows, looks, moment, int(generator.integers(50, 110)))
    return _window(rows, looks, moment, generator)


def _window(
    rows: Columns, looks: Columns, moment: int, generator: np.random.Generator
) -> CaseMeasurements:
    """Cut rows and evaluations, and number the rows from 0."""
    start = max(SETTLED, moment - int(generator.integers(40, 111)))
    end = min(len(rows["step"]), moment + int(generator.integers(60, 141)))
    steps = rows["step"]
    among = (looks["step"] >= steps[start]) & (looks["step"] <= steps[end - 1])
    cut = {name: values[start:end] for name, values in rows.items()}
    kept = {name: values[among] for name, values in looks.items()}
    kept["row"] = np.searchsorted(cut["step"], kept["step"]).astype(float)
    shown = cut.pop("shown")
    begins = cut["step"][0]
    cut["step"], kept["step"] = cut["step"] - begins, kept["step"] - begins
    return CaseMeasurements(shown, cut, kept)
