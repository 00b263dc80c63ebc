"""A progress bar for a run, whether it works here or in another process."""

import sys
import time
from types import TracebackType
from typing import Any

from tqdm import tqdm

from plantedu.jobs import launch
from plantedu.store.run import Run
from plantedu.store.store import Store

SHOWN = {"loss": "loss", "probe/disease/both": "disease"}


class Bar:
    """Steps done, with the loss and the disease probe behind them; on standard error."""

    def __init__(self, steps: int, *, start: int = 0) -> None:
        self.bar: tqdm[Any] = tqdm(
            total=steps, initial=start, unit="step", file=sys.stderr, dynamic_ncols=True
        )
        self.values: dict[str, str] = {}

    def __enter__(self) -> "Bar":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.bar.close()

    def move(self, step: int, values: dict[str, float]) -> None:
        """Show a step and, where they are known, its numbers."""
        self.values |= {SHOWN[k]: f"{v:.3f}" for k, v in values.items() if k in SHOWN}
        self.bar.set_postfix(self.values, refresh=False)
        self.bar.update(step - self.bar.n)


def follow(store: Store, run_id: str) -> Run:
    """Watch a run that works elsewhere until it stops, and see to it that somebody does it."""
    with Bar(store.run(run_id).steps) as bar:
        while (run := store.run(run_id)).state in ("queued", "running"):
            launch.see_to(run, store=store)
            bar.bar.total = run.steps or None
            series = store.metrics(run_id, list(SHOWN), after_step=run.step - 100)
            bar.move(run.step, {name: float(s.values[-1]) for name, s in series.items()})
            time.sleep(0.5)
        bar.move(run.step, {})
    return run
