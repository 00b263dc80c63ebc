"""How long the checks of the exercises in code take, how many mistakes they know, how long a right
answer is.

    uv run python -m benchmarks.exercises [--whole]

Seconds are of all checks of an exercise on its reference, in this process, torch loaded before; in
brackets processor time, where other work has the cores. With --whole also of `exercise check` as
one types it, for one exercise a lesson: a new process, torch, the learner's file.
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

from plantedu.exercises.checking import check
from plantedu.exercises.exercise import lines_of
from plantedu.exercises.outline import outline
from plantedu.exercises.running import check_file
from plantedu.exercises.table import lesson_numbers, of_lesson


def main() -> None:
    """Print the table, and a line of JSON with the medians."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--whole", action="store_true", help="also start a process a lesson")
    options = parser.parse_args()
    rows = [(one, timed(one.key)) for number in lesson_numbers() for one in of_lesson(number)]
    lines = [lines_of(one.reference) for one, _ in rows]
    seconds, work = zip(*[taken for _, taken in rows], strict=True)
    for (one, taken), length in zip(rows, lines, strict=True):
        took = f"{taken[0]:6.2f} s ({taken[1]:.2f})"
        print(f"{one.key}  {took}  {length:2} lines  {len(one.mistakes)} mistakes")
    found = {
        "exercises": len(rows),
        "mistakes": sum(len(one.mistakes) for one, _ in rows),
        "seconds": {"median": statistics.median(seconds), "highest": max(seconds)},
        "work": {"median": statistics.median(work), "highest": max(work)},
        "lines": {"median": statistics.median(lines), "lowest": min(lines), "highest": max(lines)},
    }
    if options.whole:
        whole = [whole_seconds(of_lesson(number)[0].key) for number in lesson_numbers()]
        found["whole"] = {"median": statistics.median(whole), "highest": max(whole)}
    print(json.dumps(found))


def timed(key: str, turns: int = 3) -> tuple[float, float]:
    """Seconds of all checks on the reference, by the clock and of work; medians of some turns."""
    reference = next(one.reference for one in of_lesson(key[:2]) if one.key == key)
    taken, work = [], []
    for _ in range(turns):
        begun, used = time.perf_counter(), time.process_time()
        assert check(key, reference).passed, key
        taken.append(time.perf_counter() - begun)
        work.append(time.process_time() - used)
    return statistics.median(taken), statistics.median(work)


def whole_seconds(key: str) -> float:
    """Seconds of `exercise check` on a file with the reference."""
    asked = outline(key)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, asked.file_name)
        path.write_text(f"{asked.stub.partition('def ')[0]}\n{asked.solution}", encoding="utf-8")
        begun = time.perf_counter()
        assert check_file(key, path).passed, key
        return time.perf_counter() - begun


if __name__ == "__main__":
    main()
