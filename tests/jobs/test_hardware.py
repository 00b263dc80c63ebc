"""What a worker says of its machine."""

import warnings

import pytest
import torch

from plantedu.jobs.hardware import accelerator, note, noted


@pytest.fixture
def cuda(monkeypatch):
    """Make torch answer as on another machine."""

    def answer(usable, complaint="", name="a GPU"):
        def is_available():
            if complaint:
                warnings.warn(complaint, UserWarning, stacklevel=1)
            return usable

        monkeypatch.setattr(torch.cuda, "is_available", is_available)
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda: name)

    return answer


def test_a_gpu_is_named(cuda):
    cuda(True)
    assert accelerator() == "GPU: a GPU"


def test_no_gpu_is_no_complaint(cuda):
    cuda(False)
    assert accelerator() == "CPU"


def test_an_old_driver_is_told_from_no_gpu(cuda, tmp_path):
    cuda(False, "CUDA initialization: The NVIDIA driver on your system is too old (found 11040).")
    note(tmp_path)
    assert noted(tmp_path).startswith("CPU: the driver of this machine's GPU is too old")


def test_where_nobody_has_said_anything(tmp_path):
    assert noted(tmp_path / "nowhere") == ""
    note(tmp_path / "nowhere")  # it cannot be written, and that stops nobody
    (tmp_path / "hardware.txt").write_bytes(b"\xff\xfe\x00")
    assert noted(tmp_path) == ""
