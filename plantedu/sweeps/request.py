"""What is asked of a sweep, and its bar: the time left as finished rows teach it."""

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro
from tqdm import tqdm

from plantedu.store.store import Store
from plantedu.sweeps.grid import GridRow
from plantedu.sweeps.pool import run_of

DRAW_EVERY = 1.0  # seconds between two pictures of the bar


@dataclass(frozen=True)
class Sweep:
    """Do every row of a grid; what is done already is not done again.

    Attributes:
        grid: A JSON file: kind, base, grid, seeds.
        engine: "local" for processes here, "ray" for the nodes of a Ray cluster.
        at_once: Rows at a time.
        threads: Threads of each row; by default OMP_NUM_THREADS, else the cores shared evenly.
        retry: Try rows again that failed or were cancelled.
        dry_run: Check all rows, say what they cost, start nothing.
        out: Write the table to this CSV file.
        results: Folder that all nodes of a Ray cluster share, for finished rows.
        address: The Ray cluster; by default one is started on this machine.
        json: Print the result as one JSON object on the last line.
    """

    grid: Annotated[Path, tyro.conf.Positional, tyro.conf.arg(metavar="GRID")]
    engine: Literal["local", "ray"] = "local"
    at_once: int = 1
    threads: int = 0
    retry: bool = False
    dry_run: bool = False
    out: Path | None = None
    results: Path | None = None
    address: str = ""
    json: bool = False


def threads_each(chosen: Sweep) -> int:
    """Threads of each row."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    shared = max(1, (os.cpu_count() or 1) // chosen.at_once)
    return chosen.threads or (int(asked) if asked.isdecimal() and int(asked) else shared)


class Progress:
    """A bar over the whole sweep, with the time left as finished rows teach it."""

    def __init__(self, store: Store, priced: list[tuple[GridRow, float]], at_once: int) -> None:
        from plantedu.sweeps.cost import Pace

        self.store, self.pace = store, Pace(at_once)
        self.cost = {row.key: (row, seconds) for row, seconds in priced}
        self.open, self.drawn = set(self.cost), 0.0
        self.rows, self.total = len(priced), sum(seconds for _, seconds in priced)
        self.bar: tqdm[Any] = tqdm(
            total=self.total,
            file=sys.stderr,
            bar_format="{desc} |{bar}| {percentage:3.0f} %{postfix}",
        )
        self.look({})

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        self.look({})
        self.bar.close()

    def look(self, busy: dict[str, GridRow]) -> None:
        """Show what is done by now; rows in hand count by their steps."""
        for key in list(self.open - set(busy)):
            run = run_of(self.store, self.cost[key][0])
            if run is not None and run.state == "done":
                self.open.discard(key)
                self.pace.learn(self.cost[key][1], float((run.result or {}).get("seconds") or 0))
        left = sum(self.cost[key][1] * (1 - self._share(key, busy)) for key in self.open)
        self.bar.n = min(self.total - left, self.total)
        self.bar.set_description_str(
            f"{self.rows - len(self.open)}/{self.rows} rows", refresh=False
        )
        self.bar.set_postfix_str(f"{clock(self.pace.left(left))} left", refresh=False)
        if time.monotonic() - self.drawn > DRAW_EVERY or not self.open:
            self.drawn = time.monotonic()
            self.bar.refresh()

    def _share(self, key: str, busy: dict[str, GridRow]) -> float:
        run = run_of(self.store, busy[key]) if key in busy else None
        return run.step / run.steps if run is not None and run.steps else 0.0


def clock(seconds: float) -> str:
    """Seconds as h:mm:ss."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"
