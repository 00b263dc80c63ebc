"""A dictionary beside its baselines: rows, curve, live metrics, a kept file, doors."""

import json

import pytest

from plantedu.errors import PlantEduError
from plantedu.store.store import Store
from plantedu.store.work import Work
from plantedu.topics.neurons import dictionary_training as dissected
from plantedu.topics.neurons.dictionary import FILE, METHOD, dictionary
from plantedu.topics.neurons.dictionary_training import load_dictionary
from plantedu.topics.neurons.results.dictionary import DictionaryResult, Settings

TINY = {"encoder": "random:0", "width": 16, "k": 2, "steps": 20, "plants": 64}


@pytest.fixture(autouse=True, scope="module")
def _few_plants():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dissected.Bench.__init__, "__kwdefaults__", {"first": 0, "judged": 96})
        yield


@pytest.fixture(scope="module")
def found(_few_plants, tmp_path_factory):
    return dictionary(Settings(**TINY, untrained=1), folder=tmp_path_factory.mktemp("home"))


def test_rows_stand_beside_their_baselines(found):
    names = [row.name for row in found.rows]
    assert names == [
        *("dictionary", "neurons", "PCA", "random dictionary", "of an untrained encoder")
    ]
    assert found.agreement.seeds == 2
    assert (
        found.agreement.control == "two seeds on Gaussian numbers of the same mean and covariance"
    )
    assert found.at_random.control == "directions of activations drawn at random"
    assert found.at_random.value == found.agreement.value
    assert found.at_random.null != found.agreement.null
    here, made = found.control
    assert (here.width, here.k, here.seeds) == (16, 2, 1)  # the settings that were asked for
    assert made.recall > here.recall
    assert found.row("PCA").duplicates == 0
    assert "16 directions share 512 activations" in found.warning
    again = DictionaryResult.from_json(json.loads(json.dumps(found.as_json())))
    assert again.row("PCA") == found.row("PCA")
    for drawing in (again.chart(), again.auroc_chart(dark=True), again.curve_chart()):
        assert drawing.alt
    assert "null: neurons, PCA and a random dictionary" in again.chart().alt


def test_results_of_before_there_were_controls_are_read(found):
    whole = found.as_json()
    older = {k: v for k, v in whole.items() if k not in ("control", "at_random")}
    older["rows"] = [{k: v for k, v in r.items() if k != "duplicates"} for r in whole["rows"]]
    older["settings"] = {k: v for k, v in whole["settings"].items() if k != "controls"}
    again = DictionaryResult.from_json(json.loads(json.dumps(older)))
    assert again.control == ()
    assert again.rows[0].duplicates is None
    assert again.chart().alt


def test_a_page_sees_the_curve_and_keeps_the_dictionary(plantedu_home):
    store = Store(plantedu_home / "plantedu.sqlite")
    run_id = store.submit(
        "dictionary", TINY | {"beside": False, "sensors": ["rgb"]}, lane="analysis"
    )
    run = store.lease("analysis", "tester")
    made = METHOD.job(Work(store, run, type("Wishes", (), {"wish": None})()))
    assert made["settings"]["sensors"] == ("rgb",)
    curve = store.metrics(run_id, ["fvu", "dead"])
    assert curve["fvu"].steps.tolist() == [1, 10, 20]
    model, words = load_dictionary(store.folder(run_id) / FILE)
    assert (words, len(model.directions)) == ("random:0", 16)


def test_the_command_prints_a_table(capsys, plantedu_home):
    words = ["--encoder", "random:0", "--width", "16", "--k", "2", "--steps", "5", "--plants", "64"]
    assert METHOD.main([*words, "--no-beside", "--json"]) == 0
    *text, last = capsys.readouterr().out.splitlines()
    assert [row["name"] for row in json.loads(last)["rows"]] == ["dictionary", "neurons", "PCA"]
    assert any("AUROC" in line for line in text)
    assert any("known directions, these settings (16 directions, 2 codes)" in line for line in text)


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"sensors": ("nir",)}, "rgb and rgn"),
        ({"width": 1}, "2 to 8192; got 1"),
        ({"k": 99, "width": 8}, "1 to width; got 99"),
        ({"plants": 3}, "64 or more; got 3"),
        ({"controls": 21}, "controls is 0 to 20; got 21"),
        ({"encoder": "cross-9"}, "cross-9"),
    ],
)
def test_what_cannot_be_is_refused(knobs, said, tmp_path):
    with pytest.raises(PlantEduError, match=said):
        dictionary(Settings(**(TINY | knobs)), folder=tmp_path)
