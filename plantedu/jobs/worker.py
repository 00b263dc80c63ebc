"""The worker: a process that does the runs of one lane, one after the other, and stays warm.

`python -m plantedu.jobs.worker --lane training` is started by `launch.ensure_worker` when there
is work and no worker. It ends by itself after `--idle-exit` seconds without work, when newer code
waits for its lane, or when its store is deleted.
"""

import argparse
import contextlib
import os
import secrets
import signal
import sys
import time
import traceback
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any

from plantedu.errors import PlantEduError
from plantedu.jobs.disk_reserve import persist, reserve
from plantedu.jobs.hardware import note
from plantedu.jobs.heartbeat import Hears, Heart
from plantedu.jobs.jobs import job_for
from plantedu.jobs.lanes import claim_lane, free_lane, lane_worker, outdated
from plantedu.jobs.memory import keep_freed_memory
from plantedu.jobs.threads import let_pages_go_first, share_cores
from plantedu.store.limits import limits
from plantedu.store.paths import bank_folder
from plantedu.store.retention import tidy
from plantedu.store.run import LANES, Run
from plantedu.store.store import Store
from plantedu.store.visible import of_job
from plantedu.store.work import Job, StoppedError, Work

IDLE_EXIT = 900.0  # seconds
LOOK_EVERY = 0.1  # seconds between looks at the queue
TIDY_EVERY = 600.0  # seconds between looks at the disk


def new_worker(lane: str) -> str:
    """A name for a worker that no other has."""
    return f"{lane}-{os.getpid()}-{secrets.token_hex(3)}"


def do(store: Store, run: Run, heart: Hears, job: Job | None = None) -> None:
    """Do one run, by `job` or by what its kind needs, and write how it ended."""
    heart.hold(run.id)
    reserve(store.path.parent)
    again: BaseException | None = None
    try:
        ending = outcome(job, Work(store, run, heart))
        heart.release()
    except KeyboardInterrupt as stop:
        cancelled = heart.wish == "cancel"
        ending = (store.stopped, "cancel" if cancelled else "pause")
        again = None if cancelled else stop
    except SystemExit as stop:  # told to leave: another worker goes on
        ending, again = (store.given_back, "its worker was told to end"), stop
    finally:
        heart.release()
    if ending is not None:
        write, word = ending
        persist(lambda: write(run.id, word, worker=heart.worker), store.path.parent)
    if again is not None:
        raise again


def outcome(job: Job | None, work: Work) -> tuple[Callable[..., bool], Any] | None:
    """Do a run; what to write about its end, None if it is somebody else's by now."""
    store, run = work.store, work.run
    try:
        seen = replace(work, store=of_job(store, run))
        return store.finish, (job or job_for(run.kind))(seen)
    except StoppedError as stop:
        return None if stop.reason == "lost" else (store.stopped, stop.reason)
    except Exception as error:
        trace = traceback.format_exc()
        if not isinstance(error, PlantEduError):  # a foreseen one is a sentence
            print(trace, file=sys.stderr, flush=True)
        with contextlib.suppress(OSError, PlantEduError):
            (store.folder(run.id) / "error.txt").write_text(trace, encoding="utf-8")
        return store.fail, sentence(error)


def sentence(error: Exception) -> str:
    """What the run's page says about an error."""
    if isinstance(error, PlantEduError):
        return str(error)
    short = ("out of memory", "allocate memory", "unable to allocate")  # CUDA, torch, numpy
    said = str(error).lower()
    if isinstance(error, MemoryError) or any(words in said for words in short):
        return (
            "There was not enough memory for this run: lower the batch, the image size or the "
            "encoder."
        )
    if limits().private:  # its words may name files of the host
        return (
            "The program made a mistake here. Try other settings; who hosts the course finds the "
            "trace in the folder of this run."
        )
    said = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {said}. The whole trace is in error.txt of the run's folder."


def warm(store: Store) -> Iterator[int]:
    """Load what a training needs, then rehearse and render ahead; if that fails, a run says so."""
    try:
        note(store.path.parent)
        from plantedu.training.pretrain import rehearse
        from plantedu.training.recipe import Recipe

        rehearsal = (rehearse(recipe) or 0 for recipe in [Recipe()])
        return chain(rehearsal, render_ahead())
    except Exception:
        traceback.print_exc()
        return iter(())


