"""Crossing an event: nulls beside every change, and the same answer twice."""

import json
from types import SimpleNamespace

import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.bump.event import METHOD, event_report
from plantedu.topics.bump.results.event import EventResult, Settings

FAST = Settings(plants=32, pack=32, queue=16, probe_seeds=1)


@pytest.fixture(scope="module")
def result(tiny_stages):
    return crossed(tiny_stages, ("on-6", "on-12"), ("off-6", "off-12"))


def crossed(folder, pair, control):
    files = [tuple(folder / f"{name}.safetensors" for name in names) for names in (pair, control)]
    return event_report(*files, FAST, bank_folder=folder / "bank")


def test_a_pair_of_one_checkpoint_says_that_nobody_moved(tiny_stages):
    result = crossed(tiny_stages, ("off-4", "off-4"), ("off-6", "off-6"))
    assert result.verdict.who == "nobody"
    assert all(change.evidence.value == 0 for change in result.changes)
    assert result.distances["event"]["all"] == 0
    assert {one.verdict for one in result.shifts} <= {"none", "uniform", "uneven"}
    assert result.shift("first ruler").verdict == "none"


def test_either_end_has_its_own_ruler(result):
    assert result.rulers == ("no queue, batch 8", "queue of 16, batch 8")
    assert result.steps == (6, 12, 6, 12)
    shifts = {one.name: one.mean.value for one in result.shifts}
    assert set(shifts) == {"log", "first ruler", "second ruler", "ruler alone", "stale queue"}
    whole = shifts["ruler alone"] + shifts["second ruler"] + shifts["stale queue"]
    assert shifts["log"] == pytest.approx(whole, abs=1e-6)
    assert result.of("disease, read from h").chance > 0


def test_json_gives_the_result_back_and_charts_show_the_control(result):
    found = EventResult.from_json(json.loads(json.dumps(result.as_json())))
    assert found == result
    drawing = found.chart()
    assert set(drawing.rows["pair"]) == {"event", "control"}
    assert "control" in drawing.alt
    assert "control" in found.shift_chart(dark=True).alt


def test_too_few_plants_are_refused():
    with pytest.raises(PlantEduError, match="at least 20"):
        Settings(plants=3)


def test_terminal_prints_one_object_last(tiny_stages, plantedu_home, capsys):
    (plantedu_home / "bank").parent.mkdir(parents=True)
    (plantedu_home / "bank").symlink_to(tiny_stages / "bank")
    names = [str(tiny_stages / f"{name}.safetensors") for name in ("on-6", "on-12")]
    null = [str(tiny_stages / f"{name}.safetensors") for name in ("off-6", "off-12")]
    words = [*names, "--control", *null, "--plants", "32", "--pack", "32", "--probe-seeds", "1"]
    assert METHOD.main([*words, "--json"]) == 0
    printed = capsys.readouterr().out.splitlines()
    found = EventResult.from_json(json.loads(printed[-1]))
    assert {"value", "null", "n", "seeds", "interval"} <= set(found.as_json()["alike"]["h"])
    assert any(line.startswith("Who moved: ") for line in printed)


def test_a_page_may_stop_it(monkeypatch, tiny_stages):
    asked = {"pair": ["on-6", "on-12"], "control": ["off-6", "off-12"], "plants": 32, "pack": 32}

    def stop():
        raise KeyboardInterrupt

    monkeypatch.setattr(
        "plantedu.topics.method.asked_file",
        lambda name, folder: tiny_stages / f"{name}.safetensors",
    )
    run, store = SimpleNamespace(request=asked), SimpleNamespace(folder=lambda run: None)
    work = SimpleNamespace(run=run, check=stop, store=store)
    with pytest.raises(KeyboardInterrupt):
        METHOD.job(work)
