"""Rows of a sweep on the nodes of a Ray cluster; the extra `plantedu[ray]`.

Each row is one Ray task. A node works in a store of its own on its local disk, since SQLite on a
network disk is unsafe, and puts the finished row as a recording into the results folder, in one
step. This process takes it from there into its store. So a node may die at any moment: Ray does
its rows in progress again elsewhere, from their start, and what has been finished stays.

Without an address a Ray is started on this machine alone, which listens on 127.0.0.1 only.

Source: Moritz et al. 2018, arXiv:1712.05889 (Ray) [moritz2018].
"""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from plantedu.errors import PlantEduError, require
from plantedu.extras import extra
from plantedu.jobs.heartbeat import Heart
from plantedu.jobs.worker import do, new_worker
from plantedu.store.recording import export_run, read_recording
from plantedu.store.run import Run
from plantedu.store.store import Store
from plantedu.sweeps.grid import GridRow
from plantedu.sweeps.pool import OTHER_CODE, claim, run_of, settled
from plantedu.sweeps.request import Progress, Sweep, threads_each
from plantedu.training.checkpoints import checkpoint_path

RETRIES = 20  # how often a row may lose its node
STORE_BYTES = 100_000_000  # for what Ray passes around; rows pass next to nothing
RECORD, WEIGHTS = "row.json", "last.safetensors"


def load_ray(*, here: bool = False) -> Any:
    """Ray, without telling anybody that it is used.

    Args:
        here: Listen on 127.0.0.1 only, as Ray does by itself on macOS and Windows.

    Raises:
        PlantEduError: where it is not installed.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # rows may see the GPU
    if here:
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # read when ray is imported
    with extra("ray", "The engine local needs nothing more."):
        import ray
    return ray


@contextmanager
def cluster(address: str, cpus: int) -> Iterator[Any]:
    """A Ray: the one at an address, or one on this machine that ends with the body.

    Raises:
        PlantEduError: where Ray is missing, there is none at the address, or a local one would
            listen to other machines.
    """
    ray = load_ray(here=not address)
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    alone = {"num_cpus": cpus, "include_dashboard": False, "object_store_memory": STORE_BYTES}
    try:
        ray.init(address=address or "local", **quiet, **({} if address else alone))
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise PlantEduError(f"No Ray could be reached at {address or 'local'}: {error}") from error
    try:
        shown = {node["NodeManagerAddress"] for node in ray.nodes()}
        require(
            bool(address) or shown == {"127.0.0.1"},
            f"Ray listens on {', '.join(shown)}, which other machines may reach; it was stopped.",
        )
        yield ray
    finally:
        ray.shutdown()


def on_ray(chosen: Sweep, store: Store, priced: list[tuple[GridRow, float]]) -> bool:
    """Do the rows on a cluster; False if Ctrl-C stopped it.

    Raises:
        PlantEduError: where Ray is missing, nodes run another version of the code, or rows start
            from a run of this store.
    """
    own = [row.name for row, _ in priced if row.parent]
    require(
        not own,
        f"{own[:1]} starts from a run of this store, which nodes have not: use --engine local.",
    )
    threads = threads_each(chosen)
    folder = (chosen.results or store.path.parent / "sweeps").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    rows = [row for row, _ in priced if not settled(run_of(store, row), retry=chosen.retry)]
    rows = [row for row in rows if chosen.retry or not take_in(store, row, folder)]
    try:
        with Progress(store, priced, chosen.at_once) as bar:
            if rows:
                with cluster(chosen.address, chosen.at_once * threads) as ray:
                    _collect(ray, rows, store, folder, threads, bar)
    except KeyboardInterrupt:
        print("stopped; finished rows are kept, the same command goes on.", file=sys.stderr)
        return False
    return True


def _collect(
    ray: Any, rows: list[GridRow], store: Store, folder: Path, threads: int, bar: Progress
) -> None:
    """Hand out all rows and take each in as it comes back."""
    task = ray.remote(num_cpus=threads, max_retries=RETRIES)(do_row)
    open_rows = {
        task.remote(row.as_json(), row.key, str(folder), threads): row for row in rows
    }  # Ray does them in this order
    while open_rows:
        done, _ = ray.wait(list(open_rows), timeout=1.0)
        for reference in done:
            row = open_rows.pop(reference)
            try:
                said = ray.get(reference)
            except ray.exceptions.RayError as error:
                print(f"{row.name}: {type(error).__name__}, {error}", file=sys.stderr)
                continue
            require(said != OTHER_CODE, OTHER_CODE)
            take_in(store, row, folder)
        bar.look({})


def do_row(words: dict[str, Any], key: str, folder: str, threads: int) -> str:
    """On a node: do a row unless it is finished, and put it into the results folder."""
    import torch

    row, place = GridRow(**words), Path(folder) / key[:16]
    if row.key != key:
        return OTHER_CODE
    if (place / RECORD).is_file():
        return "done"
    os.environ["PLANTEDU_HOME"] = str(node_home())
    torch.set_num_threads(threads)
    store, worker = Store(), new_worker("ray")
    try:
        with Heart(store, worker) as heart:
            run = claim(store, row, worker)
            if run.worker == worker and not run.over:
                do(store, run, heart)
        put(store, store.run(run.id), place)
        return store.run(run.id).state
    finally:
        store.close()


def node_home() -> Path:
    """Where this node keeps its store and its rendered pairs: on its own disk."""
    ray = load_ray()
    node = ray.get_runtime_context().get_node_id()
    home = Path(tempfile.gettempdir()) / "plantedu-ray" / node
    home.mkdir(parents=True, exist_ok=True)
    return home


def put(store: Store, run: Run, place: Path) -> None:
    """Write a run that is over into the results folder: all of it or nothing."""
    part = place.with_name(f".{place.name}-{uuid4().hex}.part")
    part.mkdir(parents=True)
    if store.metric_names(run.id):
        export_run(store, run.id, part / "recording", title=run.name)
    last = checkpoint_path(store.folder(run.id), run.step)
    if last.is_file():
        shutil.copyfile(last, part / WEIGHTS)
    record = {"state": run.state, "error": run.error, "step": run.step, "steps": run.steps}
    record |= {"result": run.result, "packages": run.packages}
    (part / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    if (place / RECORD).is_file():  # somebody else was quicker
        shutil.rmtree(part)
    else:
        shutil.rmtree(place, ignore_errors=True)
        os.replace(part, place)


def take_in(store: Store, row: GridRow, folder: Path) -> bool:
    """Take a finished row from the results folder into the store; whether it was there.

    Raises:
        PlantEduError: if what lies there is damaged; removing its folder has it done again.
    """
    place = Path(folder) / row.key[:16]
    if not (place / RECORD).is_file():
        return False
    try:
        record = json.loads((place / RECORD).read_text(encoding="utf-8"))
        end, step = (
            {"done": store.finish, "failed": store.fail}[record["state"]],
            int(record["step"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PlantEduError(f"{place} is damaged ({error}); remove it and try again.") from error
    worker = new_worker("ray")
    run = claim(store, row, worker)
    if run.worker != worker or run.over:
        return True
    store.rewind(run.id, -1)
    if (place / "recording").is_dir():
        recorded = read_recording(place / "recording")
        store.log(run.id, recorded.metrics(), step=step, events=recorded.events())
    if (place / WEIGHTS).is_file():
        kept = checkpoint_path(store.folder(run.id), step)
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(place / WEIGHTS, kept)
    store.set_step(run.id, step, int(record["steps"]))
    end(run.id, record["result"] if record["state"] == "done" else record["error"], worker=worker)
    return True
