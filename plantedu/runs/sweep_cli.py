"""`python -m plantedu sweep GRID.json`: many runs from one grid, resumable.

Ctrl-C pauses the rows in hand; the same command goes on. Rows that the store has done by the same
code are not done again. `--dry-run` checks every row and says what the sweep will cost.

Exit 0: all rows done. Exit 1: some are not. Exit 2: the grid cannot be. Exit 130: paused.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro
from tqdm import tqdm

from plantedu.errors import PlantEduError, require
from plantedu.outputs import check_file, check_folder
from plantedu.runs.store import Store
from plantedu.runs.sweep import Grid, Row, read_grid, rows_of, told
from plantedu.runs.sweep_local import Pool, Rows, in_lineage, run_of, settled
from plantedu.runs.sweep_table import Outcome, as_json, outcome, text, write_table
from plantedu.runs.threads import share_cores

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


def main(argv: list[str]) -> int:
    """Run a sweep.

    Raises:
        PlantEduError: for a grid that cannot be; with `--json` it is printed as {"error": ...}
            instead, and 2 is returned.
    """
    share_cores()
    try:
        chosen = tyro.cli(
            Sweep,
            prog="python -m plantedu sweep",
            args=argv,
            config=(tyro.conf.FlagCreatePairsOff,),
        )
        return sweep(chosen)
    except PlantEduError as error:
        if "--json" not in argv:
            raise
        print(f"plantedu sweep: {error}", file=sys.stderr)
        print(json.dumps({"error": str(error)}))
        return 2


def sweep(chosen: Sweep) -> int:
    """Check, price, do and report; the exit code."""
    check_file(chosen.out, like="table.csv")
    check_folder(chosen.results)
    require(chosen.at_once >= 1, f"--at-once must be at least 1, got {chosen.at_once}.")
    require(chosen.threads >= 0, f"--threads must be at least 1, got {chosen.threads}.")
    grid = read_grid(chosen.grid)
    store = Store()
    rows = [in_lineage(store, row) for row in rows_of(grid)]
    todo = [row for row in rows if not settled(run_of(store, row), retry=chosen.retry)]
    finished = True
    if todo or chosen.dry_run:
        from plantedu.runs.sweep_cost import check_encoders, longest_first

        check_encoders(todo)
        priced = longest_first(rows)
        if chosen.dry_run:
            return planned(chosen, store, priced, len(todo))
        finished = engine(chosen)(chosen, store, priced)
    outcomes = [outcome(row, run_of(store, row)) for row in rows]
    store.close()
    return ended(chosen, grid, outcomes, finished)


def engine(chosen: Sweep) -> Callable[[Sweep, Store, list[tuple[Row, float]]], bool]:
    """What does the rows."""
    if chosen.engine == "local":
        return here
    from plantedu.runs.sweep_ray import on_ray

    return on_ray


def here(chosen: Sweep, store: Store, priced: list[tuple[Row, float]]) -> bool:
    """Do the rows in processes of this machine, under a bar."""
    threads = threads_each(chosen)
    rows = Rows(store, [row for row, _ in priced], retry=chosen.retry)
    print(
        f"{chosen.at_once} rows at a time, {threads} threads each; Ctrl-C pauses, the same "
        "command goes on; the live page shows each run.",
        file=sys.stderr,
    )
    with Progress(store, priced, chosen.at_once) as bar:
        return Pool(rows, at_once=chosen.at_once, threads=threads).run(
            lambda: bar.look(dict(rows.busy))
        )


def threads_each(chosen: Sweep) -> int:
    """Threads of each row."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    shared = max(1, (os.cpu_count() or 1) // chosen.at_once)
    return chosen.threads or (int(asked) if asked.isdecimal() and int(asked) else shared)


class Progress:
    """A bar over the whole sweep, with the time left as finished rows teach it."""

    def __init__(self, store: Store, priced: list[tuple[Row, float]], at_once: int) -> None:
        from plantedu.runs.sweep_cost import Pace

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

    def look(self, busy: dict[str, Row]) -> None:
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

    def _share(self, key: str, busy: dict[str, Row]) -> float:
        run = run_of(self.store, busy[key]) if key in busy else None
        return run.step / run.steps if run is not None and run.steps else 0.0


def clock(seconds: float) -> str:
    """Seconds as h:mm:ss."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def planned(chosen: Sweep, store: Store, priced: list[tuple[Row, float]], todo: int) -> int:
    """Say what a sweep would do."""
    store.close()
    seconds = sum(cost for _, cost in priced)
    found = {"rows": len(priced), "to_do": todo, "estimated_seconds": round(seconds, 1)}
    found["plan"] = [{"settings": row.settings, "seconds": round(c, 1)} for row, c in priced]
    lines = [f"{cost:8.0f} s  {told(row.settings) or row.name}" for row, cost in priced]
    lines.append(
        f"{len(priced)} rows, {todo} to do; all of them about {clock(seconds)} on one core "
        "(an estimate before the first row has run). Nothing was started."
    )
    print(json.dumps(found) if chosen.json else "\n".join(lines))
    return 0


def ended(chosen: Sweep, grid: Grid, outcomes: list[Outcome], finished: bool) -> int:
    """Say what came of the sweep; the exit code."""
    if chosen.out is not None:
        write_table(outcomes, chosen.out)
    done = sum(each.state == "done" for each in outcomes)
    if chosen.json:
        said = {"sweep": grid.name, "kind": grid.kind, "done": done, "rows": as_json(outcomes)}
        print(json.dumps(said))
    else:
        print(text(outcomes))
        print(f"{done} of {len(outcomes)} rows done." + ("" if finished else " Paused."))
    return 130 if not finished else 0 if done == len(outcomes) else 1
