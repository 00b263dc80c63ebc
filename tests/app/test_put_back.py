"""Controls stand as the result beside them was asked for: after a reload, and back from a tab."""

import math

import pytest

from plantedu.topics.bump import own_curve
from tests.app.conftest import text_of

DRAWN = {"kind": "edited", "encoder": "cross-0", "layers": "z", "factor": "bloom", "amount": -3.0}
DRAWN |= {"samples": 8, "steps": 20, "sampler": "heun", "guidance": 3.0, "seed": 4, "plant": 9}
COMPARED = {"comparison": "sensors", "measure": "nbs", "plants": 256, "shuffles": 99, "halves": 40}
ATTACK = {"network": "cross-0", "where": "rgb", "goal": "pairing", "attack": "apgd", "norm": "linf"}
ATTACK |= {"radius": 6.5 / 255, "defence": "none", "curve": True, "alarms": False}
HEAD = {"kind": "rotate", "size": 90.0, "layer": "h", "noise": "white", "plants": 512, "dim": 32}
HEAD |= {"reliability": 0.7, "seeds": 3}
EXAMINED = {"encoder": "foreign-b", "quick": False, "seed": 0}
CASES = [
    ("06_similarity", "Two traps", "traps", {"n": 400, "moved": "blast"},
     {"trap n": 400, "trap moved": "blast"}),
    ("06_similarity", "Heat maps", "similarity", COMPARED,
     {"comparison": "sensors", "measure": "nbs"}),
    ("03_bump", "Fork", "fork", {"checkpoint": "bump-0", "seed": 5, "steps": 60},
     {"fork seed": 5, "fork steps": 60}),
    ("05_generation", "Draw", "generate", DRAWN,
     {"condition": "edited", "layer": "z", "edited factor": "bloom",
      "edited amount": -3.0, "draw samples": 8, "draw steps": 20, "draw sampler": "heun",
      "w": 3.0, "draw seed": 4, "of": 9}),
    ("08_attacks", "Attack a pair", "attack", ATTACK,
     {"attack where": "rgb", "attack radius": 6.5, "attack goal": "pairing", "attack curve": True}),
    ("07_spectrum", "Planted heads", "heads", HEAD,
     {"head kind": "turns by 90°", "head covariances": "as in h, white noise", "head seeds": 3}),
    ("07_spectrum", "From sensor to sensor", "spectrum",
     {"checkpoint": "stages/0350", "layer": "h"},
     {"map source": "stages/0350", "map layer": "h"}),
    ("07_spectrum", "Ranks along a run", "collapse",
     {"checkpoints": ["bump/0430"], "layer": "h"},
     {"ranks source": "bump/0430", "ranks layer": "h"}),
    ("01_pairs", "All factors", "sight", {"world": "shared_light", "plants": 8, "size": 48},
     {"world": "shared_light"}),
    ("01_pairs", "Partners", "partners", {"worlds": ["decoy", "shared_light"]}, {"world": "decoy"}),
    ("12_own", "Examine a stranger", "examine", EXAMINED,
     {"examined": "foreign-b", "examined how": "whole"}),
    ("04_family", "Fine-tune", "finetune",
     {"mode": "mlp_only", "sensors": "rgn", "labels": 0.01, "seed": 3},
     {"tune mode": "mlp_only", "tune sensors": "rgn", "tune labels": 0.01, "tune seed": 3}),
    ("10_neurons", "Push a feature", "steer", {"dictionary": "cross-0", "times": -4.5},
     {"times": -4.5}),
]  # fmt: skip


def state(app, keys):
    return {key: app.session_state[key] for key in keys}


def lab(app, name):
    app.session_state["lab"] = name
    app.run()
    assert not app.exception, app.exception
    return app


@pytest.mark.parametrize(("view", "tab", "kind", "asked", "controls"), CASES)
def test_after_a_reload_the_controls_are_those_of_the_result(
    open_page, store, token, view, tab, kind, asked, controls
):
    """They stood at their defaults, beside a result of other settings."""
    run = store.submit(kind, asked, lane="analysis", learner=token)
    app = lab(open_page(view, result=run), tab)
    assert state(app, controls) == controls
    assert "of other settings" not in text_of(app)


@pytest.mark.parametrize(
    ("view", "tab", "kind", "asked", "key", "default"),
    [
        ("11_report", "Report card", "report_card", {"worlds": 1, "seed": 3}, "card worlds", 5),
        ("06_similarity", "Two traps", "traps", {"n": 7, "moved": "brown"}, "trap n", 100),
    ],
)
def test_a_result_of_another_range_leaves_the_controls_at_their_defaults(
    open_page, store, token, view, tab, kind, asked, key, default
):
    """A slider that begins at 2 cannot stand at 1: that ended in Streamlit's own error."""
    run = store.submit(kind, asked, lane="analysis", learner=token)
    app = lab(open_page(view, result=run), tab)
    assert app.get_by_key(key).value == default
    app.run()
    assert not app.exception


def test_a_run_of_one_tab_moves_no_control_of_another(open_page, store, token):
    """Heat maps took the measure of the learner's own comparison, which is of the same kind."""
    own = {"encoders": ["cross-0", "cross-1"], "sensors": ["rgb", "rgb"], "layers": ["h"]}
    own |= {"measure": "procrustes", "plants": 64, "shuffles": 99, "halves": 40}
    store.submit("similarity", own, lane="analysis", learner=token)
    app = lab(open_page("06_similarity"), "Heat maps")
    assert app.session_state["measure"] != "procrustes"
    assert lab(app, "Your own").session_state["own measure"] == "procrustes"


def test_a_control_that_is_moved_stays_and_comes_back_with_its_tab(open_page, store, token):
    store.submit("traps", {"n": 400, "moved": "blast"}, lane="analysis", learner=token)
    app = lab(open_page("06_similarity"), "Two traps")
    assert app.session_state["trap n"] == 400, "the newest one, where the address names none"
    app.select_slider(key="trap n").set_value(50).run()
    assert app.session_state["trap n"] == 50
    lab(lab(app, "Your own"), "Two traps")
    assert app.session_state["trap n"] == 400


def test_a_folded_experiment_is_open_where_the_address_names_its_result(open_page, store, token):
    run = store.submit("heads", HEAD, lane="analysis", learner=token)

    def folds(app):
        return {one.label: one.proto.expanded for one in app.expander}

    app = lab(open_page("07_spectrum", result=run), "Planted heads")
    assert folds(app)["Build it again on this machine, with heads of your own"]
    app = lab(open_page("07_spectrum"), "Planted heads")
    assert not folds(app)["Build it again on this machine, with heads of your own"]


def test_a_table_that_was_searched_is_shown_again_without_its_file(open_page, store, token):
    """After a reload "My file" was empty, though what was found is kept."""
    rows = [f"{k},{2.0 + 0.01 * math.sin(k) - (k >= 30)}" for k in range(60)]
    found = own_curve.read("\n".join(["step,loss", *rows]).encode())
    run = store.submit("own_curve", {"table": "0" * 32}, lane="analysis", learner=token)
    store.lease("analysis", "tester")
    store.finish(run, found, worker="tester")
    app = lab(open_page("03_bump", result=run), "The curve")
    assert app.session_state["curve source"] == "My file"
    assert "A step of" in text_of(app)
