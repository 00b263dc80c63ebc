"""What the automatic diagnosis reads off a case: named numbers, each from one test.

Sizes are squashed, f(x) = sign(x) ln(1 + |x|), so that one enormous jump does not drown the rest.
`step(x)` is the largest difference of neighbouring means in units of the noise; "early" and "late"
are the first and the last third of the window.
"""

import numpy as np

from plantedu.topics.bump.clinic.cases import CaseMeasurements
from plantedu.topics.bump.clinic.orders import FED, largest_step, moved_off, shifts, top_share

# What each is called, and whether the log alone tells it.
LOGGED = {
    "rate_jump": "largest jump of the learning rate",
    "rows_jump": "largest jump of the rows per step",
    "steps_jump": "largest jump of the step counter",
    "average_broken": "departure of the displayed curve from one average of the raw one",
    "entropy_step": "step of H(q)",
}
EVALUATED = {
    "last_still": "the last part stood still",
    "statistics_still": "the running statistics stood still",
    "pictures_off": "pictures unlike those at the start",
    "agreement_off": "other agreement of the views",
    "rulers_apart_early": "last ruler above the first, early",
    "rulers_apart_late": "last ruler above the first, late",
    "first_change": "change under the first ruler",
    "shown_less_first": "change of the raw loss less that under the first ruler",
    "accuracy_rise": "rise of held-out accuracy",
    "accuracy_gap": "training above held-out accuracy, early",
    "train_rise": "rise of training accuracy",
    "top_share": "share of change in the top tenth of plants",
}
SHAPE = {
    "curve_step": "step of the displayed curve",
    "curve_trend": "trend of the displayed curve",
    "curve_noise": "noise of the displayed curve",
    "curve_curl": "what the displayed curve did after its step",
}
WORDS = {**LOGGED, **EVALUATED, **SHAPE}
CURVE = tuple(SHAPE)
LOG = (*LOGGED, *SHAPE)
FEATURES = tuple(WORDS)


def features(seen: CaseMeasurements) -> np.ndarray:
    """FEATURES of a case, float64, from what could be measured alone."""
    rows, looks = seen.rows, seen.looks
    noise = max(noise_of(rows["loss"]), 1e-6)
    first, last, accuracy = looks["first"], looks["last"], looks["accuracy/test"]
    found = {
        "rate_jump": np.abs(np.diff(np.log(rows["learning_rate"]))).max() * 3,
        "rows_jump": np.abs(np.diff(np.log2(rows["fed/rows"]))).max() * 2,
        "steps_jump": _squashed(np.diff(rows["step"]).max() / np.median(np.diff(rows["step"])) - 1),
        "average_broken": _squashed(average_broken(seen.shown, rows["loss"]) / noise * 10),
        "last_still": 2 * _still(looks["moved/last"]),
        "statistics_still": 2 * _still(looks.get("moved/statistics", np.ones(1))),
        "pictures_off": _squashed(_largest_off(seen, exclude="fed/agreement")),
        "agreement_off": _squashed(_largest_off(seen, only="fed/agreement")),
        "rulers_apart_early": _squashed(10 * np.nanmean(_early(last - first))),
        "rulers_apart_late": _squashed(10 * np.nanmean(_late(last - first))),
        "entropy_step": _squashed(_step(rows["entropy"]) if "entropy" in rows else 0.0),
        "first_change": _squashed(_change(first) / noise),
        "shown_less_first": _squashed((_change(rows["loss"]) - _change(first)) / noise),
        "accuracy_rise": 10 * _change(accuracy),
        "accuracy_gap": 5 * (_early(looks["accuracy/train"]).mean() - _early(accuracy).mean()),
        "train_rise": 10 * _change(looks["accuracy/train"]),
        "top_share": 5 * top_share(shifts(seen.shown, looks)),
        **_of_curve(seen.shown),
    }
    return np.array([float(found[name]) for name in FEATURES])


def _of_curve(shown: np.ndarray) -> dict[str, float]:
    """What the displayed curve alone says."""
    noise, at = max(noise_of(shown), 1e-6), largest_step(shown)
    before, after = shown[max(at - 12, 0) : at].mean(), shown[at : at + 12].mean()
    later = shown[at + 12 :].mean() if len(shown) > at + 12 else after
    return {
        "curve_step": _squashed((after - before) / noise),
        "curve_trend": _squashed(_change(shown) / noise),
        "curve_noise": float(np.log10(noise)),
        "curve_curl": _squashed((later - after) / noise),
    }


def average_broken(shown: np.ndarray, raw: np.ndarray) -> float:
    """How far the displayed curve departs from one exponential average of the raw one, at most.

    Fits beta in shown_t = beta shown_(t-1) + (1 - beta) raw_t by least squares over the window.
    """
    held, came = shown[:-1] - raw[1:], shown[1:] - raw[1:]
    beta = float(held @ came / max(held @ held, 1e-12))
    return float(np.abs(came - beta * held).max())


def noise_of(values: np.ndarray) -> float:
    """Standard deviation of the noise, from differences of neighbours (median absolute)."""
    return float(np.median(np.abs(np.diff(values))) / 0.6745 / np.sqrt(2))


def _squashed(value: float | np.floating) -> float:
    return float(np.sign(value) * np.log1p(abs(value)))


def _early(values: np.ndarray) -> np.ndarray:
    return values[: max(len(values) // 3, 1)]


def _late(values: np.ndarray) -> np.ndarray:
    return values[-max(len(values) // 3, 1) :]


def _change(values: np.ndarray) -> float:
    return float(np.nanmean(_late(values)) - np.nanmean(_early(values)))


def _still(values: np.ndarray) -> float:
    """1 if some evaluations in a row found no move at all, else 0."""
    return float((values < 1e-7).sum() >= 2)


def _step(values: np.ndarray) -> float:
    at = largest_step(values)
    noise = max(noise_of(values), 1e-6)
    return float((values[at : at + 12].mean() - values[max(at - 12, 0) : at].mean()) / noise)


def _largest_off(seen: CaseMeasurements, *, exclude: str = "", only: str = "") -> float:
    """Furthest that the fed pictures went from the first third, in its standard deviations."""
    found = [
        float(np.abs(moved_off(seen.rows[column])[-len(seen.shown) // 3 :]).mean())
        for column in FED
        if column in seen.rows and column != exclude and (not only or column == only)
    ]
    return max(found, default=0.0)
