"""Whole small trainings: repeatable, resumable, and at chance where there is nothing to learn."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from plantedu.data.challenge.render_folder import write_folder
from plantedu.data.renderer.worlds import world
from plantedu.errors import PlantEduError
from plantedu.models.encoders import make_encoder
from plantedu.training.classifier import finetune as module
from plantedu.training.classifier.finetune import FineTune, finetune
from plantedu.training.classifier.setup import classifier_from
from plantedu.training.fit import Observer, StopRun

SMALL = FineTune(
    data="calm", pairs=48, labels=1.0, held_out=32, image_size=16, crop_size=16, batch=16, steps=8,
    start="scratch", watch_every=4, learning_rate=5e-3,
)  # fmt: skip


def some(**knobs):
    return FineTune.from_json(SMALL.as_json() | knobs)


class Diary(Observer):
    def __init__(self, stop=None):
        self.stop, self.values, self.events = stop, {}, []

    def on_step(self, state, record):
        self.values[record.step] = dict(record.values)
        if record.step == self.stop:
            raise StopRun("pause")

    def on_event(self, step, name, detail):
        self.events.append((step, name))

    def on_end(self, state):
        self.snapshot = state.snapshot()


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    return tmp_path_factory.mktemp("bank")


@pytest.fixture(scope="module", autouse=True)
def near():
    """Fresh plants begin right behind the pool: nothing here ships, and rendering takes time."""
    before, module.FIRST_HELD_OUT = module.FIRST_HELD_OUT, 48
    yield
    module.FIRST_HELD_OUT = before


@pytest.fixture(scope="module")
def whole(bank):
    diary = Diary()
    return finetune(SMALL, bank_folder=bank, observers=[diary]), diary


def same_bits(one, other):
    return one.keys() == other.keys() and all(torch.equal(v, other[k]) for k, v in one.items())


def test_a_run_tells_its_steps_and_scores_fresh_plants(whole):
    found, diary = whole
    assert (found.ended, found.step) == ("done", 8)
    assert sorted(diary.values) == list(range(9))
    assert "accuracy/held_out" in diary.values[0]
    assert "accuracy/held_out" not in diary.values[1]
    assert {"accuracy/validation", "accuracy/train", "cross_entropy"} <= diary.values[4].keys()
    assert found.counts == {"train": 39, "validation": 9, "fresh": 32}
    assert found.accuracy.n == 32
    assert found.accuracy.value == pytest.approx(diary.values[8]["accuracy/held_out"])
    said = found.as_json()
    assert np.array(said["confusion"]).sum() == 32
    assert said["log_loss_uniform"] == pytest.approx(np.log(3))
    assert said["recipe"]["start"] == said["origin"]["start"] == "scratch"
    assert not {"model", "forecast"} & said.keys()


def test_fresh_plants_are_neither_labelled_nor_validated(bank):
    source = module.open_labelled(SMALL, bank)
    assert source.held_out.min() >= 48
    assert source.train.tolist() == list(range(48))
    less = module.open_labelled(some(pairs=16), bank)
    assert less.train.tolist() == list(range(16))
    assert less.held_out.tolist() == source.held_out.tolist(), "the same whatever the pool"


@pytest.mark.parametrize("regulariser", ["none", "elp_sr_target"])
def test_a_resumed_run_ends_in_the_same_bits(bank, whole, regulariser):
    recipe = some(regulariser=regulariser, mode="lp_ft", probe_share=0.3)
    straight, first, second = Diary(), Diary(stop=3), Diary()
    finetune(recipe, bank_folder=bank, observers=[straight])
    assert finetune(recipe, bank_folder=bank, observers=[first]).ended == "pause"
    finetune(recipe, bank_folder=bank, observers=[second], resume=first.snapshot)
    assert same_bits(second.snapshot[0], straight.snapshot[0])
    assert (2, "encoder released") in [(s - 1, n) for s, n in first.events]


def test_a_resumed_run_needs_its_start_no_more_and_a_checkpoint_gives_back_the_network(
    bank, tmp_path
):
    file = tmp_path / "start.safetensors"
    encoder = make_encoder("res2next_tiny", seed=9)
    save_file({k: v.contiguous() for k, v in encoder.state_dict().items()}, file)
    recipe, first, last = some(start=f"file:{file}", mode="mlp_only"), Diary(stop=2), Diary()
    finetune(recipe, bank_folder=bank, observers=[first])
    file.unlink()
    found = finetune(recipe, bank_folder=bank, observers=[last], resume=first.snapshot)
    assert same_bits(found.model.encoder.state_dict(), encoder.state_dict())
    assert found.origin.start == f"file:{file}"
    again = classifier_from(last.snapshot)
    assert same_bits(again.state_dict(), found.model.state_dict())
    with pytest.raises(PlantEduError, match="holds no classifier"):
        classifier_from((last.snapshot[0], {"recipe": {}}))


def test_elp_parts_are_told_and_a_monitor_changes_no_bit(bank, whole):
    diary = Diary()
    finetune(some(regulariser="elp_monitor"), bank_folder=bank, observers=[diary])
    assert {"elp_accuracy", "elp_gap", "elp_weight"} <= diary.values[3].keys()
    own = {
        k: v
        for k, v in diary.snapshot[0].items()
        if k.startswith("objective/") and "regul" not in k
    }
    plain = whole[1].snapshot[0]
    assert all(torch.equal(v, plain[k]) for k, v in own.items())


def test_mlp_only_leaves_every_bit_of_its_start(bank, tmp_path):
    encoder = make_encoder("res2next_tiny", seed=9)
    save_file(
        {k: v.contiguous() for k, v in encoder.state_dict().items()}, tmp_path / "start.safetensors"
    )
    start = f"file:{tmp_path / 'start.safetensors'}"
    found = finetune(some(mode="mlp_only", start=start), bank_folder=bank)
    assert same_bits(found.model.encoder.state_dict(), encoder.state_dict())
    assert len(found.origin.sha256) == 64
    moved = finetune(some(mode="full", start=start), bank_folder=bank)
    assert not same_bits(moved.model.encoder.state_dict(), encoder.state_dict())


@pytest.fixture
def bright(monkeypatch):
    """Diseased plants are bright, whatever they look like: a task that a few steps learn."""
    take = module.Pool.take

    def lit(self, indices):
        x1, x2 = take(self, indices)
        codes = self.column("disease", "both")[0][indices].astype(np.uint8)
        return tuple(x // 8 + 90 * codes[:, None, None, None] for x in (x1, x2))

    monkeypatch.setattr(module.Pool, "take", lit)


def test_what_can_be_learned_is_and_shuffled_labels_are_at_chance(bank, bright):
    learns = some(steps=25, held_out=64)
    found = finetune(learns, bank_folder=bank)
    assert found.accuracy.interval[0] > 0.8
    assert found.log_loss.value < found.log_loss.null
    null = finetune(some(steps=25, held_out=64, shuffle_labels=True), bank_folder=bank)
    assert null.accuracy.interval[0] < 0.45
    assert null.claimed.interval[0] < 0.45
    assert null.log_loss.value > null.log_loss.null


def test_a_folder_is_split_by_plant_and_its_classes_are_named(tmp_path, bank):
    write_folder(world("calm"), tmp_path / "rice", pairs=40, size=16, test_share=0.1)
    found = finetune(
        some(data=f"folder:{tmp_path / 'rice'}", sensors="rgb", steps=2), bank_folder=bank
    )
    assert found.classes == ("blast", "brown", "healthy")
    assert sum(found.counts.values()) == 36
    leaked = finetune(
        some(data=f"folder:{tmp_path / 'rice'}", sensors="either", split="leaked", steps=2),
        bank_folder=bank,
    )
    assert leaked.leaked > 0.4
    assert leaked.accuracy.n < leaked.counts["fresh"], "two images are one plant"


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"labels": 0.05}, "has 1 labelled plant"),
        ({"start": "shipped:nobody"}, "No checkpoint 'nobody' ships"),
        ({"start": "shipped:cross-0", "encoder": "res2next_small"}, "another architecture"),
        ({"start": "run:1a2b@last"}, "looked up among the recorded runs"),
        ({"data": "meadow"}, "No world is called 'meadow'"),
        ({"data": "nursery"}, "this data has 1"),
        ({"encoder": "res3next"}, "No encoder is called"),
    ],
)
def test_what_cannot_be_is_a_sentence(bank, knobs, said):
    with pytest.raises(PlantEduError, match=said):
        finetune(some(**knobs), bank_folder=bank)


def test_nan_weights_stop_the_run_in_a_sentence(bank):
    class Break(Observer):
        def on_step(self, state, record):
            if record.step == 3:
                state.objective.head[-1].weight.data.fill_(float("nan"))

    with pytest.raises(PlantEduError, match="The loss is nan at step 4"):
        finetune(SMALL, bank_folder=bank, observers=[Break()])


def test_random_features_read_no_shuffled_labels(bank):
    found = finetune(some(mode="mlp_only", shuffle_labels=True, steps=20), bank_folder=bank)
    assert found.accuracy.interval[0] < 0.5
