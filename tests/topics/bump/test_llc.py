"""Learning coefficients: one landscape for all, and a sentence where there are two."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.bump.llc import METHOD, llc
from plantedu.topics.bump.results.llc import LlcResult, Settings

FAST = Settings(pack=16, draws=8, burn_in=2)


@pytest.fixture(scope="module", autouse=True)
def known_once():
    """The known answers have tests of their own and take half a second."""

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("plantedu.topics.bump.llc.known_answers", lambda seed: ())
        yield


def measured(folder, pair, control, settings=FAST):
    files = [tuple(folder / f"{name}.safetensors" for name in names) for names in (pair, control)]
    return llc(*files, settings, bank_folder=folder / "bank")


@pytest.fixture(scope="module")
def result(tiny_stages):
    return measured(tiny_stages, ("on-6", "on-12"), ("on-6", "on-6"))


def test_one_landscape_for_all_and_the_same_answer_twice(result):
    assert len({c.function for c in result.coefficients}) == 1
    assert "on-6, no queue, batch 8" in result.coefficients[0].function
    before, after, same, again = result.coefficients
    assert before.value == same.value == again.value != after.value
    assert result.change.null == 0
    assert result.change.value == pytest.approx(after.value - before.value)
    assert [len(trace) for trace in before.traces] == [10, 10]


def test_the_walk_starts_at_the_checkpoint(result):
    for found in result.coefficients:
        assert all(abs(trace[0]) < 1e-5 for trace in found.traces)


def test_a_walk_that_diverges_is_named(tiny_stages):
    wild = replace(FAST, step_size=1e3, localisation=1e6, draws=30)
    found = measured(tiny_stages, ("on-6", "on-12"), ("on-6", "on-6"), wild)
    assert found.change is None
    assert "diverged" in found.coefficients[0].says
    assert found.coefficients[0].value is None
    assert "diverged" in found.chart().alt
    json.dumps(found.as_json(), allow_nan=False)


def test_json_gives_the_result_back_and_the_chart_its_traces(result):
    assert LlcResult.from_json(json.loads(json.dumps(result.as_json()))) == result
    assert len(result.chart(dark=True).rows) == 4 * 2 * 10
    assert "control" in result.chart().alt


def test_one_walk_is_refused():
    with pytest.raises(PlantEduError, match="shows no spread"):
        Settings(chains=1)


def test_terminal_prints_one_object_last(tiny_stages, plantedu_home, capsys, monkeypatch):
    monkeypatch.setattr("plantedu.topics.bump.llc.PULLS", (1e5,))
    plantedu_home.mkdir(parents=True)
    (plantedu_home / "bank").symlink_to(tiny_stages / "bank")
    names = [str(tiny_stages / f"{name}.safetensors") for name in ("on-6", "on-12")]
    words = ["--pack", "16", "--draws", "4", "--burn-in", "0", "--sweep", "--json"]
    assert METHOD.main([*names, "--control", *names, *words]) == 0
    printed = capsys.readouterr().out.splitlines()
    found = json.loads(printed[-1])
    assert {"value", "null", "n", "seeds", "interval"} <= set(found["change"])
    assert [row["localisation"] for row in found["sweep"]] == [1e5, 1e5]


def test_a_page_may_stop_it(tiny_stages, monkeypatch):
    def stop():
        raise KeyboardInterrupt

    monkeypatch.setattr(
        "plantedu.topics.method.asked_file",
        lambda name, folder: tiny_stages / f"{name}.safetensors",
    )
    asked = {"pair": ["on-6", "on-12"], "control": ["off-6", "off-12"], "pack": 16}
    run, store = SimpleNamespace(request=asked), SimpleNamespace(folder=lambda run: None)
    work = SimpleNamespace(run=run, check=stop, store=store)
    with pytest.raises(KeyboardInterrupt):
        METHOD.job(work)
