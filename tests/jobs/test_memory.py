"""Freed memory is kept where the C library can, and nothing breaks where it cannot."""

import ctypes
import platform

import pytest

from plantedu.jobs.memory import keep_freed_memory


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_glibc_takes_both_settings():
    assert keep_freed_memory() is True


@pytest.mark.parametrize("fault", [TypeError, OSError, AttributeError])
def test_another_c_library_is_no_error(monkeypatch, fault):
    def no_library(name):
        raise fault

    monkeypatch.setattr(ctypes, "CDLL", no_library)
    assert keep_freed_memory() is False
