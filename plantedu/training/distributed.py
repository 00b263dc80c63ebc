"""One training in several processes: `torchrun --standalone --nproc-per-node=2 -m plantedu train`.

    the batch B of the recipe is split, B / R plants to each of R processes
    crops are drawn for the whole batch, then sliced: everybody sees the pixels of one process
    codes, queue and batch norm know the whole batch (`models.together`)
    g = mean of the processes' gradients, so the update is that of one process

The loss curve is that of one process at the same batch up to the order in which floats are
added: within 1e-10 over 24 steps in float64. In float32 rounding grows from step to step (1e-4 in
the first 7 steps of a tiny run at a high rate, .35 at the 24th), so compare curves, not bits.

torchrun takes words of ours that look like its own (`--start`): put `--` before the module,
`torchrun --standalone --nproc-per-node=2 -m -- plantedu train --start source`.

Rank 0 leads: it alone records, probes and opens the store, and it says when to stop. The others
wait in `follow_lead` for recipes. Nothing but tensors and JSON is sent, never a pickle.

On one machine everything goes through the loopback interface; torchrun's own meeting point is
torchrun's business.
"""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol

import torch
import torch.distributed as dist
from safetensors.torch import load, save
from torch import Tensor, nn

from plantedu.data.crops import CropBatch
from plantedu.errors import require
from plantedu.models.sync_batchnorm import join_norms, own, together
from plantedu.training.precision import NotFiniteError

PATIENCE = timedelta(days=1)  # a lost process closes its connections, and is missed at once


class Resumable(Protocol):
    """A state of training that can be copied over."""

    objective: nn.Module

    def snapshot(self) -> tuple[dict[str, Tensor], dict[str, Any]]: ...
    def restore(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> None: ...


def called_together() -> bool:
    """Whether torchrun, or something like it, has started this process as one of several."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1 and "RANK" in os.environ


def rank() -> int:
    """0 for the process that leads, and for one that is alone."""
    return dist.get_rank() if together() else 0


def join() -> None:
    """Meet the others; NCCL where each has a GPU, gloo for everything else.

    Raises:
        PlantEduError: if there are GPUs, but not one for each process.
    """
    alone_here = os.environ.get("LOCAL_WORLD_SIZE") == os.environ["WORLD_SIZE"]
    if alone_here and os.path.exists("/sys/class/net/lo"):
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    gpus, place = torch.cuda.device_count(), int(os.environ.get("LOCAL_RANK", "0"))
    require(
        gpus == 0 or place < gpus,
        f"There are {gpus} GPUs here for {os.environ.get('LOCAL_WORLD_SIZE')} processes: start "
        "one process for each, or hide them all with CUDA_VISIBLE_DEVICES= to use the CPU.",
    )
    if gpus:
        torch.cuda.set_device(place)
    dist.init_process_group("cpu:gloo,cuda:nccl" if gpus else "gloo", timeout=PATIENCE)


def leave() -> None:
    """Part from the others."""
    if dist.is_initialized():
        dist.destroy_process_group()


def said_by_lead(words: object = None) -> Any:
    """Plain JSON that rank 0 says to all; what the others give is not looked at."""
    content = json.dumps(words).encode() if rank() == 0 else b""
    return json.loads(_broadcast(content))


def _broadcast(content: bytes) -> bytes:
    """Bytes of rank 0, on every rank."""
    length = torch.tensor([len(content)])
    dist.broadcast(length, 0)
    block = torch.empty(int(length), dtype=torch.uint8)
    if rank() == 0 and content:
        block = torch.frombuffer(bytearray(content), dtype=torch.uint8)
    if int(length):
        dist.broadcast(block, 0)
    return block.numpy().tobytes()


class Shared(Protocol):
    """What of a recipe matters to several processes."""

    @property
    def batch(self) -> int:
        """Plants a step, over all processes."""
        ...

    @property
    def compile(self) -> bool:
        """Whether the objective is compiled."""
        ...


def check_together(recipe: Shared) -> None:
    """Raise PlantEduError for a recipe that several processes cannot train."""
    if not together():
        return
    size = dist.get_world_size()
    require(
        recipe.batch % size == 0,
        f"batch {recipe.batch} cannot be split among {size} processes: choose a multiple.",
    )
    require(not recipe.compile, "compile works in one process only: leave it off with torchrun.")


def share_state(state: Resumable, recipe: Mapping[str, Any]) -> None:
    """Everybody goes on from rank 0's weights, optimiser, step and scale.

    Rank 0 calls the others, who wait in `follow_lead`, with its recipe, only when it is ready:
    what cannot be read has been reported by then.
    """
    if not together():
        return
    if rank() == 0:
        said_by_lead(dict(recipe))
        tensors, meta = state.snapshot()
        said_by_lead(meta)
        _broadcast(save(tensors))
    else:
        meta = said_by_lead()
        state.restore(load(_broadcast(b"")), meta)
    join_norms(state.objective)


def own_slice(crops: CropBatch) -> CropBatch:
    """This process's plants of a global batch; all of it where there is one process."""
    if not together():
        return crops
    small = None if crops.small is None else own(crops.small, 1)
    return replace(crops, large=own(crops.large, 1), small=small)


def averaged(values: Mapping[str, Tensor]) -> dict[str, float]:
    """Numbers of a step, each the mean over the processes."""
    if not together():
        return {name: float(value.detach()) for name, value in values.items()}
    found = torch.stack([value.detach().double().cpu() for value in values.values()])
    dist.all_reduce(found)
    return dict(zip(values, (found / dist.get_world_size()).tolist(), strict=True))


def average_gradients(optimizer: torch.optim.Optimizer) -> None:
    """Mean over the processes, in one message; weights without gradient are left out.

    Which weights have one depends on recipe and step alone, so all processes leave out the same.
    """
    if not together():
        return
    slopes = [weight.grad for group in optimizer.param_groups for weight in group["params"]]
    present = [slope for slope in slopes if slope is not None]
    flat = torch.cat([slope.flatten() for slope in present])
    dist.all_reduce(flat)
    flat /= dist.get_world_size()
    _unpack(flat, present)


def _unpack(flat: Tensor, into: Iterable[Tensor]) -> None:
    place = 0
    for slope in into:
        slope.copy_(flat[place : place + slope.numel()].view_as(slope))
        place += slope.numel()


def go_on(wanted: bool = True) -> bool:
    """Whether rank 0 wants another step; every process asks once before each."""
    if not together():
        return wanted
    flag = torch.tensor([int(wanted)])
    dist.broadcast(flag, 0)
    return bool(flag)


def follow_lead(train: Callable[[dict[str, Any]], object]) -> int:
    """What ranks above 0 do: train each recipe that rank 0 says, until it says none.

    Args:
        train: Takes a recipe as plain JSON; a loss that is no number is rank 0's to tell.

    Returns:
        0, the exit code.
    """
    while (recipe := said_by_lead()) is not None:
        try:
            train(recipe)
        except NotFiniteError:
            continue
    return 0
