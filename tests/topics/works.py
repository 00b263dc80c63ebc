"""What a worker hands to a method, without a store that keeps anything."""

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any


def nothing(*_: object, **__: object) -> None:
    """Keeps nothing, stops nobody."""


def work_of(request: Mapping[str, Any], check: Callable[[], None] = nothing) -> Any:
    """A run that was asked for with a request."""
    store = SimpleNamespace(event=nothing, set_step=nothing, log=nothing, rewind=nothing)
    return SimpleNamespace(
        run=SimpleNamespace(id="a run", request=request), check=check, store=store
    )
