"""The command and the result: printed, read back, drawn, and refused in a sentence."""

import json

import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.neurons import units
from plantedu.topics.neurons.results.units import NeuronsResult, Settings
from plantedu.topics.neurons.units import METHOD, neurons
from plantedu.zoo.encoders import load_encoder
from tests.topics.works import work_of

pytestmark = pytest.mark.slow  # it trains, or measures a whole method

SMALL = ("--encoder", "random:0", "--plants", "64", "--first", "0", "--shuffles", "100")
FEW = ("--factors", "disease", "angle", "width", "--bins", "4")


def with_dead_units(words):
    """The control with three units that say 0 of every picture."""
    one = load_encoder(words)
    last = one.encoder.body.layer4[-1]
    for norm in (last.bn3, last.downsample[-1]):
        norm.weight.data[:3] = norm.bias.data[:3] = 0
    return one


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    settings = Settings(
        "random:0", factors=("disease", "angle"), plants=64, first=0, bins=4, shuffles=100
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(units, "load_encoder", with_dead_units)
        return neurons(settings, folder=tmp_path_factory.mktemp("home"))


def test_units_are_asked_and_dead_ones_counted(found):
    assert found.names == ("disease", "angle", "mesophyll")
    assert found.dead == 3
    assert len(found.units) + found.dead == 512
    assert not found.head


def test_a_result_reads_back_and_draws(found):
    again = NeuronsResult.from_json(json.loads(json.dumps(found.as_json())))
    number = again.units[3].number
    assert again.unit(number).tops == found.unit(number).tops
    assert "mesophyll cannot show in these pictures" in again.chart().alt
    assert f"Unit {number} tells" in again.unit_chart(number).alt
    assert "rank correlation" in again.used_chart(dark=True).alt


def test_a_dead_unit_is_a_sentence(found):
    alive = {unit.number for unit in found.units}
    gone = next(k for k in range(512) if k not in alive)
    with pytest.raises(PlantEduError, match=f"Unit {gone} says the same of every plant"):
        found.unit(gone)


def test_the_command_prints_numbers_with_nulls(capsys):
    assert METHOD.main([*SMALL, *FEW, "--json"]) == 0
    *text, last = capsys.readouterr().out.splitlines()
    printed = json.loads(last)
    assert printed["numbers"]["index"]["control"] == "plants in another order"
    assert any("h turned at random" in line for line in text)
    assert any("dead" in line for line in text)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--encoder", "cross-9"], "cross-9"),
        (["--encoder", "cross-0", "--first", "0"], "was trained on plants"),
        ([*SMALL, "--factors", "nose"], "No factor is called"),
        ([*SMALL, "--factors", "angle"], "use is one of the factors asked about"),
        ([*SMALL, *FEW, "--shuffles", "9"], "100 shuffles or more"),
    ],
)
def test_what_cannot_be_done_is_said(words, said):
    with pytest.raises(PlantEduError, match=said):
        METHOD.main(words)


def test_a_page_asks_with_some_settings(plantedu_home):
    request = {"encoder": "random:0", "plants": 64, "first": 0, "factors": ["disease"], "bins": 4}
    answer = METHOD.job(work_of(request | {"shuffles": 100}))
    assert answer["settings"]["use"] == "disease"
    assert NeuronsResult.from_json(answer).names == ("disease", "mesophyll")


def test_settings_that_cannot_be_are_refused():
    with pytest.raises(PlantEduError, match="64 or more; got 8"):
        Settings(plants=8)
    with pytest.raises(PlantEduError, match="rgb or rgn; got 'nir'"):
        Settings(sensor="nir")
