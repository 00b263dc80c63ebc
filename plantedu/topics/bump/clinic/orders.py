"""The tests that a learner may order, what each costs and shows.

    1   what is in every log
    3   an evaluation of kept checkpoints, or of kept batches
    5   every plant scored again before and after the largest step of the displayed curve

Every chart has its reference in grey: the displayed loss, a straight line, or the range (mean and
two standard deviations) of the first third of the window.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from plantedu.charts.chart import Drawing
from plantedu.errors import require
from plantedu.topics.bump.clinic.drawings import Line, lines_drawing
from plantedu.topics.bump.clinic.recorded import Columns

TENTH = 0.1
STILL = 1e-7  # drawn for a part that did not move at all


@dataclass(frozen=True)
class Order:
    """A test.

    Attributes:
        name: Its name in code.
        label: How a page calls it.
        price: What it costs.
        shows: What it shows, in a sentence.
    """

    name: str
    label: str
    price: int
    shows: str


TESTS: tuple[Order, ...] = (
    Order("raw", "raw loss", 1, "The loss of every row as it was computed, without any average."),
    Order("rate", "learning rate", 1, "The learning rate of every row."),
    Order("parts", "H(q) and KL", 1, "The two parts of the loss; hard labels have H(q) = 0."),
    Order("steps", "step counter", 1, "The training step that each row was written at."),
    Order("batch", "rows per step", 1, "How many plants or questions a step was computed from."),
    Order("pictures", "what was fed", 3, "Means, contrast and agreement of the pictures fed."),
    Order(
        "first", "first ruler", 3, "Frozen held-out plants, scored as the loss was at the start."
    ),
    Order("last", "last ruler", 3, "Frozen held-out plants, scored as the loss was at the end."),
    Order("modes", "both modes", 3, "The first ruler with batch norm in either mode."),
    Order(
        "accuracy", "accuracy", 3, "On training rows and on held-out ones; a probe, without labels."
    ),
    Order("moved", "what moved", 3, "How far each part moved between two evaluations."),
    Order(
        "plants", "plant by plant", 5, "Each held-out plant's change, and the top tenth's share."
    ),
)
NAMES: tuple[str, ...] = tuple(one.name for one in TESTS)
PARTS = {
    "moved/encoder": "first part",
    "moved/projector": "middle part",
    "moved/last": "last part",
    "moved/statistics": "running statistics",
}
FED = {
    "fed/red": "red",
    "fed/third": "third band",
    "fed/contrast": "contrast",
    "fed/sensors": "difference of views",
    "fed/agreement": "agreement of views",
}


def order(name: str) -> Order:
    """The test of this name.

    Raises:
        PlantEduError: for one that is not there.
    """
    require(name in NAMES, f"No test is called {name!r}; there is {', '.join(NAMES)}.")
    return TESTS[NAMES.index(name)]


def price(ordered: tuple[str, ...]) -> int:
    """What these tests cost together; each is paid once."""
    return sum(order(name).price for name in set(ordered))


def drawing_of(
    test: str, shown: np.ndarray, rows: Columns, looks: Columns, dark: bool = False
) -> Drawing:
    """What a test shows of a case.

    Raises:
        PlantEduError: for a test that is not there.
    """
    order(test)
    return _DRAWN[test](shown, rows, looks, dark)


def _rows_of(values: np.ndarray) -> np.ndarray:
    return np.arange(len(values), dtype=float)


def _range(values: np.ndarray) -> tuple[float, float]:
    """Mean and two standard deviations of the first third."""
    early = values[: max(len(values) // 3, 2)]
    middle, spread = float(np.nanmean(early)), 2 * float(np.nanstd(early))
    return middle - spread, middle + spread


def _ends(name: str, values: np.ndarray) -> str:
    third = max(len(values) // 3, 1)
    start, end = (float(np.nanmean(part)) for part in (values[:third], values[-third:]))
    return f"{name} {start:.3g} in the first third, {end:.3g} in the last"


def _raw(shown: np.ndarray, rows: Columns, looks: Columns, dark: bool) -> Drawing:
    raw, x = rows["loss"], _rows_of(shown)
    said = f"{_ends('Raw loss', raw)}; {_ends('displayed', shown)}. In grey: as displayed."
    held = [("as displayed", x, shown)]
    return lines_drawing([("raw loss", x, raw)], held, "loss, nats", said, dark=dark)


def _rate(shown: np.ndarray, rows: Columns, looks: Columns, dark: bool) -> Drawing:
    rate, x = rows["learning_rate"], _rows_of(shown)
    said = f"{_ends('Learning rate', rate)}. In grey: its range in the first third."
    line = [("learning rate", x, rate)]
    return lines_drawing(line, [], "learning rate", said, dark=dark, band=_range(rate))


def _parts(shown: np.ndarray, rows: Columns, looks: Columns, dark: bool) -> Drawing:
    x = _rows_of(shown)
    entropy = rows.get("entropy", np.zeros_like(shown))
    divergence = rows.get("divergence", rows["loss"])
    said = f"{_ends('H(q)', entropy)}; {_ends('KL', divergence)}. In grey: the displayed loss."
    lines = [("H(q)", x, entropy), ("KL(q||p)", x, divergence)]
    return lines_drawing(lines, [("displayed", x, shown)], "nats", said, dark=dark)


def _steps(shown: np.ndarray, rows: Columns, looks: Columns, dark: bool) -> Drawing:
    steps, x = rows["step"], _rows_of(shown)
    pace = float(np.median(np.diff(steps)))
    widest = float(np.diff(steps).max())
    said = (
        f"Steps over rows: {pace:g} from row to row as a rule, {widest:g} at most. In grey: a "
        "straight line at that pace."
    )
    held = [("even pace", x, x * pace)]
    return lines_drawing([("step", x, steps)], held, "step since the first row", said, dark=dark)


def _batch(shown: np.ndarray, rows: Columns, looks: Columns, dark: bool) -> Drawing:
    fed, x = rows["fed/rows"], _rows_of(shown)
    said = f"{_ends('Rows per step', fed)}. In grey: its range in the first third."
    line = [("rows per step", x, fed)]
    return lines_drawing(line, [], "rows per step", said, dark=dark, band=_range(fed))


def _pictures(shown: np.ndarray, rows: Columns, looks: Columns, dark: bool) -> Drawing:
    x, lines = _rows_of(shown), []
    for column, name in FED.items():
        if column in rows and np.ptp(rows[column]) > 0:
            lines.append((name, x, moved_off(rows[column])))
    if not lines:
        lines, what = [("pictures", x, np.zeros_like(shown))], "No pictures were fed. "
    else:
        what = "; ".join(f"{n} {np.abs(v).max():.1f}" for n, _, v in lines)
        what = f"Furthest from the first third, in its standard deviations: {what}. "
    said = f"{what}In grey: two standard deviations."
    unit = "standard deviations"
    return lines_drawing(lines, [], unit, said, dark=dark, band=(-2.0, 2.0))


def moved_off(values: np.ndarray, width: int = 9) -> np.ndarray:
    """A moving mean in standard deviations of the first third's moving mean."""
    smooth = np.convolve(np.pad(values, width // 2, mode="edge"), np.ones(width) / width, "valid")
    early = values[: max(len(values) // 3, 2)]
    return (smooth - early.mean()) / max(float(early.std()) / np.sqrt(width), 1e-12)


def _ruler(column: str, name: str) -> Callable[[np.ndarray, Columns, Columns, bool], Drawing]:
    def drawn(shown: np.ndarray, rows: Columns, looks: Columns, dark: bool) -> Drawing:
        summary = f"{_ends(name.capitalize(), looks[column])}; {_ends('displayed', shown)}"
        said = f"{summary}. In grey: as displayed."
        held = [("displayed", _rows_of(shown), shown)]
        line = [(name, looks["row"], looks[column])]
        return lines_drawing(line, held, "loss, nats", said, dark=dark)

    return drawn


def _modes(shown: np.ndarray, rows: Columns, looks: Columns, dark: bool) -> Drawing:
    x, lines = looks["row"], []
    for column, name in (("train_mode", "training mode"), ("first", "evaluation mode")):
        lines.append((name, x, looks[column]))
    summary = "; ".join(_ends(name, values) for name, _, values in lines)
    held = [("raw loss", _rows_of(shown), rows["loss"])]
    said = f"On the frozen plants, {summary}. In grey: the raw loss."
    return lines_drawing(lines, held, "loss, nats", said, dark=dark)


def _accuracy(shown: np.ndarray, rows: Columns, looks: Columns, dark: bool) -> Drawing:
    x = looks["row"]
    lines = [
        (f"{k} rows", x, looks[f"accuracy/{c}"])
        for k, c in (("training", "train"), ("held-out", "test"))
    ]
    summary = "; ".join(_ends(name, values) for name, _, values in lines)
    said = f"Share of right answers: {summary}. In grey: the held-out range in the first third."
    band = _range(looks["accuracy/test"])
    return lines_drawing(lines, [], "share of right answers", said, dark=dark, band=band)


def _moved(shown: np.ndarray, rows: Columns, looks: Columns, dark: bool) -> Drawing:
    lines: list[Line] = [
        (name, looks["row"], np.maximum(looks[column], STILL))
        for column, name in PARTS.items()
        if column in looks
    ]
    summary = "; ".join(_ends(name, values) for name, _, values in lines)
    low, high = _range(looks["moved/encoder"])
    said = (
        f"Relative change between two evaluations: {summary}. {STILL:g} is not at all. In grey: "
        "the first part's range in the first third."
    )
    band = (max(low, STILL), max(high, STILL))
    return lines_drawing(lines, [], "relative change", said, dark=dark, band=band, log=True)


def largest_step(shown: np.ndarray, width: int = 12) -> int:
    """The first row at which the displayed curve steps about as much as it ever does.

    A step is the difference of the means of `width` rows either side. Of several rows with more
    than .7 of the largest step, those of the first bout count: what falls and comes back has its
    moment at the fall.
    """
    if len(shown) <= 2 * width:
        return len(shown) // 2
    sums = np.cumsum(np.r_[0.0, shown])
    middle = np.arange(width, len(shown) - width + 1)
    before = (sums[middle] - sums[middle - width]) / width
    after = (sums[middle + width] - sums[middle]) / width
    size = np.abs(after - before)
    large = np.flatnonzero(size > 0.7 * size.max())
    if not len(large):
        return len(shown) // 2
    gaps = np.flatnonzero(np.diff(large) > 1)
    bout = large[: gaps[0] + 1] if len(gaps) else large
    return int(middle[bout[np.argmax(size[bout])]])


def shifts(shown: np.ndarray, looks: Columns) -> np.ndarray:
    """Each plant's change of loss across the largest step, from evaluations just either side."""
    at = int(np.searchsorted(looks["row"], largest_step(shown)))
    at = min(max(at, 1), len(looks["row"]) - 1)
    before, after = looks["plants"][max(at - 2, 0) : at], looks["plants"][at : at + 3]
    return after.mean(0) - before.mean(0)


def top_share(changes: np.ndarray) -> float:
    """Share of the summed absolute change that the most changed tenth of the plants has."""
    size = np.sort(np.abs(changes))[::-1]
    most = max(round(TENTH * len(size)), 1)
    return float(size[:most].sum() / max(size.sum(), 1e-12))


def _plants(shown: np.ndarray, rows: Columns, looks: Columns, dark: bool) -> Drawing:
    changes = np.sort(shifts(shown, looks))
    x = np.arange(len(changes), dtype=float)
    said = (
        f"Change of each of {len(changes)} held-out plants across the largest step of the "
        f"displayed curve, in order: mean {changes.mean():.3g}, {np.mean(changes < 0):.0%} fell. "
        f"The most changed tenth has {top_share(changes):.0%} of all change; an even change would "
        "give it 10%. In grey: no change."
    )
    held = [("no change", x, np.zeros_like(x))]
    line = [("change of loss", x, changes)]
    unit, across = "change of loss, nats", "plants, in order"
    return lines_drawing(line, held, unit, said, dark=dark, across=across)


_DRAWN: dict[str, Callable[[np.ndarray, Columns, Columns, bool], Drawing]] = {
    "raw": _raw,
    "rate": _rate,
    "parts": _parts,
    "steps": _steps,
    "batch": _batch,
    "pictures": _pictures,
    "first": _ruler("first", "first ruler"),
    "last": _ruler("last", "last ruler"),
    "modes": _modes,
    "accuracy": _accuracy,
    "moved": _moved,
    "plants": _plants,
}
