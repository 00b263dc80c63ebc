"""What the worker of trainings computes on, as its pages say it."""

import contextlib
import warnings
from pathlib import Path

FILE = "hardware.txt"


def accelerator() -> str:
    """GPU or CPU, in words; where there is a GPU that cannot be used, why."""
    import torch

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        usable = torch.cuda.is_available()
    if usable:
        return f"GPU: {torch.cuda.get_device_name()}"
    complaints = " ".join(str(one.message) for one in caught)
    if "driver" in complaints:
        return (
            "CPU: the driver of this machine's GPU is too old for the PyTorch that is pinned here. "
            "Update the driver, or go on with the CPU."
        )
    return "CPU"


def note(folder: Path) -> None:
    """Write down what this process computes on; a disk that is full is no reason to stop."""
    with contextlib.suppress(OSError):
        (folder / FILE).write_text(accelerator(), encoding="utf-8")


def noted(folder: Path) -> str:
    """What the last worker computed on; "" where none has said so."""
    try:
        return (folder / FILE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
