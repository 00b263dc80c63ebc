"""A run in the hands of a worker: how its job learns that it should stop."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plantedu.store.paths import home
from plantedu.store.run import Run
from plantedu.store.store import Store


class StoppedError(Exception):
    """A job ended because it was asked to; `reason` is "cancel", "pause" or "lost"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Work:
    """A run in a worker's hands; `wishes.wish` says whether it should stop."""

    store: Store
    run: Run
    wishes: Any

    def check(self) -> None:
        """Stop here if somebody wishes it.

        Raises:
            StoppedError: on cancel, pause, or when the run is not this worker's any more.
        """
        if self.wishes.wish:
            raise StoppedError(self.wishes.wish)


Job = Callable[[Work], dict[str, Any]]


def bank_folder() -> Path:
    """Where rendered pairs are kept between runs."""
    return home() / "bank"
