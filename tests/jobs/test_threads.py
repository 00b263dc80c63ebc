import os
import subprocess
import sys

import pytest

from plantedu.jobs.threads import GROUP

CODE = """
import os, sys
import plantedu.commands.train, plantedu.jobs.worker
from plantedu.jobs.threads import share_cores
assert "torch" not in sys.modules, "too late"
share_cores()
print(os.environ.get("OMP_WAIT_POLICY"))
"""


@pytest.mark.parametrize(("asked", "found"), [(None, "PASSIVE"), ("ACTIVE", "ACTIVE")])
def test_waiting_threads_sleep_unless_the_user_wants_otherwise(monkeypatch, asked, found):
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    if asked:
        monkeypatch.setenv("OMP_WAIT_POLICY", asked)
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == found


@pytest.mark.skipif(not hasattr(os, "nice"), reason="no niceness on this system")
def test_a_worker_stands_behind_the_page():
    words = "import os; from plantedu.jobs.threads import let_pages_go_first as f; "
    for lane, behind in (("training", 10), ("analysis", 5)):
        script = f"{words}before = os.nice(0); f({lane!r}); print(os.nice(0) - before)"
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
        assert done.stdout.strip() == str(min(behind, 19 - os.nice(0)))


@pytest.mark.skipif(not GROUP.exists(), reason="no sessions that share cores")
@pytest.mark.parametrize("own", [True, False])
def test_the_session_of_a_worker_stands_behind_that_of_the_page(own):
    """Niceness alone counts among processes of one session; each worker has one of its own."""
    words = (
        "from plantedu.jobs.threads import GROUP, let_pages_go_first as f; "
        "before = GROUP.read_text(); f('training'); print(before == GROUP.read_text()); "
        "print(GROUP.read_text().split()[-1:])"  # a process of the first session has no group
    )
    done = subprocess.run(
        [sys.executable, "-c", words], capture_output=True, text=True, start_new_session=own
    )
    same, nice = done.stdout.splitlines()
    assert (same == "False" and nice == "['10']") if own else same == "True"
