"""Recorded results that wait for a bet: while one of a tab is open, nobody reads them there.

What a learner measures by themselves is never folded.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from plantedu.errors import require

WAITS = "The recorded result opens when the bet that it settles is locked."
_FOLDED: ContextVar[bool] = ContextVar("folded", default=False)


@contextmanager
def folded(waits: bool) -> Iterator[None]:
    """Recorded results are refused inside, where a bet waits."""
    before = _FOLDED.set(waits)
    try:
        yield
    finally:
        _FOLDED.reset(before)


def waits() -> bool:
    """Whether a bet waits here."""
    return _FOLDED.get()


def check() -> None:
    """Say that a recorded result waits.

    Raises:
        PlantEduError: where it does.
    """
    require(not waits(), WAITS)
