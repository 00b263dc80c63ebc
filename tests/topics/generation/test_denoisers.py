"""Denoisers on disk: what ships draws as before, the largest is found, a cascade draws upwards."""

from dataclasses import replace

import pytest
import torch

from plantedu.errors import PlantEduError
from plantedu.topics.generation.denoiser_training import train
from plantedu.topics.generation.denoisers import (
    DETAILS,
    FOLDER,
    UPON,
    denoiser_from,
    draw,
    drawing,
    learnt_by,
    load_denoiser,
    load_stages,
    shipped_denoiser,
)
from plantedu.training.checkpoints import load_checkpoint, save_checkpoint, tensors_hash
from tests.topics.generation.painted import TINY, Last, painter


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_what_ships_is_the_average_in_half_the_bytes(tmp_path):
    last = Last()
    train(TINY, bank_folder=tmp_path, observers=[last])
    tensors, _ = drawing(last.snapshot)
    assert not any("average" in name or "optimizer" in name for name in tensors)
    exact = [name for name, t in tensors.items() if t.dtype == torch.float32]
    assert exact
    assert all(name.endswith(".mean") for name in exact)
    assert all(t.dtype in (torch.float16, torch.float32) for t in tensors.values())
    whole, shipped = denoiser_from(last.snapshot), denoiser_from(drawing(last.snapshot))
    one, other = (draw([d], {}, samples=1, steps=3, generator=seeded()) for d in (whole, shipped))
    torch.testing.assert_close(one, other, atol=2e-3, rtol=0)
    weight = last.snapshot[0]["objective/average.module.unet.conv_in.weight"]
    torch.testing.assert_close(whole.body.unet.conv_in.weight, weight, atol=1e-3, rtol=1e-3)


def test_what_half_precision_cannot_hold_ships_whole(tmp_path):
    last = Last()
    train(TINY, bank_folder=tmp_path, observers=[last])
    tensors, meta = last.snapshot
    name = "objective/average.module.slots.cross-0/h/rgb.basis"
    found, _ = drawing((tensors | {name: tensors[name] * 1e9}, meta))
    basis = found["objective/body.slots.cross-0/h/rgb.basis"]
    assert basis.dtype == torch.float32
    assert bool(torch.isfinite(basis).all())


@pytest.fixture
def detailed(tmp_path):
    """A denoiser, and a detail upon it that ships alone."""
    folder, last, sharp = tmp_path / FOLDER, Last(), Last()
    train(TINY, bank_folder=tmp_path, observers=[last])
    tiny = folder / "tiny.safetensors"
    save_checkpoint(tiny, *drawing(last.snapshot))
    recipe = replace(TINY, detail=True, trained="detail", start=f"file:{tiny}", learning_rate=0.1)
    train(recipe, bank_folder=tmp_path, observers=[sharp])
    tensors, meta = sharp.snapshot
    meta |= {UPON: tensors_hash(load_checkpoint(tiny)[0])}  # as of one that ships
    meta["denoise"]["start"] = "tiny"
    save_checkpoint(folder / DETAILS / "tiny.safetensors", *drawing((tensors, meta)))
    return folder, denoiser_from((tensors, meta))


def test_detail_ships_alone_and_draws_with_what_it_stands_upon(detailed):
    folder, whole = detailed
    tensors, _ = load_checkpoint(folder / DETAILS / "tiny.safetensors")
    assert tensors
    assert all(name.startswith("objective/body.detail.") for name in tensors)
    read = load_denoiser(folder / DETAILS / "tiny.safetensors")
    one, other = (draw([d], {}, samples=1, steps=3, generator=seeded()) for d in (whole, read))
    torch.testing.assert_close(one, other, atol=2e-3, rtol=0)
    both = load_stages(folder / "tiny.safetensors", detail=True)
    assert torch.equal(draw(both, {}, samples=1, steps=3, generator=seeded()), other)
    plain = draw(
        load_stages(folder / "tiny.safetensors"), {}, samples=1, steps=3, generator=seeded()
    )
    assert float((one - plain).abs().max()) > 0.003  # what halves round away is less


def test_detail_is_drawn_with_what_it_stands_upon_and_with_nothing_else(detailed):
    folder, _ = detailed
    other = folder / "other.safetensors"
    other.write_bytes((folder / "tiny.safetensors").read_bytes())
    with pytest.raises(PlantEduError, match="No detail was trained upon other"):
        load_stages(other, detail=True)
    (folder / DETAILS / "other.safetensors").write_bytes(
        (folder / DETAILS / "tiny.safetensors").read_bytes()
    )
    with pytest.raises(PlantEduError, match="The detail beside other was trained upon tiny"):
        load_stages(other, detail=True)


