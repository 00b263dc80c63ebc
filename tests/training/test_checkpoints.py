import errno
import io
import json
import os
import zipfile

import pytest
import torch
from safetensors.torch import save_file

from plantedu.errors import DiskFullError, PlantEduError
from plantedu.training.checkpoints import (
    checkpoint_path,
    load_checkpoint,
    newest_checkpoint,
    save_checkpoint,
)


@pytest.fixture
def tensors():
    generator = torch.Generator().manual_seed(0)
    weights = torch.randn(3, 4, 5, 5, generator=generator)
    return {
        "float": weights,
        "half": weights.to(torch.bfloat16),
        "channels_last": weights.to(memory_format=torch.channels_last),
        "view": weights[:, 1].transpose(0, 1),
        "count": torch.tensor(7),
        "empty": torch.empty(0, 3),
        "mask": weights > 0,
        "strange": torch.tensor([float("nan"), -0.0, float("inf"), 1e-45]),
    }


def bits(tensor):
    return tensor.contiguous().reshape(-1).view(torch.uint8)


def test_what_was_saved_comes_back_bit_by_bit(tmp_path, tensors):
    meta = {"step": 40, "recipe": {"data": "field", "epsilon": 0.02, "factors": ["a"]}}
    path = checkpoint_path(tmp_path, 40)
    save_checkpoint(path, tensors, meta)
    found, words = load_checkpoint(path)
    assert words == meta
    assert found.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert found[name].dtype == tensor.dtype
        assert found[name].shape == tensor.shape
        assert torch.equal(bits(found[name]), bits(tensor))
    assert [file.name for file in path.parent.iterdir()] == ["step-000040.safetensors"]


@pytest.fixture
def good(tmp_path, tensors):
    path = checkpoint_path(tmp_path, 1)
    save_checkpoint(path, tensors, {"step": 1})
    return path


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.99])
def test_a_file_cut_short_is_refused(good, share):
    content = good.read_bytes()
    good.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(PlantEduError, match="cut short or damaged"):
        load_checkpoint(good)


def test_a_flipped_bit_is_found(good):
    content = bytearray(good.read_bytes())
    content[-20] ^= 1
    good.write_bytes(bytes(content))
    with pytest.raises(PlantEduError, match="do not match the hash"):
        load_checkpoint(good)


class Trap:
    """Leaves a mark where it is unpickled."""

    def __reduce__(self):
        return os.mkdir, ("trapped",)


def pickled(*, zipped: bool) -> bytes:
    file = io.BytesIO()
    torch.save({"weights": Trap()}, file, _use_new_zipfile_serialization=zipped)
    return file.getvalue()


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as content:
        content.writestr("a", "b")
    return file.getvalue()


@pytest.mark.parametrize("content", [pickled(zipped=True), pickled(zipped=False), archive()])
def test_a_pickle_is_refused_and_never_run(tmp_path, monkeypatch, content):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "weights.safetensors"
    path.write_bytes(content)
    with pytest.raises(PlantEduError, match=r"is a pickle .* reads safetensors only"):
        load_checkpoint(path)
    assert not (tmp_path / "trapped").exists()


@pytest.mark.parametrize(
    "content", [b"GIF89a" + b"\0" * 100, b"\xff" * 64, json.dumps({"a": 1}).encode() * 9]
)
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "weights.safetensors"
    path.write_bytes(content)
    with pytest.raises(PlantEduError, match="cannot be read as a checkpoint"):
        load_checkpoint(path)


def test_a_strangers_safetensors_is_refused(tmp_path, tensors):
    save_file({"a": tensors["float"]}, tmp_path / "a.safetensors", {"format": "pt"})
    with pytest.raises(PlantEduError, match="no checkpoint of plantedu"):
        load_checkpoint(tmp_path / "a.safetensors")
    with pytest.raises(PlantEduError, match="cannot be read: No such file"):
        load_checkpoint(tmp_path / "b.safetensors")
    with pytest.raises(PlantEduError, match="cannot be read"):
        load_checkpoint(tmp_path)


def test_a_full_disk_leaves_the_old_file_and_no_part(good, tensors, monkeypatch):
    before = good.read_bytes()

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DiskFullError, match=r"step-000001\.safetensors needs .* MB"):
        save_checkpoint(good, tensors, {"step": 2})
    assert good.read_bytes() == before
    assert list(good.parent.iterdir()) == [good]


def test_meta_must_be_json(tmp_path, tensors):
    with pytest.raises(PlantEduError, match="meta must be plain JSON"):
        save_checkpoint(tmp_path / "a.safetensors", tensors, {"a": object()})


def test_the_newest_that_reads_back_is_found(tmp_path, tensors):
    assert newest_checkpoint(tmp_path) is None
    for step in (9, 10, 200):
        save_checkpoint(checkpoint_path(tmp_path, step), tensors, {"step": step})
    last = checkpoint_path(tmp_path, 200)
    last.write_bytes(last.read_bytes()[:-1])
    assert newest_checkpoint(tmp_path)[1] == {"step": 10}
