"""How a log shows a loss: averages, and the two artefacts of a record.

    ema      a_t = beta a_(t-1) + (1 - beta) x_t,   shown a_t / (1 - beta^t)
    mean     shown = mean of all since the start

Artefacts leave the training as it was: `restarted_average` changes what is shown, `with_gap` what
is written down.
"""

import numpy as np

from plantedu.errors import require
from plantedu.topics.bump.clinic.recorded import Columns

WAYS = ("reset to zero", "mean since start", "shorter memory")


def ema(values: np.ndarray, beta: float, *, from_zero: bool = False) -> np.ndarray:
    """Exponential moving average of a series, without its start-up lag unless `from_zero`."""
    require(0 <= beta < 1, f"An average forgets with beta from 0 to below 1, got {beta}.")
    shown, kept = np.empty_like(values), 0.0
    for t, value in enumerate(values):
        kept = beta * kept + (1 - beta) * value
        shown[t] = kept if from_zero else kept / (1 - beta ** (t + 1))
    return shown


def running_mean(values: np.ndarray) -> np.ndarray:
    """Mean of all values up to each."""
    return np.cumsum(values) / np.arange(1, len(values) + 1)


def restarted_average(values: np.ndarray, row: int, way: str, *, beta: float) -> np.ndarray:
    """What a log shows whose average is restarted, or changed, at a row.

    Args:
        values: Raw loss by row.
        row: First row that is averaged anew.
        way: One of WAYS.
        beta: Memory of the average.

    Raises:
        PlantEduError: for another way.
    """
    require(way in WAYS, f"An average is restarted by {', '.join(WAYS)}; got {way!r}.")
    before, after = values[:row], values[row:]
    if way == "mean since start":
        return np.concatenate([running_mean(before), running_mean(after)])
    if way == "reset to zero":
        return np.concatenate([ema(before, beta), ema(after, beta, from_zero=True)])
    long, short = ema(values, 0.99), ema(values, 0.6)
    return np.concatenate([long[:row], short[row:]])


def with_gap(rows: Columns, looks: Columns, row: int, length: int) -> tuple[Columns, Columns]:
    """The same record with `length` rows missing from `row` on, and the evaluations among them."""
    steps = rows["step"]
    last = min(row + length, len(steps) - 1)
    lost = (looks["step"] > steps[row - 1]) & (looks["step"] < steps[last])
    kept = np.r_[0:row, last : len(steps)]
    return (
        {name: values[kept] for name, values in rows.items()},
        {name: values[~lost] for name, values in looks.items()},
    )
