"""How much an analysis may take: by the machine, by the host's word, and by whom it is shared."""

import subprocess
import sys

import pytest

from plantedu.jobs import bounds
from plantedu.store.limits import ALONE, HOSTED


def test_seconds_by_who_shares_the_machine_or_by_word(monkeypatch):
    assert bounds.most_seconds() == ALONE.analysis
    monkeypatch.setenv("PLANTEDU_HOSTED", "1")
    assert bounds.most_seconds() == HOSTED.analysis
    monkeypatch.setenv("PLANTEDU_ANALYSIS_SECONDS", "12.5")
    assert bounds.most_seconds() == 12.5
    monkeypatch.setenv("PLANTEDU_ANALYSIS_SECONDS", "soon")
    assert bounds.most_seconds() == HOSTED.analysis


@pytest.mark.parametrize(("cores", "size"), [(1, 1), (2, 1), (3, 1), (4, 2), (64, 2), (None, 1)])
def test_bytes_are_shared_among_those_that_run_at_once(monkeypatch, cores, size):
    monkeypatch.setattr(bounds.os, "cpu_count", lambda: cores)
    monkeypatch.setattr(bounds, "machine_bytes", lambda: 8_000_000_000)
    assert bounds.crew_size() == size
    assert bounds.most_bytes() == 6_000_000_000 // size
    monkeypatch.setenv("PLANTEDU_HOSTED", "1")
    assert bounds.most_bytes() == 4_000_000_000 // size
    monkeypatch.setenv("PLANTEDU_ANALYSIS_MB", "700")
    assert bounds.most_bytes() == 700_000_000


def test_this_machine_has_memory():
    assert bounds.machine_bytes() > 10**8


@pytest.mark.skipif(sys.platform != "linux", reason="only there the system holds back")
def test_the_system_refuses_more(monkeypatch):
    code = (
        "from plantedu.jobs import bounds; bounds.GPUS = ();"
        "assert bounds.hold_back(200_000_000); kept = b'x' * 50_000_000;"
        "import sys\ntry:\n    more = b'x' * 300_000_000\nexcept MemoryError:\n    sys.exit(7)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 7


def test_beside_a_gpu_the_system_is_not_asked(monkeypatch, tmp_path):
    monkeypatch.setattr(bounds, "GPUS", (tmp_path,))
    assert not bounds.hold_back(10**9)


def test_nothing_is_loaded_ahead_where_it_would_fill_what_an_analysis_may_hold(monkeypatch):
    monkeypatch.setenv("PLANTEDU_AHEAD", "1")
    monkeypatch.setenv("PLANTEDU_ANALYSIS_MB", "4000")
    assert bounds.loads_ahead()
    monkeypatch.setenv("PLANTEDU_ANALYSIS_MB", "1000")
    assert not bounds.loads_ahead()
    monkeypatch.setenv("PLANTEDU_ANALYSIS_MB", "4000")
    monkeypatch.setenv("PLANTEDU_AHEAD", "0")
    assert not bounds.loads_ahead()
