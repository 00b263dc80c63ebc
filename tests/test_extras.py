"""Without its extra a command says one sentence; what needs none works, and imports none of it."""

import os
import subprocess
import sys

import pytest

from plantedu.errors import PlantEduError
from plantedu.extras import extra
from tests.test_house import ROOT

ABSENT = ("diffusers", "streamlit", "starlette", "segno", "nbformat", "prometheus_client", "ray")
BLOCKED = f"""
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {ABSENT!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Absent())
"""
EVERYTHING = """
from importlib import import_module
from plantedu.__main__ import COMMANDS, OWN
from plantedu import _DOORS
from plantedu.topics.methods import METHODS
places = {one.module for one in METHODS} | {one for one, _ in COMMANDS.values()}
for name in sorted(places | set(_DOORS.values()) | {OWN[1], "plantedu.jobs.worker"}):
    try:
        import_module(name)
    except ValueError as error:
        print(name, error)
"""


LACKING = (  # words of a command, what it misses, the extra
    (["generation", "generate", "--samples", "2"], "diffusers", "generation"),
    (["serve", "--port", "8599"], "streamlit", "app"),
    (["notebook", "04"], "nbformat", "app"),
)
COMMANDED = f"""
from plantedu.__main__ import main
print([main(words) for words, *_ in {LACKING!r}])
"""


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """One process without any extra imports all and is asked for all: PyTorch is most of it."""
    words = [sys.executable, "-c", BLOCKED + EVERYTHING + COMMANDED]
    home = {"PLANTEDU_HOME": str(tmp_path_factory.mktemp("home"))}
    return subprocess.run(
        words, cwd=ROOT, capture_output=True, text=True, timeout=200, env=os.environ | home
    )


@pytest.mark.slow
def test_every_command_and_door_but_one_imports_without_any_extra(done):
    assert done.returncode == 0, done.stderr
    said = 'plantedu.commands.notebook This needs nbformat: pip install "plantedu[app]".'
    assert done.stdout.splitlines()[:-1] == [said]


def test_a_command_without_its_extra_says_a_sentence(done):
    assert done.stdout.splitlines()[-1:] == ["[2, 2, 2]"]
    assert "Traceback" not in done.stderr
    for _, missing, named in LACKING:
        assert f'This needs {missing}: pip install "plantedu[{named}]".' in done.stderr


def test_an_extra_names_the_package_and_what_works_without_it():
    with pytest.raises(PlantEduError) as said, extra("ray", "One machine needs nothing more."):
        import nowhere.at.all  # noqa: F401  # pyright: ignore[reportMissingImports]
    expected = 'This needs nowhere: pip install "plantedu[ray]". One machine needs nothing more.'
    assert str(said.value) == expected


def test_an_error_of_another_kind_stays_what_it_is():
    with pytest.raises(ImportError, match="cannot import"), extra("ray"):
        from plantedu.errors import nothing  # noqa: F401  # pyright: ignore