def render_ahead() -> Iterator[int]:
    """Render the default world while nothing else is to do, first what a run needs first."""
    from plantedu.data.render_cache import fill
    from plantedu.data.renderer.worlds import world
    from plantedu.training.recipe import Recipe

    recipe = Recipe()
    return fill(
        world(recipe.data, recipe.world_seed),
        pairs=recipe.pairs + recipe.probe_plants,
        size=recipe.image_size,
        folder=bank_folder(),
        start=recipe.pairs,
    )


def turns(store: Store, heart: Heart) -> Generator[bool, None, None]:
    """Endless turns of a lane that does one run at a time; each says whether something was done."""
    idle = warm(store) if heart.lane == "training" else iter(())
    while True:
        run = store.lease(heart.lane, heart.worker)
        if run is not None:
            do(store, run, heart)
            yield True
            continue
        with contextlib.suppress(PlantEduError):  # no room to render ahead is nobody's problem
            next(idle, None)
        yield False


def serve(store: Store, lane: str, worker: str, *, idle_exit: float) -> None:
    """Work until there has been nothing to do for `idle_exit` seconds."""
    with Heart(store, worker, lane=lane, stuck=partial(die, store, lane, worker)) as heart:
        if lane == "replay":
            from plantedu.jobs.replay import replays as lane_turns
        elif lane == "analysis":
            from plantedu.jobs.analysis_lane import crew as lane_turns
        else:
            lane_turns = turns
        work, busy_at = lane_turns(store, heart), time.monotonic()
        tidied_at = busy_at - TIDY_EVERY + 5.0  # not while it starts
        try:
            while not heart.leave and time.monotonic() - busy_at <= idle_exit:
                try:
                    tidied_at = tidied(store, tidied_at)
                    if next(work):
                        busy_at = time.monotonic()
                except PlantEduError as error:  # nothing was leased, or it was given back
                    print(error, file=sys.stderr, flush=True)
                    work = lane_turns(store, heart)
                time.sleep(LOOK_EVERY)
        finally:
            work.close()


def tidied(store: Store, before: float) -> float:
    """Keep the disk within its bound, now and then; when that was."""
    if time.monotonic() - before < TIDY_EVERY:
        return before
    with contextlib.suppress(PlantEduError, OSError):
        tidy(store, now=time.time())
    return time.monotonic()


def die(store: Store, lane: str, worker: str, run_id: str) -> None:
    """Leave at once: the cancelled run does not let go. Another worker will be started."""
    with contextlib.suppress(PlantEduError):
        store.stopped(run_id, "cancel", worker=worker)
        free_lane(store, lane, worker)
    os._exit(3)


def wait_for_lane(store: Store, lane: str, worker: str, *, patience: float = 15.0) -> bool:
    """Claim the lane; a worker with other code gets some time to leave it."""
    deadline = time.monotonic() + patience
    while not claim_lane(store, lane, worker, os.getpid()):
        living = lane_worker(store, lane)
        stays = living is not None and not outdated(living, store.clock())
        if stays or time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def main(argv: list[str] | None = None) -> int:
    """Serve one lane, if no other worker does."""
    parser = argparse.ArgumentParser(prog="python -m plantedu.jobs.worker")
    parser.add_argument("--lane", choices=LANES, required=True)
    parser.add_argument("--idle-exit", type=float, default=IDLE_EXIT, metavar="SECONDS")
    chosen = parser.parse_args(argv)
    os.umask(0o077)  # what is kept of runs is for this user alone
    share_cores()
    let_pages_go_first(chosen.lane)
    keep_freed_memory()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    store, worker = Store(), new_worker(chosen.lane)
    if not wait_for_lane(store, chosen.lane, worker):
        return 0
    try:
        serve(store, chosen.lane, worker, idle_exit=chosen.idle_exit)
    finally:
        with contextlib.suppress(PlantEduError):
            free_lane(store, chosen.lane, worker)
        store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
