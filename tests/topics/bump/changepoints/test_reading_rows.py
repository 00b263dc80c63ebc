"""Rows that are not what they seem, and files made to be costly."""

import subprocess
import sys

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.bump.changepoints.reading import read_curves, read_table

STEPS = 10 * np.arange(60)
LOSS = 4 - np.arange(60) / 40 + 0.05 * np.random.default_rng(0).standard_normal(60)
ROWS = "".join(f"{step},{loss:.5f}\n" for step, loss in zip(STEPS, LOSS, strict=True))


def table(header, row):
    return header + "".join(row(k, v) for k, v in zip(STEPS, LOSS, strict=True))


def saved(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("cut", range(1, 7))
def test_a_half_written_last_line_is_left_out_and_said(tmp_path, cut):
    (curve,) = read_curves(saved(tmp_path / "a.csv", ("step,loss\n" + ROWS)[: -1 - cut])).values()
    assert len(curve) == 59
    np.testing.assert_allclose(curve.values, LOSS[:-1], atol=1e-5)
    assert "The last line was half written; it was left out." in curve.notes


def test_decimal_commas_are_refused_by_their_line(tmp_path):
    path = saved(tmp_path / "a.csv", "step,loss\n" + ROWS.replace(".", ","))
    with pytest.raises(PlantEduError, match=r"line 2: 3 cells .* Is a comma the decimal mark"):
        read_curves(path)
    lines = ("step,loss\n" + ROWS).splitlines()
    lines[7] += ",9"
    with pytest.raises(PlantEduError, match="line 8: 3 cells"):
        read_curves(saved(path, "\n".join(lines) + "\n"))


def test_above_a_tenth_of_unreadable_rows_the_file_is_refused(tmp_path):
    def thousands(after):
        return table("step,loss\n", lambda k, v: f'"{"1," if k > after else ""}{k:03d}",{v:.5f}\n')

    with pytest.raises(PlantEduError, match=r"7 of 60 rows .* first in line 55: '1,530'"):
        read_curves(saved(tmp_path / "a.csv", thousands(520)))
    (curve,) = read_curves(saved(tmp_path / "a.csv", thousands(550))).values()
    assert len(curve) == 56
    assert any("4 rows without a number" in note for note in curve.notes)


def test_time_grows_with_the_rows_not_with_the_splits(tmp_path):
    def calls(splits, rows=3000):
        text = "step,loss,split\n" + "".join(f"{k},1,s{k % splits}\n" for k in range(rows))
        path, count = saved(tmp_path / "a.csv", text), 0

        def counted(frame, event, argument):
            nonlocal count
            count += event in ("call", "c_call")

        sys.setprofile(counted)
        try:
            read_table(path)
        finally:
            sys.setprofile(None)
        return count

    assert calls(60) < 1.2 * calls(1)


PEAK = """
import resource, sys
from plantedu.topics.bump.changepoints.reading import read_curves
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_curves(sys.argv[1])
except Exception as error:
    print(type(error).__name__, file=sys.stderr)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize("size", [30, 4000])
def test_a_small_file_takes_little_memory(tmp_path, size):
    """A megabyte with many or long names of splits took 1.6 GB."""
    row = size + 5
    names = [f"{k}".rjust(size, "s") for k in range(950_000 // row)]
    saved(tmp_path / "a.csv", "step,loss,split\n" + "".join(f"1,2,{name}\n" for name in names))
    command = [sys.executable, "-c", PEAK, str(tmp_path / "a.csv")]
    found = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert int(found.stdout) * (1 if sys.platform == "linux" else 1 / 1024) < 20 * 1024
    assert "PlantEduError" in found.stderr
