"""One attack from plain words: beside noise, with pictures, a file, and sentences for mistakes."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.topics.attacks import setup as scenes
from plantedu.topics.attacks.attack_pairs import METHOD, attack
from plantedu.topics.attacks.results.attack_pairs import AttackResult, Example, Settings
from plantedu.zoo.model_zoo import Plot


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(scenes, "Plot", lambda folder: Plot(None, size=16, labelled=40))


@pytest.fixture(scope="module")
def result():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scenes, "Plot", lambda folder: Plot(None, size=16, labelled=40))
        return attack(Settings(plants=6, curve=True, steps=3), bank_folder=None)


def test_the_share_falls_with_the_radius_beside_noise(result):
    shares = [one.value for one in result.standing]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] <= result.clean
    assert all("noise" in one.control for one in result.standing)
    assert result.standing[-1].value < result.standing[-1].null


def test_json_gives_the_result_back_and_the_chart_shows_noise(result):
    found = AttackResult.from_json(json.loads(json.dumps(result.as_json())))
    assert found == result
    drawing = found.chart(dark=True)
    assert "noise" in drawing.alt
    assert set(drawing.rows["kind"]) == {"arm", "noise", "chance"}


def test_examples_are_pictures_before_and_after(result):
    one = result.examples[0]
    assert set(one.pictures) == {
        "rgb", "rgn", "rgb attacked", "rgn attacked", "rgb change", "rgn change"
    }  # fmt: skip
    assert all(address.startswith("data:image/png;base64,") for address in one.pictures.values())
    assert max(one.size_255) <= 16


def test_the_attacked_pair_comes_back_as_a_file(tmp_path):
    path = tmp_path / "pairs.npz"
    attack(Settings(plants=3, steps=2, radius=4 / 255), bank_folder=None, save=path)
    with np.load(path, allow_pickle=False) as found:
        moved = np.abs(found["x1"].astype(int) - found["clean1"])
        assert found["x1"].dtype == np.uint8
        assert moved.max() <= 4
        assert found["plants"].tolist() == [4096, 4097, 4098]
    with pytest.raises(PlantEduError, match="Cannot write"):
        attack(Settings(plants=2, steps=1), bank_folder=None, save=tmp_path / "no" / "x.npz")


def test_alarms_are_counted_where_they_are_asked_for():
    settings = Settings(plants=4, steps=2, defence="rounded", alarms=True)
    found = attack(settings, bank_folder=None)
    assert any(one.name == "zero slopes" and one.rings for one in found.signs)
    assert "exactly zero" in found.notes[0]


def test_terminal_prints_one_object_last(capsys):
    assert METHOD.main(["--plants", "3", "--steps", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {"value", "null", "n", "seeds", "interval"} <= set(found["standing"][0])


def test_a_page_asks_and_may_stop_it():
    seen = []
    store = SimpleNamespace(
        event=lambda *_: None, set_step=lambda run, step, steps: seen.append((step, steps))
    )
    run = SimpleNamespace(id="1", request={"plants": 3, "steps": 2})
    found = METHOD.job(SimpleNamespace(run=run, store=store, check=lambda: None))
    assert AttackResult.from_json(json.loads(json.dumps(found))).settings.plants == 3
    assert seen == [(1, 1)]

    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        METHOD.job(SimpleNamespace(run=run, store=store, check=stop))


@pytest.mark.parametrize("kind", ["physical", "semantic"])
def test_what_no_radius_bounds_has_its_own_change_at_random_as_null(kind):
    found = attack(
        Settings(plants=4, steps=3, attack=kind, radius=1.0, alarms=True), bank_folder=None
    )
    (one,), (sign,) = found.standing, found.signs
    assert "drawn at random" in one.control
    assert "radius" not in one.question
    assert sign.name == "noise is as good"
    assert one.control in sign.says
    assert one.value <= one.null or kind == "physical"  # which tries three lights, not all


def test_a_failure_no_better_than_noise_is_said_without_counting_alarms():
    found = attack(Settings(plants=4, steps=1, radius=0.0), bank_folder=None)
    assert "noise breaks 0 plants, the attack 0" in found.notes[-1]
    assert not found.signs


def test_every_picture_says_its_size_and_how_it_is_drawn():
    one = Example(1, "blast", "blast", "healthy", {}, (3.0, 40.0))
    assert one.caption("rgb attacked") == "rgb attacked, at most 3/255"
    assert one.caption("rgb change") == "rgb change of at most 3/255, drawn 8 times as large"
    assert one.caption("rgn change").endswith("cut off above 16/255")
    assert one.caption("rgb") == "rgb"
    alone = Example(1, "blast", "blast", "healthy", {}, (0.0, 4.0))
    assert alone.caption("rgb attacked") == alone.caption("rgb change") == "rgb, not attacked"
