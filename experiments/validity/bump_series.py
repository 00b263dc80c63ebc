"""Series of known kind for `bump_power`: trends, noise, steps and turns.

A series is a trend with noise, logged every so many steps. The noise's sd is that of the logged
series about its trend, autocorrelation included. Kinds of noise:

    white      logged every 10 steps
    ar         AR(1), rho = .8 from row to row, logged every 10 steps
    ema 50     white noise and the step itself go through an EMA(.98) of every step, as the
               published library's logger does, and every 50th value is logged
    ema 1      the same with every value logged: the noise forgets over some 50 rows, and so
               arrives the step

    t3, laplace    AR(1), rho = .8 with Student's t of 3 degrees, rho = .6 with Laplace innovations
    cauchy         white, half of a Cauchy
    bursts         white, two to five times 3 to 8 times as loud for 5 to 40 rows
"""

from collections.abc import Callable

import numpy as np
import scipy.signal

BETA = 0.98
EVERY = {"white": 10, "ar": 10, "ema 50": 50, "ema 1": 1}
SHORT = ("t3", "laplace", "cauchy", "bursts", "short", "short ar", "white short")
EVERY |= dict.fromkeys(SHORT, 1)
ROWS = {"white": 600, "ar": 600, "ema 50": 600, "ema 1": 1500}
ROWS |= dict.fromkeys(SHORT, 400)

Trend = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def ema(values: np.ndarray) -> np.ndarray:
    """The moving average of every step, begun at the first value."""
    state = scipy.signal.lfiltic([1 - BETA], [1, -BETA], [values[0]])
    return scipy.signal.lfilter([1 - BETA], [1, -BETA], values, zi=state)[0]


def noise(kind: str, rows: int, generator: np.random.Generator) -> np.ndarray:
    """Logged noise of unit marginal sd, "rows"."""
    if kind in ("white", "white short"):
        return generator.standard_normal(rows)
    if kind == "short":
        return remembering(generator.standard_normal(rows + 200), generator.choice([0.0, 0.6]))
    if kind == "bursts":
        return generator.standard_normal(rows) * bursts(rows, generator)
    if kind == "cauchy":
        return 0.5 * generator.standard_cauchy(rows)
    if kind == "t3":
        return remembering(generator.standard_t(3, rows + 200) / np.sqrt(3), 0.8)
    if kind == "laplace":
        return remembering(generator.laplace(size=rows + 200) / np.sqrt(2), 0.6)
    if kind in ("ar", "short ar"):
        return remembering(generator.standard_normal(rows + 200), 0.8 if kind == "ar" else 0.4)
    every, before = EVERY[kind], 500
    white = generator.standard_normal(before + rows * every)
    return ema(white)[before::every][:rows] * np.sqrt((1 + BETA) / (1 - BETA))


def remembering(white: np.ndarray, rho: float) -> np.ndarray:
    """AR(1) of unit sd, without its first 200 rows."""
    return np.asarray(scipy.signal.lfilter([np.sqrt(1 - rho**2)], [1, -rho], white))[200:]


def bursts(rows: int, generator: np.random.Generator) -> np.ndarray:
    """How loud each row is, "rows"."""
    loud = np.ones(rows)
    for _ in range(generator.integers(2, 6)):
        start = generator.integers(0, rows - 10)
        loud[start : start + generator.integers(5, 40)] = generator.uniform(3, 8)
    return loud


def stepped(kind: str, rows: int, at: int) -> np.ndarray:
    """A unit step at a step of the run, as it is logged, "rows"."""
    every = EVERY[kind]
    if not kind.startswith("ema"):
        return (np.arange(rows) * every >= at).astype(float)
    return ema((np.arange(rows * every) >= at).astype(float))[::every]


def power_law(t: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """2 + 5 (1 + a t)^-b; t counts rows."""
    return 2 + 5 * (1 + generator.uniform(0.05, 1) * t) ** -generator.uniform(0.2, 0.8)


def exponential(t: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """1 + 4 exp(-t / T), T from a thirtieth of the run to the whole."""
    return 1 + 4 * np.exp(-t / (len(t) / generator.uniform(1, 30)))


def slow_sigmoid(t: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """A fall by 2 whose 10 to 90 % take 150 to 250 rows."""
    width = generator.uniform(150, 250) / 4.4
    return 3 - 2 / (1 + np.exp(-(t - len(t) * generator.uniform(0.3, 0.7)) / width))


def one_cycle(rows: int) -> np.ndarray:
    """Noise as large as a one-cycle learning rate: a twentieth, its peak at a quarter, nearly 0."""
    t = np.arange(rows) / rows
    up = 0.05 + 0.95 * (1 - np.cos(np.pi * t / 0.25)) / 2
    return np.where(t < 0.25, up, 0.02 + 0.98 * (1 + np.cos(np.pi * (t - 0.25) / 0.75)) / 2)


TRENDS: dict[str, Trend] = {
    "power law": power_law,
    "exponential": exponential,
    "slow sigmoid": slow_sigmoid,
}


def turned(turn: str, rows: int, generator: np.random.Generator) -> np.ndarray:
    """A kink, or a relaxation as after a drop of the learning rate, in sd of the noise, "rows"."""
    t = np.arange(rows, dtype=float)
    since = np.maximum(t - generator.uniform(0.2, 0.8) * rows, 0.0)
    if turn == "kink":
        slope = generator.uniform(20, 100) * generator.uniform(0.5, 3) * generator.choice([-1, 1])
        return slope * since / rows
    tau = np.exp(generator.uniform(np.log(14), np.log(60)))
    return generator.uniform(5, 60) * np.expm1(-since / tau)


def curve_of(
    kind: str, trend: str, generator: np.random.Generator, *, cycle: bool = False
) -> tuple[np.ndarray, float]:
    """A smooth series and the sd of its noise, from 1/1000 to 1/50 of the trend's range."""
    rows = ROWS[kind]
    smooth = TRENDS[trend](np.arange(rows, dtype=float), generator)
    sd = float(np.ptp(smooth)) * np.exp(generator.uniform(np.log(1e-3), np.log(2e-2)))
    return smooth + sd * noise(kind, rows, generator) * (one_cycle(rows) if cycle else 1), sd
