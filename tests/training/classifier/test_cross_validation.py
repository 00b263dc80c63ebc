"""An entry: each plant forecast out of fold, nulls at chance, tables that fit."""

import numpy as np
import pytest

from plantedu.data.challenge.render_folder import write_folder
from plantedu.data.renderer.worlds import world
from plantedu.errors import PlantEduError
from plantedu.training.classifier import cross_validation as module
from plantedu.training.classifier.cross_validation import ARMS, Challenge, compete, open_challenge
from plantedu.training.classifier.evaluation import Forecast

SMALL = Challenge(
    folds=2, start="scratch", image_size=16, crop_size=16, steps=3, batch=8, tta=2
)  # fmt: skip


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("challenge") / "rice"
    write_folder(world("calm"), path, pairs=40, size=16)
    return path


@pytest.fixture(scope="module")
def folder(path):
    return open_challenge(path, 16)


@pytest.fixture(scope="module")
def entry(folder):
    return compete(folder, SMALL)


def test_train_and_test_are_read_apart(folder):
    assert (folder.train, len(folder.ids)) == (28, 40)
    assert len(folder.asked.ids) == 12
    assert folder.data.names == ("blast", "brown", "healthy")
    assert not folder.twice


def test_no_plant_is_forecast_by_a_network_that_saw_it(folder, monkeypatch):
    seen, asked = [], []

    class Net:
        def __init__(self, rows):
            self.model, self.rows = self, set(rows.plants.tolist())

    def fake_trained(recipe, data, rows, *, observers):
        seen.append(Net(rows))
        return seen[-1]

    def fake_predicted(model, data, rows, *, side, tta):
        asked.append((model.rows, set(rows.plants.tolist())))
        return module.torch.full((len(rows), 3), -np.log(3), dtype=module.torch.float64)

    monkeypatch.setattr(module, "trained", fake_trained)
    monkeypatch.setattr(module, "predicted", fake_predicted)
    entry = compete(folder, SMALL)
    assert len(seen) == 2 * len(ARMS)
    assert all(not trained & forecast for trained, forecast in asked)
    assert all(max(trained) < 28 for trained, _ in asked), "Test is never trained on"
    held = [forecast for _, forecast in asked if min(forecast) < 28]
    assert sorted(plant for forecast in held[:2] for plant in forecast) == list(range(28))
    for arm in ARMS:  # the uniform forecast scores as it must
        assert entry.arms[arm]["log_loss"].value == pytest.approx(np.log(3))


def test_numbers_stand_beside_their_nulls_and_differences_are_paired(entry):
    for arm in ARMS:
        numbers = entry.arms[arm]
        assert numbers["log_loss"].n == 28
        assert numbers["log_loss_uniform"] == pytest.approx(np.log(3))
        counts = entry.prior * 28
        prior = -(entry.prior * np.log(entry.prior)).sum()
        assert numbers["log_loss"].null == pytest.approx(prior)
        assert counts.sum() == pytest.approx(28)
    gap = entry.differences["rgb - both"]
    two = (entry.arms[arm]["log_loss"].value for arm in ("rgb", "both"))
    assert gap.value == pytest.approx(next(two) - next(two))
    best = min(ARMS, key=lambda arm: entry.arms[arm]["log_loss"].value)
    assert entry.submitted == best


def test_every_plant_of_test_has_a_forecast_that_forgives(entry, folder):
    assert list(entry.shares) == list(folder.ids[28:])
    for row in entry.shares.values():
        assert row.sum() == pytest.approx(1)
        assert row.min() >= module.LEAST


def test_softening_is_a_mixture_with_the_uniform_forecast():
    logs = module.torch.tensor([[0.0, -1e9, -1e9]]).double()
    found = Forecast(logs, module.torch.tensor([0]), np.array([0]), np.ones(3) / 3).softened(0.1)
    np.testing.assert_allclose(found.logs.exp(), [[0.8, 0.1, 0.1]])


def relabelled(path, tmp_path, change):
    """The folder with another table, its pictures shared."""
    for name in ("Train.csv", "Test.csv", "SampleSubmission.csv"):
        (tmp_path / name).write_text((path / name).read_text())
    (tmp_path / "images").symlink_to(path / "images")
    change(tmp_path)
    return tmp_path


def keep_one_healthy(folder):
    lines = (folder / "Train.csv").read_text().splitlines()
    healthy = [line for line in lines if line.endswith("healthy")]
    gone = set(healthy[2:])
    (folder / "Train.csv").write_text("\n".join(x for x in lines if x not in gone) + "\n")


def test_a_class_with_one_plant_is_named(path, tmp_path):
    found = open_challenge(relabelled(path, tmp_path, keep_one_healthy), 16)
    with pytest.raises(PlantEduError, match=r"'healthy' has 1 plant.* 2 folds need 2"):
        compete(found, SMALL)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Test.csv", "has no Test.csv"),
        ("SampleSubmission.csv", "has no SampleSubmission.csv"),
        ("Train.csv", "has no Train.csv"),
    ],
)
def test_a_missing_table_is_named(path, tmp_path, name, said):
    with pytest.raises(PlantEduError, match=said):
        open_challenge(relabelled(path, tmp_path, lambda f: (f / name).unlink()), 16)


def test_strange_ids_and_strange_classes_are_named(path, tmp_path):
    def stranger(folder):
        with (folder / "SampleSubmission.csv").open("a") as file:
            file.write("id_zzz.jpg,.3,.3,.4\n")

    (tmp_path / "a").mkdir()
    with pytest.raises(PlantEduError, match=r"such as .'id_zzz\.jpg'"):
        open_challenge(relabelled(path, tmp_path / "a", stranger), 16)

    def classes(folder):
        sample = folder / "SampleSubmission.csv"
        sample.write_text(sample.read_text().replace("healthy", "rust", 1))

    (tmp_path / "b").mkdir()
    with pytest.raises(PlantEduError, match="rust"):
        open_challenge(relabelled(path, tmp_path / "b", classes), 16)


@pytest.mark.parametrize(
    ("knobs", "said"), [({"folds": 1}, "folds must be"), ({"steps": 0}, "steps must be")]
)
def test_wrong_knobs_are_refused(knobs, said):
    with pytest.raises(PlantEduError, match=said):
        Challenge(**knobs)
