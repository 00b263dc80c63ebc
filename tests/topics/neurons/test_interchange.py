"""Readable or used: the two cues of lesson 09 by do(), round trips, the terminal, refusals."""

import json
from types import SimpleNamespace

import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.neurons.interchange import METHOD, interchange
from plantedu.topics.neurons.results.interchange import InterchangeResult, Settings

pytestmark = pytest.mark.slow  # it trains, or measures a whole method

FEW = {"plants": 24, "fitted": 96, "draws": 2, "layers": ("stage 2", "h")}


@pytest.fixture(scope="module")
def by_cue():
    return {
        name: interchange(Settings(network="cues/mark-0", factor=name, **FEW))
        for name in ("disease", "mark")
    }


def test_lesions_are_readable_and_not_used_where_the_mark_is(by_cue):
    """The key is do(): the labels of this network followed the mark alone."""
    lesions, mark = by_cue["disease"], by_cue["mark"]
    assert mark.readable["h"].value >= 0.95
    assert mark.picture.value >= 0.9
    assert mark.cell("h", "means").follows.value >= 0.9
    assert lesions.readable["stage 2"].value >= 0.8
    assert lesions.picture.value <= 0.1
    for cell in lesions.cells:
        assert cell.follows.value <= 0.1, cell.subspace
    for one in by_cue.values():
        assert one.picture.null <= 0.1
        for cell in one.cells:
            low, high = cell.follows.interval
            assert low <= cell.follows.value <= high
            assert high - low > 0.05  # 24 plants never give an interval of no width


def test_it_comes_back_from_json_and_draws_itself(by_cue):
    found = by_cue["mark"]
    again = InterchangeResult.from_json(json.loads(json.dumps(found.as_json())))
    assert again == found
    assert "cues/mark-0, mark: a reader of h names its level" in again.chart().alt
    with pytest.raises(PlantEduError, match="No cell h/nose; there are stage 2/all"):
        found.cell("h", "nose")


def test_the_job_follows_the_request_and_can_be_stopped():
    steps = []
    store = SimpleNamespace(event=lambda *_: None, set_step=lambda *one: steps.append(one))
    request = {"network": "cues/mark-0", **FEW, "layers": ("h",), "plants": 16, "fitted": 16}
    work = SimpleNamespace(run=SimpleNamespace(id="a", request=request), store=store)
    work.check = lambda: None
    found = InterchangeResult.from_json(METHOD.job(work))
    assert found.settings.plants == 16
    assert found == interchange(Settings(**request))
    assert steps == [("a", 0, 1)]

    def stop():
        raise RuntimeError("stopped")

    work.check = stop
    with pytest.raises(RuntimeError, match="stopped"):
        METHOD.job(work)


def test_the_terminal_says_the_same(capsys):
    words = ["--network", "cues/mark-0", "--plants", "16", "--fitted", "16", "--layers", "h"]
    assert METHOD.main([*words, "--draws", "1", "--json"]) == 0
    *text, last = capsys.readouterr().out.splitlines()
    assert any("all but means" in line for line in text)
    assert InterchangeResult.from_json(json.loads(last)).settings.layers == ("h",)


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"sensor": "nir"}, "rgb or rgn; got 'nir'"),
        ({"plants": 8}, "plants is 16 to 1024; got 8"),
        ({"fitted": 9}, "fitted is 16 to 1024; got 9"),
        ({"draws": 0}, "draws is 1 to 100; got 0"),
        ({"first": -1}, "first is 0 or more"),
    ],
)
def test_settings_that_cannot_be_are_refused(knobs, said):
    with pytest.raises(PlantEduError, match=said):
        Settings(**knobs)


def test_layers_that_are_not_there_are_named():
    asked = Settings(network="cues/mark-0", layers=("nose",), plants=16, fitted=16)
    with pytest.raises(PlantEduError, match=r"has the layers stage 1, .* got 'nose'"):
        interchange(asked)
