"""Checks a learner's file in a process of its own, with a limit of time and of memory.

The child writes each outcome as it ends; this side waits, and ends the child, with all that it has
started, when its time or memory is up. So whatever the code does, there is a report. This keeps a
mistake from harming the learner's machine. It is no wall against malice: the code runs with the
rights of who types the command, which is why pages never run any.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plantedu.errors import PlantEduError, require
from plantedu.exercises.outline import outline
from plantedu.exercises.reporting import Outcome, Report
from plantedu.jobs.load import held
from plantedu.shipped_files import source

STARTING = 120.0  # seconds until the child has loaded torch, on a machine that is busy
LARGEST = 1e6  # bytes of a learner's file
LOOKS = 0.05  # seconds between two looks at the child


@dataclass(frozen=True)
class Bounds:
    """What a learner's file may take.

    Attributes:
        seconds: By the clock, for all checks together, from when the file is loaded.
        megabytes: Memory that the process may hold, torch included.
    """

    seconds: float = 120.0
    megabytes: float = 3000.0


def check_file(key: str, file: Path, bounds: Bounds = Bounds()) -> Report:
    """The report of a file against an exercise.

    Args:
        key: The exercise, "02.5".
        file: Python code that defines its function.
        bounds: Time and memory.

    Raises:
        PlantEduError: for a key or a file that is not there, or a file that is no text.
    """
    asked, file = outline(key), Path(file)
    require(
        file.is_file(),
        f"{file} is not there. `python -m plantedu exercise start {key}` writes a file to fill in.",
    )
    require(file.stat().st_size < LARGEST, f"{file} is larger than 1 MB; that is no exercise.")
    with tempfile.TemporaryDirectory(prefix="plantedu-exercise-") as folder:
        result, log = Path(folder, "result.jsonl"), Path(folder, "log.txt")
        process = _child(key, file.resolve(), result, log, bounds)
        try:
            ended = _watch(process, result, bounds)
        finally:
            _end(process)
        lines = _lines(result)
        require(bool(lines), f"The checks of {key} could not begin. {_tail(log)}")
        return _report(key, asked.title, lines, ended, bounds)


def _child(
    key: str, file: Path, result: Path, log: Path, bounds: Bounds
) -> subprocess.Popen[bytes]:
    """The process; its words go to a file, it hears nothing, and it leads a group of its own."""
    words = [sys.executable, "-m", "plantedu.exercises.child"]
    words += [key, str(file), str(result), str(bounds.megabytes)]
    paths = [str(source()), *filter(None, [os.environ.get("PYTHONPATH")])]
    given = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    given.setdefault("OMP_NUM_THREADS", "1")  # small worlds: more threads only wait for each other
    with log.open("wb") as words_of_child:
        return subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=words_of_child,
            stderr=subprocess.STDOUT,
            env=given,
            start_new_session=os.name == "posix",
        )


def _watch(process: subprocess.Popen[bytes], result: Path, bounds: Bounds) -> str:
    """Wait for the child; "" when it has ended by itself, or why it has to be ended."""
    begun, loaded = time.monotonic(), 0.0
    while process.poll() is None:
        now = time.monotonic()
        if not loaded and result.exists():
            loaded = now
        if (loaded and now - loaded > bounds.seconds) or (not loaded and now - begun > STARTING):
            return "time"
        if held(process.pid) > bounds.megabytes * 1e6:
            return "memory"
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(LOOKS)
    return ""


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the child and what it has started."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()


def _lines(result: Path) -> list[Any]:
    """What the child has written; a last line that was cut off is left out."""
    found = []
    text = result.read_text(encoding="utf-8") if result.exists() else ""
    for line in text.splitlines():
        with contextlib.suppress(ValueError):
            found.append(json.loads(line))
    return found


def _report(key: str, title: str, lines: list[Any], ended: str, bounds: Bounds) -> Report:
    head, *rest = lines
    outcomes = [Outcome(**one) for one in rest if isinstance(one, dict)]
    if "done" not in rest:
        names = [*head["checks"], "the checks"]
        name = names[min(len(outcomes), len(names) - 1)]
        outcomes.append(_cut(name, ended, bounds))
    seen = {one.mistake for one in outcomes}
    taught = {name: text for name, text in head["mistakes"].items() if name in seen}
    return Report(key, title, tuple(outcomes), taught)


def _cut(check: str, ended: str, bounds: Bounds) -> Outcome:
    """The outcome of a check in which the process came to its end."""
    said = {
        "time": f"Your code was still at work after {bounds.seconds:g} s, and was stopped. Does "
        "every loop end?",
        "memory": f"Your code held more than {bounds.megabytes:g} MB of memory, and was stopped.",
        "": "Your code ended the process of the checks: os._exit, a crash in a library, or no "
        "memory left.",
    }
    return Outcome(check, False, ended or "ended", said[ended])


def _tail(log: Path) -> str:
    try:
        words = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError as error:
        raise PlantEduError(f"The checks could not begin: {error}.") from error
    return words[-1][:300] if words else ""
