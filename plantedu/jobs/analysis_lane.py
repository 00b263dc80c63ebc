"""The analysis lane: each run in a child of the worker, bounded in time and memory.

The worker itself loads nothing. It leases runs, says that they live, and passes wishes on to the
children that do them; the first child loads what they need before there is one. A child that takes
too long, holds too much or does not hear a cancel is ended, and the run says why; a child that dies
takes no other run with it.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from typing import Any

from plantedu.errors import PlantEduError
from plantedu.jobs.bounds import SLACK, crew_size, loads_ahead, most_bytes, most_seconds
from plantedu.jobs.disk_reserve import persist
from plantedu.jobs.heartbeat import EVERY, Heart
from plantedu.jobs.load import held
from plantedu.store.database import UNWRITABLE
from plantedu.store.run import Run
from plantedu.store.store import Store

DEAF_AFTER = 1.2  # seconds that a cancelled run has to notice it


class Hand:
    """One child, and the run that it does."""

    def __init__(self, store: Store, worker: str, lane: str) -> None:
        self.store, self.worker, self.lane = store, worker, lane
        self.run: Run | None = None
        self.process: subprocess.Popen[str] | None = None
        self._ended = threading.Event()
        self._ear: threading.Thread | None = None
        self._began = self._beat = self._cancelled = 0.0

    def warm(self) -> None:
        """Start the child before there is a run, so that it loads what runs need meanwhile."""
        if self.process is None:
            with contextlib.suppress(OSError):  # the first run says so
                self.process = self._start("--ahead")

    def turn(self) -> bool:
        """Take a run if there is one, or look after the one in hand; whether something is done."""
        if self.run is None:
            run = self.store.lease(self.lane, self.worker)
            if run is None:
                return False
            self._begin(run)
        else:
            self._look_after(self.run)
        return True

    def close(self, *, at_once: bool = False) -> None:
        """End the child; first its run, unless it must be at once."""
        while self.run is not None and not at_once:
            with contextlib.suppress(*UNWRITABLE):
                self._look_after(self.run)
            time.sleep(0.05)
        self._kill()

    def _begin(self, run: Run) -> None:
        self._ended.clear()
        self.run, self._began, self._beat, self._cancelled = run, time.monotonic(), 0.0, 0.0
        try:
            if self.process is None or self.process.poll() is not None:
                self._kill()
                self.process = self._start()
        except OSError as error:
            self._settle(run, f"No process could be started for this run ({error.strerror}).")
            return
        self._say(run.id)

    def _look_after(self, run: Run) -> None:
        """Pass wishes on, and see whether the run has ended, or must."""
        assert self.process is not None
        if self._ended.is_set() or self.process.poll() is not None:
            died = not self._ended.is_set()
            self._settle(run, _why(self.process.returncode) if died else UNSAID)
            return
        if time.monotonic() - self._beat >= EVERY:
            wish = self.store.heartbeat(run.id, self.worker)
            self._beat = time.monotonic()
            if wish != "go":
                self._wished(run, wish)
        seconds, most = time.monotonic() - self._began, most_seconds()
        if self.run is not None and most and seconds > most:
            self._kill()
            self._settle(run, _too_long(most))
        elif self.run is not None and held(self.process.pid) > SLACK * most_bytes():
            self._kill()
            self._settle(run, TOO_MUCH)

    def _wished(self, run: Run, wish: str) -> None:
        if wish == "lost":
            if not self.store.run(run.id).over:  # somebody else has it by now
                self._kill()
                self.run = None
            return  # it has just ended, and the child is about to say so
        self._say(wish)
        if wish == "cancel":
            self._cancelled = self._cancelled or time.monotonic()
            if time.monotonic() - self._cancelled > DEAF_AFTER:
                self._kill()
                self._settle(run, "")

    def _settle(self, run: Run, error: str) -> None:
        """See that the end of a run is written; the child has mostly done so."""
        now = self.store.run(run.id)
        if now.state == "running" and now.worker == self.worker:
            cancelled = now.wish == "cancel" or not error
            store, worker = self.store, self.worker

            def write() -> bool:
                if cancelled:
                    return store.stopped(run.id, "cancel", worker=worker)
                return store.fail(run.id, error, worker=worker)

            persist(write, store.path.parent)
        self.run = None

    def _start(self, *more: str) -> subprocess.Popen[str]:
        words = [sys.executable, "-m", "plantedu.jobs.child", f"--worker={self.worker}", *more]
        made = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PLANTEDU_HOME": str(self.store.path.parent)},
        )
        self._ear = threading.Thread(target=self._listen, args=(made,), daemon=True)
        self._ear.start()
        return made

    def _listen(self, process: subprocess.Popen[Any]) -> None:
        for line in process.stdout or ():
            if self.run is not None and line.strip() == self.run.id:
                self._ended.set()

    def _say(self, word: str) -> None:
        assert self.process is not None
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):  # it has died: the next look says so
            self.process.stdin.write(f"{word}\n")
            self.process.stdin.flush()

    def _kill(self) -> None:
        if self.process is None:
            return
        self.process.kill()
        self.process.wait()
        if self._ear is not None:
            self._ear.join()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError, AttributeError):
                pipe.close()  # pyright: ignore[reportOptionalMemberAccess]


def crew(store: Store, heart: Heart) -> Generator[bool, None, None]:
    """Endless turns of a lane whose runs are done by children; who leaves lets runs end first."""
    hands = [Hand(store, heart.worker, heart.lane) for _ in range(crew_size())]
    try:
        if loads_ahead():
            hands[0].warm()
        while True:
            busy = False
            for hand in hands:
                with contextlib.suppress(*UNWRITABLE):  # the next turn tries again
                    busy = hand.turn() or busy
                heart.others = frozenset(hand.run.id for hand in hands if hand.run is not None)
            yield busy
    finally:
        for hand in hands:
            with contextlib.suppress(PlantEduError):
                hand.close(at_once=not heart.leave or heart.wish == "lost")
        heart.others = frozenset()


UNSAID = "The run ended without a result: how it ended could not be written. Ask again."
TOO_MUCH = (
    "This took more memory than one analysis may hold here. Ask for fewer plants, or a smaller "
    "picture or encoder."
)


def _too_long(most: float) -> str:
    said = f"{most / 60:.0f} minutes" if most >= 120 else f"{most:.0f} seconds"
    return (
        f"This took longer than the {said} that an analysis may take here, and was ended. Ask for "
        "fewer plants or steps."
    )


def _why(code: int | None) -> str:
    """What is known about a child that has died."""
    if code is not None and -code == getattr(signal, "SIGKILL", 9):
        return (
            "The system ended this run, which mostly means that memory was short. Ask for fewer "
            "plants, or a smaller picture or encoder."
        )
    how = f"signal {-code}" if code is not None and code < 0 else f"code {code}"
    return (
        f"The process of this run ended by itself ({how}). The log of the worker is in the folder "
        "`logs` of who hosts this."
    )
