"""Rulers that watch a training: read when due, and nothing is changed by them."""

from dataclasses import replace

from plantedu.topics.bump.loss_observer import Rulers, close_steps, watched, watching
from plantedu.topics.bump.results.switch_arms import arm_recipe
from plantedu.training.fit import Observer
from plantedu.training.pair_source import open_source
from plantedu.training.pretrain import train
from plantedu.training.recipe import Recipe

TINY = Recipe(
    pairs=64, image_size=16, crop_size=16, batch=8, steps=8, prototypes=24, hidden_dim=16,
    projection_dim=8, probe_plants=32, probe_factors=(), queue_length=16, queue_start=0.5,
)  # fmt: skip


class Diary(Observer):
    def __init__(self):
        self.rows, self.events = {}, []

    def on_step(self, state, record):
        self.rows[record.step] = dict(record.values)

    def on_event(self, step, name, detail):
        self.events.append((step, name))


def test_rulers_are_read_when_due_and_change_nothing(tmp_path):
    source = open_source(TINY, tmp_path)
    watch = watching(replace(TINY, steps=8), source, plants=16)
    watch = Rulers(watch.pack, watch.rulers, every={"none": 4, "queue": 8}, close={1})
    alone, watched = Diary(), Diary()
    train(TINY, bank_folder=tmp_path, observers=[alone])
    train(TINY, bank_folder=tmp_path, observers=[watch, watched])
    assert [r["loss"] for r in list(watched.rows.values())[1:]] == [
        r["loss"] for r in list(alone.rows.values())[1:]
    ]
    assert [s for s, row in watched.rows.items() if "ruler/none" in row] == [0, 1, 4, 8]
    assert [s for s, row in watched.rows.items() if "ruler/queue" in row] == [0, 8]
    assert watched.rows[8]["ruler/queue"] != watched.rows[8]["ruler/none"]


def test_close_steps_are_the_same_in_arms_of_one_length():
    assert close_steps(arm_recipe("0.25", 0)) == close_steps(arm_recipe("never", 2))
    assert {200, 201, 400, 401, 600, 601} <= close_steps(arm_recipe("0.5", 0))


def test_a_watched_curve_has_the_columns_that_drops_are_read_from(tmp_path):
    heard = []
    source = replace(TINY, probe_plants=128)
    curve = watched(source, bank_folder=tmp_path, tell=lambda *said: heard.append(said[:2]))
    assert curve.index.tolist() == list(range(9))
    assert curve["loss"].notna().sum() == 8
    assert curve["none"].notna().all(), "so short a run is close to its quarters everywhere"
    assert curve["disease"].isna().all()
    assert heard[-1] == (8, 8)
