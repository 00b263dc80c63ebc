"""What workers can do: one function for each kind of run.

A job gets its `Work` and returns the run's result, plain JSON. It looks at `work.check()` as often
as it can. Trainings are in `jobs.trainings`; the methods of the course in `topics.methods`.
"""

import time
from importlib import import_module
from typing import Any

from plantedu.errors import PlantEduError
from plantedu.store.run import Metric
from plantedu.store.work import Job, Work
from plantedu.topics.methods import PAGE_JOBS, of_kind


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


TRAININGS = ("train", "find_lr", "finetune", "denoise")
JOBS = (*TRAININGS, "ping")


def job_for(kind: str) -> Job:
    """The function that does runs of this kind.

    Raises:
        PlantEduError: for a kind that nothing here can do.
    """
    if kind == "ping":
        return ping
    if kind in TRAININGS:
        return getattr(import_module("plantedu.jobs.trainings"), kind)
    method = of_kind(kind)
    place = PAGE_JOBS.get(kind) if method is None else method.module
    if place is not None:
        module = import_module(place)
        job = module.METHOD.job if hasattr(module, "METHOD") else getattr(module, "job", None)
        if job is not None:
            return job
    raise PlantEduError(
        f"No worker here can do {kind!r}; they can do {', '.join(JOBS)} and the methods."
    )
