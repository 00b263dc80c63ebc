"""The process in which a learner's file runs: `running` starts it and watches it.

    python -m plantedu.exercises.child KEY FILE RESULT MEGABYTES

It writes a line of JSON for what is asked, one for each check as it ends, and a last one. What the
learner's code prints, and how it ends this process, changes nothing of the lines already there.
"""

import contextlib
import importlib.util
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from plantedu.exercises.checking import outcomes
from plantedu.exercises.exercise import Exercise, check_name
from plantedu.exercises.reporting import Outcome
from plantedu.exercises.table import find
from plantedu.exercises.watching import Printed, TooLongError, said_of, time_limit
from plantedu.jobs.bounds import hold_back

LOADING = "your file can be loaded"


def main(words: list[str]) -> int:
    """Check a file; what came of it stands in the file RESULT."""
    key, file, result, megabytes = words
    exercise = find(key)
    report = Path(result).open("a", encoding="utf-8", buffering=1)  # noqa: SIM115 - ends with us
    names = [check_name(one) for one in exercise.checks]
    head = {"title": exercise.title, "checks": names, "mistakes": dict(exercise.mistakes)}
    report.write(json.dumps(head) + "\n")
    hold_back(int(float(megabytes) * 1e6))
    function, failed = load(Path(file), exercise)
    if function is None:
        report.write(json.dumps(asdict(failed)) + "\n")
    else:
        for outcome in outcomes(exercise, function):
            report.write(json.dumps(asdict(outcome)) + "\n")
    report.write(json.dumps("done") + "\n")
    return 0


def load(file: Path, exercise: Exercise) -> tuple[Callable[..., Any] | None, Outcome]:
    """The learner's function; None beside why there is none."""
    sys.path.append(str(file.parent))  # last, so that no file of theirs stands for a library
    printed = Printed()
    try:
        spec = importlib.util.spec_from_file_location("learners_file", file)
        module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
        with contextlib.redirect_stdout(printed), time_limit(exercise.seconds):
            spec.loader.exec_module(module)  # type: ignore[union-attr]
    except TooLongError:
        said = f"{file.name} was still at work after {exercise.seconds:g} s, before any check."
        return None, Outcome(LOADING, False, "time", said, printed=printed.start)
    except SyntaxError as error:
        said = f"{file.name} is not Python: {error.msg}, line {error.lineno}."
        return None, Outcome(LOADING, False, "exception", said)
    except BaseException as error:
        return None, Outcome(LOADING, False, "exception", said_of(error, file.name))
    function = getattr(module, exercise.name, None)
    if not callable(function):
        said = f"{file.name} has no function {exercise.name}."
        return None, Outcome(LOADING, False, "form", said)
    return function, Outcome(LOADING, True)


if __name__ == "__main__":
    code = 1
    try:
        code = main(sys.argv[1:])
    finally:
        sys.stderr.flush()
        if code == 0:
            os._exit(0)  # threads of the learner's do not keep this process