@pytest.mark.parametrize("start", ["file:/etc/passwd", "../tiny", "detail/tiny"])
def test_a_detail_names_no_other_place(detailed, start):
    """A checkpoint may come from anybody: it does not say which files are opened."""
    folder, _ = detailed
    tensors, meta = load_checkpoint(folder / DETAILS / "tiny.safetensors")
    meta["denoise"]["start"] = start
    with pytest.raises(PlantEduError, match=r"without a folder|such as shipped:cross-0"):
        denoiser_from((tensors, meta), beside=folder)


def test_the_plants_of_a_detail_are_those_of_what_it_stands_upon(detailed):
    """A copy is looked for among all plants that the network was shown, not the detail's few."""
    folder, _ = detailed
    file = folder / DETAILS / "tiny.safetensors"
    tensors, meta = load_checkpoint(file)
    meta["denoise"]["pairs"] = TINY.pairs // 2
    save_checkpoint(file, tensors, meta)
    assert learnt_by(file).pairs == learnt_by(folder / "tiny.safetensors").pairs == TINY.pairs


def test_detail_upon_another_denoiser_is_refused(detailed):
    folder, _ = detailed
    tensors, meta = load_checkpoint(folder / "tiny.safetensors")
    name = next(iter(tensors))
    save_checkpoint(folder / "tiny.safetensors", tensors | {name: tensors[name] + 1}, meta)
    with pytest.raises(PlantEduError, match="trained upon another tiny than the one that is here"):
        load_denoiser(folder / DETAILS / "tiny.safetensors")
    (folder / "tiny.safetensors").unlink()
    with pytest.raises(PlantEduError, match="No checkpoint 'denoisers/tiny' ships"):
        load_stages(folder / DETAILS / "tiny.safetensors")


def test_the_largest_that_the_device_can_carry_is_found():
    folder = painter(low=True)
    assert shipped_denoiser(folder, side_at_most=16).stem == "tiny"
    assert shipped_denoiser(folder).stem == "upper"
    with pytest.raises(PlantEduError, match="No denoiser of 8 px"):
        shipped_denoiser(folder, side_at_most=8)


def test_of_several_it_is_one_that_no_other_was_trained_on_from(tmp_path):
    folder = tmp_path / FOLDER
    folder.mkdir()
    tensors, meta = load_checkpoint(painter() / FOLDER / "tiny.safetensors")
    for name, start in (("b", "scratch"), ("c", "b"), ("d", "c")):
        recipe = meta["denoise"] | {"start": start}
        save_checkpoint(folder / f"{name}.safetensors", tensors, meta | {"denoise": recipe})
    assert shipped_denoiser(tmp_path).stem == "d"
    save_checkpoint(folder / "a.safetensors", tensors, meta)
    assert shipped_denoiser(tmp_path).stem == "a"  # two ends: the first by name


def test_a_cascade_draws_from_the_smallest_up():
    stages = load_stages(painter(low=True) / FOLDER / "upper.safetensors")
    assert [stage.side for stage in stages] == [16, 32]
    given = {"cross-0/h/rgb": torch.randn(2, 512, generator=seeded())}
    drawn = draw(stages, given, samples=3, steps=2, generator=seeded())
    assert drawn.shape == (2, 3, 6, 32, 32)


def test_an_upper_stage_alone_says_what_it_lacks(tmp_path):
    upper = painter(low=True) / FOLDER / "upper.safetensors"
    (tmp_path / "upper.safetensors").write_bytes(upper.read_bytes())
    with pytest.raises(PlantEduError, match="pictures of 16 px"):
        load_stages(tmp_path / "upper.safetensors")


def test_an_encoder_is_no_denoiser():
    with pytest.raises(PlantEduError, match="holds no denoiser"):
        load_denoiser(painter() / "cross-0.safetensors")


def test_another_architecture_is_refused():
    tensors, meta = load_checkpoint(painter() / FOLDER / "tiny.safetensors")
    meta["denoise"]["channels"] = [16, 48]
    with pytest.raises(PlantEduError, match="another architecture"):
        denoiser_from((tensors, meta))
