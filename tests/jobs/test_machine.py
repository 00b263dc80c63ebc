"""Cores and memory as a host sees them."""

import os
import sys

import pytest

from plantedu.jobs.machine import Machine, cores, machine, used_bytes


@pytest.mark.skipif(sys.platform != "linux", reason="read from /proc")
def test_this_machine():
    found = machine()
    assert found.cores == cores() == len(os.sched_getaffinity(0))
    assert found.wanting >= 0
    assert 1e6 < found.used < found.memory
    assert f"cores: {found.cores}" in str(found)


def test_what_is_not_told_is_not_made_up(tmp_path):
    assert used_bytes(10**9, meminfo=tmp_path / "none") == -1
    assert "?" in str(Machine(2, -1.0, 10**9, -1))


def test_memory_that_is_given_back_when_asked_for_is_not_in_use(tmp_path):
    path = tmp_path / "meminfo"
    path.write_text("MemTotal: 1000 kB\nMemFree: 10 kB\nMemAvailable: 400 kB\n")
    assert used_bytes(1024 * 1000, meminfo=path) == 600 * 1024
