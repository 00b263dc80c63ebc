"""What workers can do: one function for each kind of run.

A job gets its `Work` and returns the run's result, plain JSON. It looks at `work.check()` as often
as it can. Analyses are found by their file: a module of `plantedu/analysis` with a `job`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import plantedu
from plantedu.errors import PlantEduError
from plantedu.store.paths import home
from plantedu.store.run import Metric, Run
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


def train(work: Work, *watching: Any) -> dict[str, Any]:
    """Pretrain as the request's recipe says, from the run's newest checkpoint if it has one."""
    import torch

    from plantedu.jobs.recorder import recording
    from plantedu.store.lineage import resolved, start_file
    from plantedu.training.checkpoints import newest_checkpoint
    from plantedu.training.crop_preview import CropStrip
    from plantedu.training.pretrain import train as pretrain
    from plantedu.training.recipe import Recipe

    store, run = work.store, work.run
    folder = store.folder(run.id)
    kept = newest_checkpoint(folder)
    if kept is None:
        recipe = Recipe.from_json(resolved(store, run.request)[0])
        run_file = start_file(store, recipe.start)
    else:  # what it started from is in it, wherever that is now
        began = kept[1]["recipe"].get("start", "scratch")
        recipe, run_file = Recipe.from_json({**run.request, "start": began}), None
    with recording(work, kept, checkpoint_every=recipe.checkpoint_every) as recorder:
        result = pretrain(
            recipe,
            bank_folder=bank_folder(),
            observers=[*watching, CropStrip(folder), recorder],
            resume=kept,
            run_file=run_file,
        )
    if result["ended"] != "done":
        raise StoppedError(result["ended"])
    told = {"seconds": recorder.seconds, "threads": torch.get_num_threads()}
    return result | told | {"last": last_values(store, run.id)}


def last_values(store: Store, run_id: str) -> dict[str, Any]:
    """The last value of every metric, with its band; a stopped and resumed run has them all."""
    found = {}
    for name, series in store.metrics(run_id).items():
        value, low, high = (float(x[-1]) for x in (series.values, series.lows, series.highs))
        found[name] = value if low != low else [value, low, high]
    return found


def find_lr(work: Work) -> dict[str, Any]:
    """Raise the learning rate over several seeds; what each rule reads off the curves."""
    from plantedu.commands.find_lr import job

    return job(work)


def finetune(work: Work) -> dict[str, Any]:
    """Train a classifier from an encoder, and score it on fresh plants."""
    from plantedu.commands.finetune import job

    return job(work)


def denoise(work: Work) -> dict[str, Any]:
    """Train a denoiser on what frozen encoders say."""
    from plantedu.commands.denoise import job

    return job(work)


def ping(work: Work) -> dict[str, Any]:
    """Count to `steps`, `seconds` apart: shows that store, worker and page talk to each other.

    It holds `bytes` of memory meanwhile, to show what a limit does.
    """
    steps, seconds = int(work.run.request["steps"]), float(work.run.request["seconds"])
    work.store.rewind(work.run.id, work.run.step)
    kept = b"x" * int(work.run.request.get("bytes", 0))
    for step in range(work.run.step + 1, steps + 1):
        time.sleep(seconds)
        work.store.log(work.run.id, [Metric(step, "ping", float(step))], step=step)
        work.check()
    del kept
    return {"steps": steps}


JOBS: dict[str, Job] = {
    "train": train,
    "find_lr": find_lr,
    "finetune": finetune,
    "denoise": denoise,
    "ping": ping,
}


def job_for(kind: str) -> Job:
    """The function that does runs of this kind.

    Raises:
        PlantEduError: for a kind that nothing here can do.
    """
    if kind in JOBS:
        return JOBS[kind]
    folder = Path(plantedu.__file__).parent / "analysis"
    if kind in {path.stem for path in folder.glob("*.py")}:
        job = getattr(import_module(f"plantedu.analysis.{kind}"), "job", None)
        if job is not None:
            return job
    raise PlantEduError(
        f"No worker here can do {kind!r}; they can do {', '.join(JOBS)} and the analyses."
    )


def bank_folder() -> Path:
    """Where rendered pairs are kept between runs."""
    return home() / "bank"
