"""The library states ranges, the application pins; what a wheel brings is found from the wheel."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from plantedu import shipped_files
from plantedu.shipped_files import checkpoints, lessons, results, root, source

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pins() -> list[str]:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line and not line.startswith((" ", "#"))]


def test_uv_and_pip_install_the_same_versions():
    assert PROJECT["tool"]["uv"]["constraint-dependencies"] == pins()


def test_the_library_states_ranges():
    (file,) = PROJECT["tool"]["setuptools"]["dynamic"]["dependencies"]["file"]
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    asked = [line.split("#")[0].strip() for line in lines if line.split("#")[0].strip()]
    assert [one for one in asked if "==" in one] == []
    pinned = {re.split(r"[=<>;\s]", one)[0] for one in pins()}
    assert {re.split(r"[=<>;\s]", one)[0] for one in asked} <= pinned


def test_files_are_found_beside_the_package_inside_it_or_where_one_says(tmp_path, monkeypatch):
    assert source() == root() == ROOT
    assert checkpoints() == ROOT / "checkpoints"
    assert results() == lessons() / "results" == ROOT / "lessons" / "results"
    (tmp_path / "shipped").mkdir()
    monkeypatch.setattr(shipped_files, "PACKAGE", tmp_path)
    assert root() == tmp_path / "shipped"
    monkeypatch.setenv("PLANTEDU_FILES", str(tmp_path / "x"))
    assert checkpoints() == tmp_path / "x" / "checkpoints"


@pytest.mark.slow
def test_a_wheel_compares_and_checks_outside_the_checkout(tmp_path):
    words = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    subprocess.run([*words, "-w", str(tmp_path), str(ROOT)], check=True, timeout=280)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path / "site")
    command = [sys.executable, "-m", "plantedu", "check", "06.2", "0.2"]
    given = {"PYTHONPATH": str(tmp_path / "site"), "PLANTEDU_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        command, cwd=tmp_path, env=given, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 1, done.stderr
    assert "too low" in done.stdout  # judged against the result that the wheel brought
    for words, said in (
        (["exercise", "start", "04.6"], "Then type:"),
        (["exercise", "check", "04.6"], "calibration_error is not written yet"),
        (["notebook", "04"], "04_family.ipynb"),
    ):
        words = [sys.executable, "-m", "plantedu", *words]
        done = subprocess.run(
            words, cwd=tmp_path, env=given, capture_output=True, text=True, timeout=120, check=False
        )
        assert said in done.stdout, done.stderr
    assert wheel.stat().st_size < 200e6
