"""A run in the hands of a worker: how its job learns that it should stop."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from plantedu.store.run import Run
from plantedu.store.store import Store


class StoppedError(Exception):
    """A job ended because it was asked to; `reason` is "cancel", "pause" or "lost"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Wishes(Protocol):
    """What is asked of a run while it goes on: "cancel", "pause", "lost", or "" for nothing."""

    @property
    def wish(self) -> str:
        """The word of now."""
        ...


@dataclass(frozen=True)
class NoWishes:
    """Nobody asks anything of the run."""

    wish: str = ""


@dataclass(frozen=True)
class Work:
    """A run in a worker's hands, and what is asked of it."""

    store: Store
    run: Run
    wishes: Wishes

    def check(self) -> None:
        """Stop here if somebody wishes it.

        Raises:
            StoppedError: on cancel, pause, or when the run is not this worker's any more.
        """
        if self.wishes.wish:
            raise StoppedError(self.wishes.wish)


Job = Callable[[Work], dict[str, Any]]
