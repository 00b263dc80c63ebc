"""A whole small run: learns nothing yet, but must be repeatable, resumable and untouched."""

from dataclasses import replace

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.training.checkpoints import load_checkpoint
from plantedu.training.fit import Observer, StopRun
from plantedu.training.pair_source import open_source
from plantedu.training.pretrain import (
    SECONDS_TO,
    make_objective,
    objective_from,
    prefill,
    train,
)
from plantedu.training.recipe import Recipe
from plantedu.training.weights_spec import ROOT

SMALL = Recipe(
    pairs=64, image_size=24, crop_size=20, batch=16, steps=6, prototypes=8, hidden_dim=16,
    projection_dim=8, probe_every=2, probe_plants=32, probe_seeds=2, queue_length=16,
    queue_start=0.5, freeze_prototypes=2,
)  # fmt: skip


class Diary(Observer):
    """Keeps every record and event, a snapshot at `stop`, and the last one."""

    def __init__(self, stop: int | None = None):
        self.stop, self.records, self.events = stop, [], []

    def on_step(self, state, record):
        if record.step < state.step:  # the probes of step 0 come after the first step
            earlier = self.records[record.step]
            self.records[record.step] = replace(earlier, values=earlier.values | record.values)
            return
        self.records.append(record)
        if record.step == self.stop:
            raise StopRun("pause")

    def on_event(self, step, name, detail):
        self.events.append((step, name))

    def on_end(self, state):
        self.snapshot = state.snapshot()


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    return tmp_path_factory.mktemp("bank")


@pytest.fixture(scope="module")
def whole(bank):
    diary = Diary()
    return train(SMALL, bank_folder=bank, observers=[diary]), diary


def same_bits(one, other):
    return one.keys() == other.keys() and all(torch.equal(v, other[k]) for k, v in one.items())


def untimed(record):
    return {k: v for k, v in record.values.items() if k != "steps_per_second"}


def test_every_step_is_told_once_with_its_parts_and_events(whole):
    result, diary = whole
    assert result["ended"] == "done"
    assert [record.step for record in diary.records] == list(range(7))
    for record in diary.records[1:]:
        total = record.values["entropy"] + record.values["divergence"]
        assert total == pytest.approx(record.values["loss"], abs=1e-5)
    names = {name for _, name in diary.events}
    assert {"learning-rate peak", "prototypes released", "queue on"} <= names
    assert "probe/disease/both" in diary.records[0].values
    assert "probe/disease/both" not in diary.records[1].values
    assert "probe/disease/both" in diary.records[2].values


def test_each_factor_is_read_where_it_can_be(whole):
    _, diary = whole
    read = {key.removeprefix("probe/") for key in diary.records[0].values if key[:5] == "probe"}
    assert {"light/rgb", "light/rgn", "bloom/both", "mesophyll/rgn", "mark/both"} <= read
    assert "light/both" not in read, "each sensor has a light of its own"


def test_probes_do_not_change_a_bit(bank, whole):
    alone = Diary()
    unprobed = Recipe.from_json(SMALL.as_json() | {"probe_factors": []})
    train(unprobed, bank_folder=bank, observers=[alone])
    assert same_bits(alone.snapshot[0], whole[1].snapshot[0])


def test_resumed_run_ends_in_the_same_bits_and_numbers(bank, whole):
    first, second = Diary(stop=3), Diary()
    assert train(SMALL, bank_folder=bank, observers=[first])["ended"] == "pause"
    train(SMALL, bank_folder=bank, observers=[second], resume=first.snapshot)
    assert same_bits(second.snapshot[0], whole[1].snapshot[0])
    records = [untimed(record) for record in first.records + second.records]
    assert records == [untimed(record) for record in whole[1].records]


def test_another_seed_is_another_run(bank, whole):
    other = Diary()
    train(
        Recipe.from_json(SMALL.as_json() | {"seed": 1, "probe_factors": []}),
        bank_folder=bank,
        observers=[other],
    )
    assert not same_bits(other.snapshot[0], whole[1].snapshot[0])


