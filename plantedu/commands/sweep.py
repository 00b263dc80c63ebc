"""`python -m plantedu sweep GRID.json`: many runs from one grid, resumable.

Ctrl-C pauses the rows in hand; the same command goes on. Rows that the store has done by the same
code are not done again. `--dry-run` checks every row and says what the sweep will cost.

Exit 0: all rows done. Exit 1: some are not. Exit 2: the grid cannot be. Exit 130: paused.
"""

import json
import sys
from collections.abc import Callable

import tyro

from plantedu.errors import PlantEduError, require
from plantedu.jobs.threads import share_cores
from plantedu.output_paths import check_file, check_folder
from plantedu.store.store import Store
from plantedu.sweeps.grid import Grid, GridRow, read_grid, rows_of, settings_in_words
from plantedu.sweeps.pool import Pool, Rows, in_lineage, run_of, settled
from plantedu.sweeps.request import Progress, Sweep, clock, threads_each
from plantedu.sweeps.table import Outcome, as_json, outcome, text, write_table


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
        from plantedu.sweeps.cost import check_encoders, longest_first

        check_encoders(todo)
        priced = longest_first(rows)
        if chosen.dry_run:
            return planned(chosen, store, priced, len(todo))
        finished = engine(chosen)(chosen, store, priced)
    outcomes = [outcome(row, run_of(store, row)) for row in rows]
    store.close()
    return ended(chosen, grid, outcomes, finished)


def engine(chosen: Sweep) -> Callable[[Sweep, Store, list[tuple[GridRow, float]]], bool]:
    """What does the rows."""
    if chosen.engine == "local":
        return here
    from plantedu.sweeps.ray_engine import on_ray

    return on_ray


def here(chosen: Sweep, store: Store, priced: list[tuple[GridRow, float]]) -> bool:
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


def planned(chosen: Sweep, store: Store, priced: list[tuple[GridRow, float]], todo: int) -> int:
    """Say what a sweep would do."""
    store.close()
    seconds = sum(cost for _, cost in priced)
    found = {"rows": len(priced), "to_do": todo, "estimated_seconds": round(seconds, 1)}
    found["plan"] = [{"settings": row.settings, "seconds": round(c, 1)} for row, c in priced]
    lines = [
        f"{cost:8.0f} s  {settings_in_words(row.settings) or row.name}" for row, cost in priced
    ]
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
