"""Weights from files: each form is read to the same encoder, and what does not fit is refused."""

from dataclasses import replace

import pytest
import timm
import torch
from safetensors.torch import save_file

from plantedu.errors import PlantEduError
from plantedu.models.encoders import FAMILY, make_encoder
from plantedu.runs.checkpoints import load_checkpoint, save_checkpoint
from plantedu.training.fit import State
from plantedu.training.pretrain import make_objective, make_optimizer, objective_from
from plantedu.training.recipe import Recipe
from plantedu.training.start_words import ROOT
from plantedu.training.starts import load_start

SMALL = Recipe(
    pairs=32, image_size=20, crop_size=16, batch=8, steps=3, prototypes=8, hidden_dim=16,
    projection_dim=8, queue_length=4, seed=1,
)  # fmt: skip


@pytest.fixture(scope="module")
def trained():
    """An objective with weights of its own, far from any seed's."""
    objective = make_objective(replace(SMALL, seed=7))
    with torch.no_grad():
        for tensor in objective.state_dict().values():
            tensor.copy_(tensor + 1)
    return objective


@pytest.fixture
def checkpoint(trained, tmp_path):
    state = State(trained, make_optimizer(trained, SMALL), 3, step=3)
    state.meta = {"recipe": SMALL.as_json()}
    path = tmp_path / "kept.safetensors"
    save_checkpoint(path, *state.snapshot())
    return path


def kept(tensors, path):
    """Tensors as a safetensors file: it takes no channels_last."""
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path)


def as_timm(trained, path):
    """What timm itself would save: its own keys, and a classifier."""
    network = timm.create_model("res2next50", num_classes=3, **FAMILY["res2next_tiny"])
    network.load_state_dict(trained.encoder.body.state_dict(), strict=False)
    kept(network.state_dict(), path)


def as_timm_features(trained, path):
    kept(trained.encoder.body.state_dict(), path)


def as_encoder(trained, path):
    kept(trained.encoder.state_dict(), path)


def same(one, other):
    one, other = one.state_dict(), other.state_dict()
    return one.keys() == other.keys() and all(torch.equal(v, other[k]) for k, v in one.items())


def test_scratch_leaves_the_seed_s_weights():
    encoder = make_encoder("res2next_tiny", seed=1)
    assert load_start(encoder, "scratch").sha256 is None
    assert same(encoder, make_encoder("res2next_tiny", seed=1))


@pytest.mark.parametrize("write", [as_timm, as_timm_features, as_encoder])
def test_each_form_of_a_file_gives_the_same_encoder(trained, tmp_path, write):
    path = tmp_path / "weights.safetensors"
    write(trained, path)
    encoder = make_encoder("res2next_tiny", seed=1)
    origin = load_start(encoder, f"file:{path}")
    assert same(encoder, trained.encoder)
    assert len(origin.sha256) == 64
    assert origin.detail == f"file:{path}, sha256 {origin.sha256[:12]}"


@pytest.mark.parametrize(
    ("word", "beside"),
    [
        ("module.", {}),
        ("model.", {}),
        ("backbone.", {"head.weight": torch.zeros(3, 4), "head.bias": torch.zeros(3)}),
        ("encoder.", {"projector.0.weight": torch.zeros(4, 4)}),
        ("module.model.", {}),
        ("_orig_mod.module.encoder.", {"module.step": torch.zeros(1)}),
    ],
)
@pytest.mark.parametrize("inner", ["", "body."])
def test_words_of_frameworks_before_the_names_are_left_out_and_said(
    trained, tmp_path, word, beside, inner
):
    weights = {f"{word}{inner}{k}": v for k, v in trained.encoder.body.state_dict().items()}
    path = tmp_path / "theirs.safetensors"
    kept(weights | beside, path)
    encoder = make_encoder("res2next_tiny", seed=1)
    said = load_start(encoder, f"file:{path}").detail
    assert same(encoder, trained.encoder)
    if word != "encoder." or not inner:  # encoder.body. is a name of our own
        assert f"names without {word!r}" in said
        assert ("weights beside it left alone" in said) == bool(beside)


def test_a_checkpoint_gives_its_encoder_alone_except_in_a_second_phase(trained, checkpoint):
    fresh, first, second = (make_objective(SMALL) for _ in range(3))
    load_start(first, f"file:{checkpoint}")
    assert same(first.encoder, trained.encoder)
    assert same(first.projector, fresh.projector)
    assert torch.equal(first.prototypes, fresh.prototypes)
    assert int(first.queue.inserted.sum()) == 0
    origin = load_start(second, "run:1a@3", run_file=checkpoint)
    for part in ("encoder", "projector", "queue"):
        assert same(getattr(second, part), getattr(trained, part))
    assert torch.equal(second.prototypes, trained.prototypes)
    assert (int(trained.step), int(second.step)) == (1, 0)
    assert not second.queue_used
    assert "with its queue" in origin.detail


