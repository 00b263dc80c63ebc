"""Maps of plants: neighbours are counted right, controls are at chance, the same map each time."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from plantedu.errors import PlantEduError
from plantedu.shipped_files import checkpoints
from plantedu.statistics.neighbours import agreement, nearest
from plantedu.topics.family.embedding import METHOD, columns_shuffled, embedding, mapped_arm, tsne
from plantedu.topics.family.results.embedding import ARMS, EmbeddingResult, Settings
from plantedu.topics.method import Context
from plantedu.training.checkpoints import save_checkpoint
from plantedu.training.fit import State
from plantedu.training.pretrain import make_objective, make_optimizer
from plantedu.training.recipe import Recipe
from plantedu.zoo.random_init import CONTROL_SEEDS

SMALL = Recipe(
    pairs=64, image_size=16, crop_size=16, batch=16, prototypes=8, hidden_dim=16,
    projection_dim=8, probe_plants=48, probe_factors=("disease", "angle"),
    seed=CONTROL_SEEDS[0],
)  # fmt: skip


@pytest.fixture
def checkpoint(tmp_path) -> Path:
    """An encoder that has not moved since its first step: trained and random init are the same."""
    objective = make_objective(SMALL)
    state = State(objective, make_optimizer(objective, SMALL), SMALL.steps)
    state.meta = {"recipe": SMALL.as_json()}
    save_checkpoint(tmp_path / "same.safetensors", *state.snapshot())
    return tmp_path / "same.safetensors"


def blobs(n=90, apart=20.0):
    """Three round groups in eight dimensions, and which plant is in which."""
    generator = np.random.default_rng(0)
    labels = np.arange(n) % 3
    return generator.normal(size=(n, 8)) + apart * np.eye(8)[labels], labels


def test_shuffled_columns_keep_their_values_and_lose_each_other():
    features, labels = blobs()
    shuffled = columns_shuffled(features, np.random.default_rng(0))
    assert (np.sort(shuffled, 0) == np.sort(features, 0)).all()
    assert agreement(nearest(shuffled, 10), labels).mean() < 0.5


def test_a_map_keeps_groups_that_are_there_and_counts_its_nulls():
    features, labels = blobs()
    arm = mapped_arm(features, labels, Settings(plants=90, perplexity=10, maps=2))
    assert arm.in_map.value > 0.95
    assert arm.in_features.value == 1
    assert arm.in_map.null == pytest.approx(29 / 89, abs=0.05)
    assert arm.kept.null == pytest.approx(10 / 89)
    assert arm.kept.value > 2 * arm.kept.null
    assert (arm.in_map.n, arm.in_map.seeds, arm.in_map.control) == (90, 2, "shuffled labels")
    assert arm.in_map.interval is not None


def test_what_has_no_groups_agrees_with_nobody_in_map_and_features():
    features = np.random.default_rng(2).normal(size=(90, 8))
    arm = mapped_arm(features, np.arange(90) % 3, Settings(plants=90, perplexity=5, maps=1))
    for score in (arm.in_map, arm.in_features):
        assert score.value == pytest.approx(score.null, abs=0.08)
    assert arm.kept.value > 3 * arm.kept.null, "a map of noise still keeps neighbours"


def test_the_seed_makes_the_map():
    features, _ = blobs(30)
    first, again, other = (tsne(features, perplexity=5, seed=seed) for seed in (0, 0, 1))
    assert (first == again).all()
    assert not np.allclose(first, other)


def test_three_arms_of_a_checkpoint(checkpoint, tmp_path):
    settings = Settings(plants=48, perplexity=5, neighbours=5, maps=1, layer="h")
    found = embedding(checkpoint, settings, bank_folder=tmp_path / "bank")
    assert tuple(found.arms) == ARMS
    assert found.arms["trained"] == found.arms["random init"], "this encoder has not moved"
    assert found.arms["shuffled"] != found.arms["trained"]
    assert len(found.plants) == len(found.labels) == len(found.arms["trained"].points) == 48
    assert min(found.plants) >= SMALL.pairs, "only held-out plants are mapped"
    assert EmbeddingResult.from_json(json.loads(json.dumps(found.as_json()))) == found
    said = found.chart("shuffled").alt
    assert "each shuffled by itself" in said
    assert "shuffled labels" in said
    assert len(found.chart().rows) == 48


@pytest.mark.parametrize("layer", ["logits", "z"])
def test_other_layers_and_one_camera(checkpoint, tmp_path, layer):
    settings = Settings(plants=32, perplexity=5, maps=1, layer=layer, view="rgb")
    found = embedding(checkpoint, settings, bank_folder=tmp_path / "bank")
    assert np.isfinite(found.arms["trained"].points).all()


def test_command_prints_one_object(checkpoint, plantedu_home, capsys):
    words = [str(checkpoint), "--plants", "32", "--perplexity", "5", "--maps", "1", "--json"]
    assert METHOD.main(words) == 0
    out = capsys.readouterr().out.splitlines()
    arm = json.loads(out[-1])["arms"]["shuffled"]
    assert {"value", "null", "n", "seeds", "interval"} <= set(arm["in_map"])
    assert "null: shuffled labels" in out[-2]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"layer": "y"}, "layer is one of logits, h, z"),
        ({"view": "uv"}, "view is one of rgb, rgn, both"),
        ({"perplexity": 70}, "below a third of the plants"),
        ({"perplexity": 0.5}, "at least 1"),
        ({"neighbours": 200}, "from 1 to 199"),
        ({"maps": 0}, "from 1 to 20"),
    ],
)
def test_settings_that_cannot_be_are_sentences(wrong, said):
    with pytest.raises(PlantEduError, match=said):
        Settings(**wrong)


def test_more_plants_than_there_are_is_a_sentence(checkpoint, tmp_path):
    with pytest.raises(PlantEduError, match="holds 48 plants out; 100 are asked for"):
        embedding(checkpoint, Settings(plants=100), bank_folder=tmp_path / "bank")


@pytest.mark.parametrize("name", ["../../secret", "file:x.safetensors", "x.safetensors"])
def test_a_page_may_name_shipped_checkpoints_and_runs_alone(name):
    request = {"checkpoint": name}
    work = SimpleNamespace(
        run=SimpleNamespace(request=request),
        check=lambda: None,
        store=SimpleNamespace(folder=lambda run: checkpoints()),
    )
    with pytest.raises(PlantEduError):
        METHOD.job(work)


def test_a_page_maps_the_encoder_of_a_name_and_not_a_dictionary_of_that_name():
    """checkpoints/dictionaries/cross-0.safetensors hid checkpoints/cross-0.safetensors."""
    work = SimpleNamespace(store=SimpleNamespace(folder=lambda run: checkpoints()))
    assert Context(work=work).checkpoint("cross-0") == checkpoints() / "cross-0.safetensors"
