"""Results are written with their command and read back; parts run by name, all by default."""

import json

import pytest

from experiments import parts
from plantedu.errors import PlantEduError
from plantedu.statistics.evidence import Evidence


@pytest.fixture(autouse=True)
def results(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "RESULTS", tmp_path)
    return tmp_path


def test_a_result_stands_behind_its_command_and_comes_back(results):
    found = {"value": 0.5}
    parts.write("00_x", found, "experiments.x run")
    text = (results / "00_x.json").read_text()
    assert text.startswith('{\n "command": "uv run python -m experiments.x run"')
    assert parts.read("00_x") == {"command": "uv run python -m experiments.x run", **found}
    parts.write_by_line("00_y", {"command": "c", "rows": [1, 2]})
    assert (results / "00_y.json").read_text() == '{\n"command": "c",\n"rows": [1, 2]\n}\n'
    with pytest.raises(PlantEduError, match=r"00_z\.json"):
        parts.read("00_z")
    parts.write("00_z", found, "experiments.x run", folder=results / "other")
    assert (results / "other" / "00_z.json").is_file()
    assert not (results / "00_z.json").exists(), "another folder's result is not the lesson's"


def test_a_result_is_read_as_its_class():
    one = Evidence(question="?", value=0.5, null=0.1, control="none", n=9)
    parts.write("00_x", json.loads(json.dumps({"settings": one.as_json()})), "experiments.x")

    class Kept:
        @staticmethod
        def from_json(found):
            return sorted(found)

    assert parts.read_as(Kept, "00_x") == ["settings"]


def test_named_parts_run_and_all_without_names():
    ran = []
    table = {name: lambda name=name: ran.append(name) for name in ("a", "b")}
    parts.run(table, ["b"])
    parts.run(table, [])
    assert ran == ["b", "a", "b"]


def test_a_word_that_names_no_part_is_told_before_anything_runs():
    done = []
    with pytest.raises(SystemExit, match="no part --help; there are one, two"):
        parts.run({"one": lambda: done.append(1), "two": lambda: done.append(2)}, ["one", "--help"])
    assert done == []
