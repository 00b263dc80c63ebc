"""The graded report: settings, and what a page and a terminal get."""

import json
from types import SimpleNamespace

import pytest

from plantedu.topics.attribution.method_comparison import METHOD, attribution
from plantedu.topics.attribution.results.method_comparison import AttributionResult, Settings

FAST = {"arms": ("mark",), "seeds": 1, "rows": ("gxi",), "plants": 4, "deep": 0}


@pytest.fixture(scope="module")
def result():
    return attribution(Settings(**FAST), bank_folder=None)


def test_a_cue_that_was_not_learned_has_a_kind_of_its_own(result):
    assert [one.cue for one in result.learned] == ["mark"]
    assert [one.cue for one in result.not_learned] == ["lesions"]
    assert result.uses("mark", "mark")
    assert not result.uses("mark", "lesions")


def test_false_alarms_are_called_so(result):
    assert "is NOT used: mass here is a false alarm" in result.chart(arm="mark").alt
    assert "which is used" in result.chart(arm="mark", cue="mark").alt
    assert result.of("mark", "gxi", "mark").grades["mass"].value > 0.1


def test_json_gives_the_result_back(result):
    assert AttributionResult.from_json(json.loads(json.dumps(result.as_json()))) == result


def test_cancel_is_heard():
    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attribution(Settings(**FAST), bank_folder=None, check=stop)


@pytest.mark.slow
def test_page_and_terminal(capsys):
    request = {k: list(v) if isinstance(v, tuple) else v for k, v in FAST.items()}
    store = SimpleNamespace(event=lambda *_: None, set_step=lambda *given: None)
    run = SimpleNamespace(id="x", request=request)
    METHOD.job(SimpleNamespace(run=run, store=store, check=lambda: None))
    words = ["--arms", "mark", "--seeds", "1", "--rows", "gxi", "--plants", "4", "--deep", "0"]
    assert METHOD.main([*words, "--json"]) == 0
    out = capsys.readouterr().out
    assert "mark-0 does NOT use lesions" in out
    assert {"value", "null", "n"} <= set(json.loads(out.splitlines()[-1])["table"][0]["beats"])