def test_a_run_gives_a_bare_encoder_its_encoder(trained, checkpoint):
    encoder = make_encoder("res2next_tiny", seed=1)
    load_start(encoder, "run:1a@last", run_file=checkpoint)
    assert same(encoder, trained.encoder)


def test_a_queue_of_another_length_starts_empty(trained, checkpoint):
    longer = make_objective(replace(SMALL, queue_length=6))
    origin = load_start(longer, "run:1a@3", run_file=checkpoint)
    assert torch.equal(longer.prototypes, trained.prototypes)
    assert int(longer.queue.inserted.sum()) == 0
    assert "an empty queue (it was 4 long)" in origin.detail


def test_an_unresolved_run_is_said():
    with pytest.raises(PlantEduError, match="looked up among the recorded runs"):
        load_start(make_objective(SMALL), "run:1a2b3c4d@last")


def test_another_architecture_is_refused_and_nothing_is_loaded(checkpoint):
    small = make_encoder("res2next_small", seed=1)
    with pytest.raises(PlantEduError, match=r"architecture than res2next_small: .*there and.*here"):
        load_start(small, f"file:{checkpoint}")
    assert same(small, make_encoder("res2next_small", seed=1))
    other = make_objective(replace(SMALL, prototypes=9))
    with pytest.raises(PlantEduError, match=r"prototypes is \(8, 8\) there and \(9, 8\) here"):
        load_start(other, "run:1a@3", run_file=checkpoint)


def test_a_missing_and_a_superfluous_weight_are_refused(trained, tmp_path):
    path, weights = tmp_path / "w.safetensors", dict(trained.encoder.body.state_dict())
    gone = weights.pop("conv1.0.weight" if "conv1.0.weight" in weights else "conv1.weight")
    kept(weights, path)
    with pytest.raises(PlantEduError, match=r"conv1.* is missing"):
        load_start(make_encoder("res2next_tiny", seed=0), f"file:{path}")
    kept(dict(trained.encoder.body.state_dict()) | {"extra": gone}, path)
    with pytest.raises(PlantEduError, match=r"body\.extra is too much"):
        load_start(make_encoder("res2next_tiny", seed=0), f"file:{path}")


def test_whole_numbers_in_the_place_of_weights_are_refused(trained, tmp_path):
    """int8 weights were taken as they stood: -128 to 127 for numbers around 0."""
    path, weights = tmp_path / "w.safetensors", trained.encoder.state_dict()
    kept({k: v.to(torch.int8) for k, v in weights.items()}, path)
    encoder = make_encoder("res2next_tiny", seed=0)
    with pytest.raises(PlantEduError, match=r"whole numbers .* in body\.conv1.*int8"):
        load_start(encoder, f"file:{path}")
    assert same(encoder, make_encoder("res2next_tiny", seed=0))


def test_numbers_that_are_not_finite_are_refused(trained, tmp_path):
    path, weights = tmp_path / "w.safetensors", trained.encoder.state_dict()
    name = next(iter(weights))
    kept(weights | {name: torch.full_like(weights[name], float("nan"))}, path)
    with pytest.raises(PlantEduError, match="not finite"):
        load_start(make_encoder("res2next_tiny", seed=0), f"file:{path}")


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (lambda b: b[: len(b) // 2], "cut short or damaged"),
        (lambda b: b[:-8] + bytes(8), "do not match the hash"),
        (lambda b: b"", "cut short or damaged"),
    ],
)
def test_a_damaged_file_is_refused(checkpoint, harm, sentence):
    checkpoint.write_bytes(harm(checkpoint.read_bytes()))
    with pytest.raises(PlantEduError, match=sentence):
        load_start(make_encoder("res2next_tiny", seed=0), f"file:{checkpoint}")


def test_a_pickle_is_refused_unread(tmp_path):
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("a pickle was loaded",))

    torch.save({"weight": Trap()}, tmp_path / "weights.pth")
    with pytest.raises(PlantEduError, match="is a pickle"):
        load_start(make_encoder("res2next_tiny", seed=0), f"file:{tmp_path / 'weights.pth'}")


def test_what_shipped_before_still_loads():
    old = load_checkpoint(ROOT / "cross-0.safetensors")
    assert "start" not in old[1]["recipe"]
    assert objective_from(old).encoder.name == "res2next_tiny"
    encoder = make_encoder("res2next_tiny", seed=0)
    load_start(encoder, "shipped:cross-0")
    assert same(encoder.eval(), objective_from(old).encoder)


def test_a_model_without_an_encoder_is_said():
    with pytest.raises(PlantEduError, match="Linear has no encoder"):
        load_start(torch.nn.Linear(1, 1), "source")
