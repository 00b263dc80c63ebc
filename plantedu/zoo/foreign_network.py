"""Any network as a reader of pictures: normalise, run, catch what one layer gives, pool it.

    h            what the network's own head reads: before the last linear layer. timm networks say
                 it themselves (a ViT then gives its class token, or its own pool)
    NAME         what the module of that name gives; tokens are averaged over places, the class
                 token left out
    input:NAME   what the module of that name is fed with

Maps are averaged over rows and columns, whether channels come first (ResNet) or last (Swin).

Lesson: 06_similarity.
"""

import difflib
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from plantedu.errors import PlantEduError, require
from plantedu.models.pooling import pooled, prefix_tokens

H, INPUT = "h", "input:"
Triple = tuple[float, float, float]


class Reader(nn.Module):
    """A network of one picture or two that is fed with [0, 1] and gives one vector a picture.

    Attributes:
        network: As it came, in evaluation mode.
        layer: What is read, as above.
        cameras: How many pictures it takes, 1 or 2.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self, network: nn.Module, *, layer: str, side: int, mean: Triple, std: Triple
    ) -> None:
        """Tries the network and the layer on a grey picture.

        Raises:
            PlantEduError: for a network of three inputs, a size that it cannot take, or a layer
                that is not there or gives no tensor.
        """
        super().__init__()
        self.network, self.layer, self.cameras = network, layer, inputs_of(network)
        for name, values in (("mean", mean), ("std", std)):
            self.register_buffer(name, torch.tensor(values).view(1, 3, 1, 1), persistent=False)
        self._head = _head_of(network, self._grey(side))
        self._place = self._head if layer == H else layer
        self._channels = _channels_of(network, layer)
        if layer != H and (module := layer.removeprefix(INPUT)) not in dict(
            network.named_modules()
        ):
            raise PlantEduError(
                f"{_kind(network)} has no layer {module!r}. {_near(network, module)}"
            )
        with torch.no_grad():
            self(*self._grey(side))

    def _grey(self, side: int) -> list[Tensor]:
        """What the network is tried on; a sentence where it fails."""
        device = next((p.device for p in self.network.parameters()), torch.device("cpu"))
        if self.mean.device != device:  # a walk through all modules, so only where it is wanted
            self.to(device)
        return [torch.full((2, 3, side, side), 0.5, device=device)] * self.cameras

    def forward(self, *views: Tensor) -> Tensor:
        """Features "batch dim" of pictures "batch 3 side side" in [0, 1], one argument a camera."""
        return pooled_layer(self.caught(*views)[0], self.network, self._channels)

    def logits(self, *views: Tensor) -> Tensor:
        """What the network itself answers, "batch classes"."""
        return self._scores(self._run(views))

    def both(self, *views: Tensor) -> tuple[Tensor, Tensor | None]:
        """Features and what the network answers, by one pass; None where that gives no answer."""
        if self._place == "timm" and self.has_head and _is_timm(self.network):
            network: Any = self.network
            with _sentences(self.network, views):
                x = network.forward_features(self.normalised(views[0]))
                h, answer = network.forward_head(x, pre_logits=True), network.forward_head(x)
        else:
            h, answer = self.caught(*views)
        scores = self._scores(answer) if self.has_head and answer is not None else None
        return pooled_layer(h, self.network, self._channels), scores

    def _scores(self, answer: Any) -> Tensor:
        found = getattr(answer, "logits", answer)
        require(
            isinstance(found, Tensor) and found.ndim == 2,
            f"{_kind(self.network)} answers {_shape(found)}, which are no scores of classes.",
        )
        return found

    @property
    def has_head(self) -> bool:
        """Whether something is left between h and the network's answer."""
        if self._head == "timm":
            return int(getattr(self.network, "num_classes", 0) or 0) > 0
        return self._head.startswith(INPUT)

    def caught(self, *views: Tensor) -> tuple[Any, Any]:
        """What the layer gives, and what the network answers; None where it was not asked."""
        if self._place == "timm":
            network: Any = self.network
            with _sentences(self.network, views):
                x = network.forward_features(self.normalised(views[0]))
                return network.forward_head(x, pre_logits=True), None
        if self._place == "":
            answer = self._run(views)
            return answer, answer
        with _hook(self.network, self._place) as kept:
            answer = self._run(views)
        require(bool(kept), f"Layer {self.layer!r} of {_kind(self.network)} is never run.")
        return kept[-1], answer

    def normalised(self, view: Tensor) -> Tensor:
        """(x - mean) / std, channel by channel."""
        return (view - self.mean) / self.std

    def _run(self, views: tuple[Tensor, ...]) -> Any:
        with _sentences(self.network, views):
            return self.network(*(self.normalised(view) for view in views))


