"""A trial: one method, a fresh planted world, and what it says beside what is there.

A world is a seed. Each trial draws from it cases in which the thing is planted and cases in which
it is not, asks the method, and writes down one `Mark` a case. Nothing in a trial may look at the
truth before the method has answered.

Lesson: 11_report.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Mark:
    """One case.

    Attributes:
        there: Whether the thing was planted.
        said: Whether the method reports it.
        truth: The planted number that `interval` is about; None where the method gives none.
        value: The method's number.
        interval: What the method says about `truth`, at 95 %.
    """

    there: bool
    said: bool
    truth: float | None = None
    value: float | None = None
    interval: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        plain = {"there": bool(self.there), "said": bool(self.said)}
        plain |= {
            k: None if v is None else float(v)
            for k, v in (("truth", self.truth), ("value", self.value))
        }
        ends = self.interval and (float(self.interval[0]), float(self.interval[1]))
        for name, value in {**plain, "interval": ends}.items():
            object.__setattr__(self, name, value)  # numpy's numbers are no JSON

    @property
    def right(self) -> bool:
        return self.there == self.said

    @property
    def covers(self) -> bool | None:
        """Whether the interval holds the truth; None without one."""
        if self.truth is None or self.interval is None:
            return None
        return self.interval[0] <= self.truth <= self.interval[1]


@dataclass(frozen=True)
class Trial:
    """One method's exam.

    Attributes:
        name: What the card calls the method.
        lesson: Stem of the lesson that teaches it.
        reports: What it reports, or does not.
        null: How the thing is absent in half of the cases.
        run: Seed of a world to marks.
        trap: Whether the course warns of this method: it is on the card to be seen failing.
    """

    name: str
    lesson: str
    reports: str
    null: str
    run: Callable[[int], list[Mark]]
    trap: bool = False


def drawn(seed: int, what: str) -> np.random.Generator:
    """The numbers of one world for one subject, the same on every machine."""
    return np.random.default_rng((seed, zlib.crc32(what.encode())))
