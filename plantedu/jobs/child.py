"""The child of a worker that does one run after the other, and stays warm.

`python -m plantedu.jobs.child --worker NAME` is started by `analysis_lane.py`. It hears on standard
input, a line each: the id of a run to do, and "cancel", "pause" or "lost" for the run it does;
where the line ends, its worker is gone and it goes too. On standard output it says the id of a run
that has ended, by then written in the store. With `--ahead` it loads what runs need until the first
of them comes.
"""

import argparse
import os
import queue
import sys
import threading
from collections.abc import Sequence
from importlib import import_module

from plantedu.errors import PlantEduError
from plantedu.jobs.bounds import hold_back, most_bytes
from plantedu.jobs.memory import keep_freed_memory
from plantedu.jobs.threads import share_cores
from plantedu.jobs.worker import do
from plantedu.store.store import Store
from plantedu.topics.methods import METHODS, PAGE_JOBS

WISHES = ("cancel", "pause", "lost")
AHEAD = (  # what takes longest first
    *("torch", "timm", "diffusers.models.unets.unet_2d"),
    *(method.module for method in METHODS),
    *PAGE_JOBS.values(),
)


class Ear:
    """What the worker says, for who does the run: the part of a heart that listens.

    Attributes:
        worker: Whose child this is.
        wish: What is wished of the run in hand, "" for nothing.
    """

    def __init__(self, worker: str) -> None:
        self.worker, self.wish = worker, ""
        self.runs: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, name="ear", daemon=True).start()

    def hold(self, run_id: str) -> None:
        """A run begins; `wish` is of this one from now on."""

    def release(self) -> None:
        """The run has ended."""

    def _listen(self) -> None:
        for line in sys.stdin:
            word = line.strip()
            if word in WISHES:
                self.wish = word
            elif word:
                self.wish = ""
                self.runs.put(word)
        os._exit(0)  # the worker is gone: somebody else does its runs


def load_ahead(ear: Ear, names: Sequence[str] = AHEAD) -> None:
    """Load modules while the learner reads, until a run comes; it waits for the one in hand.

    What is not there is passed over, and the run that needs it says why. Where memory is short,
    nothing more is loaded.
    """
    for name in names:
        if not ear.runs.empty():
            return
        try:
            import_module(name)
        except (MemoryError, OSError) as error:
            print(f"{name} is not loaded ahead: {error!r}", file=sys.stderr, flush=True)
            return
        except Exception as error:
            print(f"{name} is not loaded ahead: {error!r}", file=sys.stderr, flush=True)


def main(argv: list[str] | None = None) -> int:
    """Do what is asked until nobody asks any more."""
    parser = argparse.ArgumentParser(prog="python -m plantedu.jobs.child")
    parser.add_argument("--worker", required=True)
    parser.add_argument("--ahead", action="store_true", help="load what runs need before one comes")
    chosen = parser.parse_args(argv)
    says = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # what an analysis prints belongs into the log
    os.umask(0o077)  # what is kept of runs is for this user alone
    share_cores()
    keep_freed_memory()
    hold_back(most_bytes())
    ear, store = Ear(chosen.worker), Store()
    if chosen.ahead:
        load_ahead(ear)
    while True:
        run_id = ear.runs.get()
        try:
            do(store, store.run(run_id), ear)
        except PlantEduError as error:  # its end could not be written: the worker sees to it
            print(error, file=sys.stderr, flush=True)
        print(run_id, file=says, flush=True)


if __name__ == "__main__":
    sys.exit(main())