def pooled_layer(output: object, network: nn.Module, channels: int | None = None) -> Tensor:
    """One vector a picture from what a layer gives; a class token in front stands for no place."""
    if not isinstance(output, Tensor) or output.ndim != 3:
        return pooled(output, channels=channels)
    known = getattr(network, "num_prefix_tokens", None)
    return pooled(output, prefix=prefix_tokens(output.shape[1], known))


def _is_timm(network: nn.Module) -> bool:
    """Whether a network's pass is timm's own: its stages, then its head."""
    return type(network).forward.__module__.startswith("timm.")


def inputs_of(network: nn.Module) -> int:
    """How many pictures a network wants, 1 or 2.

    Raises:
        PlantEduError: for one that wants none, or three and more.
    """
    wanted = [
        p.name
        for p in inspect.signature(network.forward).parameters.values()
        if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    require(
        len(wanted) <= 2,
        f"{_kind(network)} wants {len(wanted)} inputs ({', '.join(wanted)}): a network of one "
        "picture or of two (one a camera) is wanted. Wrap it in a module that fills in the rest.",
    )
    return max(len(wanted), 1)


def _head_of(network: nn.Module, views: list[Tensor]) -> str:
    """Where h is caught: "timm", the input of the last linear layer, or "" for the answer."""
    if len(views) == 1 and hasattr(network, "forward_features"):
        head: Any = getattr(network, "forward_head", None)
        if head is not None and "pre_logits" in inspect.signature(head).parameters:
            return "timm"
    gave: dict[int, str] = {}
    kept: list[Any] = []  # alive, so that no two have one id
    hooks = []
    for name, part in network.named_modules():
        if isinstance(part, nn.Linear):

            def keep(_: nn.Module, given: object, output: object, name: str = name) -> None:
                gave[id(output)] = name
                kept.append(output)

            hooks.append(part.register_forward_hook(keep))
    try:
        with torch.no_grad(), _sentences(network, tuple(views)):
            answer = network(*views)
    finally:
        for hook in hooks:
            hook.remove()
    name = gave.get(id(answer), gave.get(id(getattr(answer, "logits", None)), ""))
    return f"{INPUT}{name}" if name else ""


@contextmanager
def _hook(network: nn.Module, place: str) -> Iterator[list[Any]]:
    kept: list[Any] = []
    module = dict(network.named_modules())[place.removeprefix(INPUT)]
    if place.startswith(INPUT):
        hook = module.register_forward_pre_hook(lambda _, given: kept.append(given[0]))
    else:
        hook = module.register_forward_hook(lambda _, given, output: kept.append(output))
    try:
        yield kept
    finally:
        hook.remove()


@contextmanager
def _sentences(network: nn.Module, views: tuple[Tensor, ...]) -> Iterator[None]:
    """What a foreign network says of pictures that it cannot take, as one sentence."""
    try:
        yield
    except PlantEduError:
        raise
    except Exception as error:  # a network of the user's may raise anything
        said = " ".join(str(error).split())[:160]
        side = views[0].shape[-1]
        raise PlantEduError(
            f"{_kind(network)} cannot take {len(views)} colour picture(s) of {side} x {side} "
            f"pixels ({type(error).__name__}: {said}). Name the size that it was made for, size=N, "
            "or wrap it in a module that takes (batch, 3, side, side)."
        ) from error


def _channels_of(network: nn.Module, layer: str) -> int | None:
    """How many channels a stage has, where timm lists it."""
    info = getattr(network, "feature_info", None) or []
    listed = [one for one in info if isinstance(one, dict)]
    return next((one.get("num_chs") for one in listed if one.get("module") == layer), None)


def _near(network: nn.Module, wanted: str) -> str:
    names = [name for name, _ in network.named_modules() if name]
    close = difflib.get_close_matches(wanted, names, n=3, cutoff=0.5)
    first = ", ".join(name for name, _ in network.named_children())
    return (f"Did you mean {' or '.join(close)}? " if close else "") + f"It begins with: {first}."


def _kind(network: nn.Module) -> str:
    return type(network).__name__


def _shape(found: Any) -> str:
    return str(tuple(found.shape)) if isinstance(found, Tensor) else type(found).__name__
