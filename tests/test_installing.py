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
from tests.test_house import written_imports

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
COMES_WITH = {"huggingface_hub": "timm"}


def pins() -> list[str]:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line and not line.startswith((" ", "#"))]


def test_uv_and_pip_install_the_same_versions():
    assert PROJECT["tool"]["uv"]["constraint-dependencies"] == pins()


def core() -> list[str]:
    (file,) = PROJECT["tool"]["setuptools"]["dynamic"]["dependencies"]["file"]
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    return [line.split("#")[0].strip() for line in lines if line.split("#")[0].strip()]


def named(wanted: list[str]) -> set[str]:
    return {re.split(r"[=<>;\s]", one)[0] for one in wanted}


def test_the_library_states_ranges():
    asked = core() + EXTRAS["app"] + EXTRAS["generation"]
    assert [one for one in asked if "==" in one] == []
    assert named(asked) <= named(pins())


def test_who_examines_a_model_gets_no_pages_and_no_denoisers():
    assert len(core()) < 20
    assert named(core()).isdisjoint({"streamlit", "diffusers", "ray", "segno", "nbformat"})
    assert {"torch>=2.8", "torchvision>=0.23"} <= set(core())


def test_uv_run_has_pages_and_denoisers_as_requirements_do():
    groups = PROJECT["dependency-groups"], PROJECT["tool"]["uv"]["default-groups"]
    assert groups[0]["course"] == ["plantedu[app,generation]"]
    assert groups[1] == ["course", "dev"]


def test_a_module_imports_what_the_library_states_or_an_extra_brings():
    """Nothing that comes along with another package alone: streamlit used to bring pandas."""
    stated = named(core()) | {one for extra in EXTRAS.values() for one in named(extra)}
    known = stated | set(COMES_WITH) | {"PIL", "sklearn", "yaml", "vl_convert"}
    words = {one.replace("-", "_") for one in known} | set(sys.stdlib_module_names)
    found = {
        module.split(".")[0]
        for path in (ROOT / "plantedu").rglob("*.py")
        for level, module, _ in written_imports(path, False)
        if not level
    }
    assert found - words - {"plantedu", "app"} == set()


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
