"""The page of lesson 10: labs show what is recorded beside its null, units open, runs start."""

import pytest

from app import session
from app.labs.neurons.dictionary import RECORDED as DICTIONARIES
from app.labs.neurons.dictionary import called
from app.labs.neurons.interchange import ASKABLE, recorded
from app.labs.neurons.units import NUMBERS, RECORDED
from plantedu.store.run import Metric
from plantedu.topics.neurons.results.dictionary import DictionaryResult
from plantedu.topics.neurons.results.polysemy import PolysemyResult
from plantedu.topics.neurons.results.steer import SteerResult
from plantedu.topics.neurons.results.units import NeuronsResult
from tests.app.conftest import text_of

LABS = (
    *("One unit", "Selective, used?", "Exchange", "Four encoders", "Dictionaries"),
    "Push a feature",
)


@pytest.fixture
def open_lab(open_page):
    def open_lab(name, **state):
        app = open_page("10_neurons")
        for key, value in {"lab": name, **state}.items():
            app.session_state[key] = value
        app.run()
        assert not app.exception, app.exception
        return app

    return open_lab


def bare(name):
    return {k: v for k, v in session.results(name).items() if k != "command"}


@pytest.mark.parametrize(
    ("lab", "said"),
    [
        ("One unit", "Twins of near mean colour"),
        ("Selective, used?", "the same number of units at random"),
        ("Selective, used?", "95th percentile for units in another order"),
        ("Exchange", "The answer follows it in"),
        ("Four encoders", "95 % over seeds (Welch)"),
        ("Dictionaries", "PCA and a random dictionary with the same k and width"),
        ("Push a feature", "pushes of equal length between plants"),
    ],
)
def test_every_lab_shows_what_is_recorded_beside_its_null(open_lab, lab, said):
    assert said in text_of(open_lab(lab))


@pytest.mark.parametrize("name", RECORDED)
def test_every_encoder_is_recorded(name):
    found = NeuronsResult.from_json(bare(f"10_units_{name}"))
    assert found.settings.plants == 1024
    assert found.names[-1] == "mesophyll"


def test_all_numbers_dictionaries_and_pushes_are_recorded():
    kinds = PolysemyResult.from_json(bare("10_polysemy"))
    assert set(NUMBERS) <= set(kinds.means)
    rows = bare("10_dictionary")
    assert set(rows) == set(DICTIONARIES)
    assert all(DictionaryResult.from_json(one).features for one in rows.values())
    for row in bare("10_steer")["rows"]:
        plain = {k: v for k, v in row.items() if k not in ("question", "auroc")}
        assert SteerResult.from_json(plain).effects


def test_another_encoder_another_unit_another_number(open_lab):
    app = open_lab("One unit")
    app.session_state["units of"] = "random"
    app.run()
    assert not app.exception, app.exception
    box = app.selectbox(key="recorded random unit")
    box.set_value(box.options[5] if isinstance(box.options[5], int) else int(box.options[5])).run()
    assert not app.exception, app.exception
    app = open_lab("Four encoders")
    app.selectbox(key="recorded kinds number").set_value("same").run()
    assert "the same through both cameras" in text_of(app) or not app.exception
    app = open_lab("Dictionaries")
    app.selectbox(key="recorded dictionary").set_value("batchtopk").run()
    assert not app.exception, app.exception


def test_results_that_are_not_there_are_a_sentence(open_lab, tmp_path, monkeypatch):
    monkeypatch.setattr(session, "RESULTS", tmp_path)
    for lab in LABS:
        assert len(open_lab(lab).info) >= 1, lab


def test_a_dictionary_is_asked_for_and_its_curve_arrives(open_lab, store, token):
    app = open_lab("Dictionaries")
    app.button(key="ask dictionary ").click().run()
    assert not app.exception, app.exception
    (run,) = store.runs(kind="dictionary", learner=token)
    assert run.request["encoder"] == "cross-0"
    assert run.request["sensors"] == ["rgb", "rgn"]
    store.lease("analysis", "tester")
    store.log(run.id, [Metric(10, "fvu", 0.25), Metric(10, "dead", 0.5)], step=10)
    app.run()
    assert "after 10 steps: 0.250" in text_of(app)
    store.finish(run.id, bare("10_dictionary")["topk"])
    app.run()
    assert "Two seeds agree" in text_of(app)
    app = open_lab("Push a feature")
    labels = app.selectbox(key="steered").options
    assert any(run.id in label for label in labels)


def test_dictionaries_that_the_denoiser_cannot_follow_are_not_offered(open_lab, store, token):
    made = {}
    for encoder in ("random:1001", "cross-0"):
        asked = {"encoder": encoder}
        made[encoder] = store.submit("dictionary", asked, lane="analysis", learner=token)
        store.lease("analysis", "tester")
        store.finish(made[encoder], bare("10_dictionary")["topk"])
    labels = open_lab("Push a feature").selectbox(key="steered").options
    assert any(made["cross-0"] in label for label in labels)
    assert not any(made["random:1001"] in label for label in labels)


def test_a_feature_is_called_by_what_it_answers_and_not_by_an_auroc_below_a_half():
    feature = {"number": 7, "auroc": 0.11}
    assert called(feature | {"question": "disease: blast"}) == "7: not disease: blast (0.89)"
    assert called(feature | {"question": "width"}) == "7: low width (0.89)"
    assert called({"number": 7, "question": "width", "auroc": 0.8}) == "7: width (0.80)"


def test_a_push_and_units_of_ones_own_are_asked_for(open_lab, store, token):
    app = open_lab("Push a feature")
    app.button(key="ask steer ").click().run()
    app = open_lab("One unit")
    app.button(key="ask neurons ").click().run()
    assert not app.exception, app.exception
    kinds = {run.kind for run in store.runs(learner=token)}
    assert kinds == {"steer", "neurons"}


def test_another_network_another_factor_and_an_exchange_of_ones_own(open_lab, store, token):
    app = open_lab("Exchange")
    app.selectbox(key="exchanged").set_value("cues/mark-0").run()
    for factor in ("disease", "mark"):
        app.selectbox(key="exchanged factor").set_value(factor).run()
        assert f"cues/mark-0, {factor}: a reader of h names its level" in text_of(app)
    app.selectbox(key="own exchange").set_value("cross-0").run()
    app.selectbox(key="own exchange factor").set_value("bloom").run()
    app.button(key="ask interchange ").click().run()
    assert not app.exception, app.exception
    (run,) = store.runs(kind="interchange", learner=token)
    assert run.request["factor"] == "bloom"
    assert run.request["network"] == "cross-0"
    store.lease("analysis", "tester")
    rows = session.results("10_interchange")["rows"]
    store.finish(run.id, next(row for row in rows if row["settings"]["factor"] == "bloom"))
    app.run()
    assert "bloom: a reader of hidden names its level" in text_of(app)


def test_every_exchange_that_can_be_asked_for_is_recorded():
    known = {(one, factor) for one, factors in ASKABLE.items() for factor in factors}
    assert known <= set(recorded())


def test_the_page_names_every_control(open_page, open_lab):
    words = text_of(open_page("10_neurons"))
    for lab in LABS:
        words += text_of(open_lab(lab))
    for control in session.lesson("10_neurons").controls:
        assert control in words, control
