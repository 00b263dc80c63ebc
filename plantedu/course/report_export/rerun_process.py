"""Do a reported run again in a process of its own, bounded by our clock and our memory.

What a report says that a run took is a claim like any other: a request for a thousand worlds that
"took .1 s" would hold the verifier for a day, and "took a year" would keep a forged run from being
looked at. So the seconds of the report are not read; the child is ended when ours are over.

`python -m plantedu.course.report_export.rerun_process` is that child: a record on standard
input, {"result": ...} or {"error": ...} on standard output.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

from plantedu import shipped_files
from plantedu.course.report_export.rerun import again
from plantedu.errors import PlantEduError, require
from plantedu.jobs.bounds import hold_back, most_bytes

MOST_SAID = 64_000_000  # bytes of a result


def apart(record: Mapping[str, Any], *, seconds: float) -> dict[str, Any] | None:
    """The result of the same request, made in a child; None where time ran out.

    Args:
        record: A run of a report, on the list of what is done again.
        seconds: Wall-clock seconds that it may take here, start included.

    Raises:
        PlantEduError: for settings that the kind refuses, or a child that died.
    """
    place = str(shipped_files.source())
    there = [path for path in [os.environ.get("PYTHONPATH")] if path]
    asked = json.dumps({"kind": record["kind"], "request": record["request"]})
    try:
        done = subprocess.run(
            [sys.executable, "-m", "plantedu.course.report_export.rerun_process"],
            input=asked.encode(),
            capture_output=True,
            timeout=seconds,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([place, *there])},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    try:
        said = json.loads(done.stdout[:MOST_SAID].decode("utf-8").splitlines()[-1])
        result = dict(said.get("result") or {})
    except (ValueError, IndexError, TypeError, AttributeError) as error:
        raise PlantEduError("the run ended without a result (too much memory?)") from error
    require("error" not in said, str(said.get("error")))
    return result


def go_with(parent: int, *, look: float = 1.0) -> None:
    """End this process once its parent is gone: a cancelled check must not work on unseen."""
    while os.getppid() == parent:
        time.sleep(look)
    os._exit(1)


def main() -> int:
    """The child."""
    threading.Thread(target=go_with, args=(os.getppid(),), daemon=True).start()
    says = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a run prints is no answer
    hold_back(most_bytes())
    record = json.load(sys.stdin)
    try:
        said = {"result": again(record)}
    except PlantEduError as error:
        said = {"error": str(error)}
    except MemoryError:
        said = {"error": "the run needs more memory than a run may hold here"}
    print(json.dumps(said), file=says, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