def test_checkpoint_gives_back_the_trained_objective(whole):
    tensors, meta = whole[1].snapshot
    objective = objective_from((tensors, meta))
    assert not objective.training
    key = "objective/projector.0.weight"
    assert torch.equal(objective.projector[0].weight, tensors[key])


def test_result_does_not_claim_what_was_not_reached(whole):
    result, _ = whole
    assert result[SECONDS_TO] is None
    assert result["last"]["loss"] > 0


def test_unknown_world_and_encoder_are_said_in_a_sentence(bank):
    with pytest.raises(PlantEduError, match="No world is called 'meadow'"):
        train(Recipe(data="meadow"), bank_folder=bank)
    with pytest.raises(PlantEduError, match="No encoder is called"):
        train(Recipe.from_json(SMALL.as_json() | {"encoder": "res3next"}), bank_folder=bank)


class FirstWords(Diary):
    """Keeps the weights and stops before anything is trained."""

    def on_start(self, state):
        self.snapshot = state.snapshot()

    def on_step(self, state, record):
        raise StopRun("cancel")

    def on_end(self, state):
        pass


def test_a_run_starts_from_the_weights_it_names_and_says_so(bank):
    started, diary = replace(SMALL, start="shipped:cross-0", probe_factors=()), FirstWords()
    train(started, bank_folder=bank, observers=[diary])
    tensors, meta = diary.snapshot
    key = "objective/encoder.body.layer4.0.conv1.weight"
    wanted = load_checkpoint(ROOT / "cross-0.safetensors")[0][key]
    assert torch.equal(tensors[key], wanted)
    assert diary.events == [(0, "weights")]
    assert meta["origin"]["start"] == "shipped:cross-0"
    assert len(meta["origin"]["sha256"]) == 64


def test_a_run_from_scratch_has_no_such_event(whole):
    assert (0, "weights") not in whole[1].events


ALWAYS = replace(SMALL, queue_length=40, queue_start=0.0, probe_factors=())


@pytest.mark.parametrize("pairing", ["cross", "nir_only"])
def test_a_queue_of_the_first_step_is_full_before_it_and_no_switch_lies_inside(bank, pairing):
    recipe, diary, first = replace(ALWAYS, pairing=pairing), Diary(), FirstWords()
    train(recipe, bank_folder=bank, observers=[first])
    queue = first.snapshot[0]["objective/queue.embeddings"][1]
    assert torch.allclose(queue.norm(dim=1), torch.ones(40))
    assert len(torch.unique(queue, dim=0)) == 40
    train(recipe, bank_folder=bank, observers=[diary])
    assert [step for step, name in diary.events if name == "queue on"] == [1]


def test_a_queue_for_later_starts_empty_and_a_full_one_is_left_as_it_is(bank):
    later = FirstWords()
    train(replace(ALWAYS, queue_start=0.5), bank_folder=bank, observers=[later])
    assert not later.snapshot[0]["objective/queue.embeddings"].any()
    source, objective = open_source(ALWAYS, bank), make_objective(ALWAYS)
    prefill(objective, ALWAYS, source)
    before = objective.queue.embeddings.clone()
    with torch.no_grad():
        objective.prototypes.mul_(-1)
        objective.projector[3].weight.mul_(-1)
    prefill(objective, ALWAYS, source)
    assert torch.equal(objective.queue.embeddings, before)
    assert objective.training


def test_a_prefilled_run_resumes_in_the_same_bits(bank):
    whole, first, second = Diary(), Diary(stop=2), Diary()
    train(ALWAYS, bank_folder=bank, observers=[whole])
    train(ALWAYS, bank_folder=bank, observers=[first])
    train(ALWAYS, bank_folder=bank, observers=[second], resume=first.snapshot)
    assert same_bits(second.snapshot[0], whole.snapshot[0])
