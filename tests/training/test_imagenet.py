"""timm's own weights: from a hub that is faked on disk, and from none."""

import time

import huggingface_hub
import pytest
import timm
import torch
from safetensors.torch import save_file

from plantedu.errors import PlantEduError
from plantedu.models.encoders import make_encoder
from plantedu.training import imagenet
from plantedu.training.imagenet import hub_repository, imagenet_weights, within
from plantedu.training.initial_weights import load_start

TINY = "test_resnet"  # timm's own small network for tests; its weights are on the hub


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A hub that nobody reaches, beside an empty cache of what was fetched before."""
    cache = tmp_path / "cache"
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(cache))

    def unreachable(*_, **__):
        raise ConnectionError("Name or service not known")

    monkeypatch.setattr(huggingface_hub, "get_hf_file_metadata", unreachable)
    return cache


def put(cache, tensors):
    """A file as the hub's cache keeps it."""
    folder = cache / f"models--{hub_repository(TINY).replace('/', '--')}"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text("abc")
    (folder / "snapshots" / "abc").mkdir(parents=True)
    path = folder / "snapshots" / "abc" / "model.safetensors"
    save_file(tensors, path)
    return path


def test_weights_of_the_hub_reach_the_encoder_without_their_classifier(hub):
    torch.manual_seed(3)
    network = timm.create_model(TINY, pretrained=False).eval()
    put(hub, network.state_dict())
    encoder = make_encoder(TINY, seed=0).eval()
    images = torch.rand(2, 3, 32, 32)
    with torch.no_grad():
        before = encoder(images)
        origin = load_start(encoder, "imagenet")
        wanted = network.forward_head(
            network.forward_features((images - encoder.mean) / encoder.std), pre_logits=True
        )
        torch.testing.assert_close(encoder(images), wanted)
    assert not torch.equal(before, wanted)
    assert origin.detail.startswith("imagenet, sha256 ")


def test_a_hub_that_is_not_reached_is_one_sentence_at_once(hub):
    began = time.monotonic()
    with pytest.raises(PlantEduError, match=r"hub was not reached.*file:PATH") as said:
        imagenet_weights(TINY)
    assert time.monotonic() - began < 5
    assert "\n" not in str(said.value)


def test_a_hub_that_never_answers_is_not_waited_for(hub, monkeypatch):
    monkeypatch.setattr(imagenet, "PATIENCE", 0.2)
    monkeypatch.setattr(huggingface_hub, "get_hf_file_metadata", lambda *_, **__: time.sleep(3))
    began = time.monotonic()
    with pytest.raises(PlantEduError, match=r"not reached \(TimeoutError\)"):
        imagenet_weights(TINY)
    assert time.monotonic() - began < 2


def test_a_hub_without_safetensors_is_said_and_no_pickle_is_taken(hub, monkeypatch):
    def absent(*_, **__):
        raise huggingface_hub.errors.LocalEntryNotFoundError("model.safetensors")

    monkeypatch.setattr(huggingface_hub, "get_hf_file_metadata", absent)
    with pytest.raises(PlantEduError, match="loads no pickle"):
        imagenet_weights(TINY)


def test_a_file_cut_short_is_said(hub):
    path = put(hub, timm.create_model(TINY).state_dict())
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(PlantEduError, match="could not read the ImageNet weights"):
        imagenet_weights(TINY)


@pytest.mark.parametrize("name", ["res2next_tiny", "res2next_small"])
def test_our_own_rungs_have_none(name):
    with pytest.raises(PlantEduError, match=f"no ImageNet weights for '{name}'.*course's own"):
        hub_repository(name)


def test_networks_of_timm_have_a_place_on_the_hub():
    assert hub_repository("res2next50") == "timm/res2next50.in1k"
    with pytest.raises(PlantEduError, match="timm has none for it"):
        hub_repository("resnet18t_nowhere")


def test_within_passes_errors_on_and_gives_up():
    with pytest.raises(KeyError):
        within(1.0, lambda: {}["no"])
    with pytest.raises(TimeoutError):
        within(0.05, lambda: time.sleep(0.5))
    within(1.0, lambda: None)
