"""The one grammar that names an encoder, the course's own or a foreign one.

    NAME                what ships, such as cross-0; also shipped:NAME, random-NAME; foreign-a and
                        foreign-b are the foreign networks of lesson 12
    run:ID[@WHEN]       a checkpoint of a recorded run, the last one by default
    file:PATH           a checkpoint of plantedu
    timm:NAME[@FILE]    a network of timm with the weights of a file; without one, random weights
    py:MODULE:FUNCTION  what a function of one's own module returns, an nn.Module; only where a
                        person at this machine names it, never from a page or a request
    random:SEED         the course's random-init control

Size and normalisation of a timm network are those of its configuration.

Lesson: 06_similarity.
"""

import difflib
import importlib
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import timm
import torch
from torch import Tensor, nn

from plantedu.errors import PlantEduError, require
from plantedu.models.encoders import Encoder
from plantedu.zoo.encoders import LoadedEncoder, load_encoder
from plantedu.zoo.foreign_network import INPUT, H, inputs_of
from plantedu.zoo.foreign_weights import file_tensors, load_into
from plantedu.zoo.planted_foreign import CENTRE, NAMES, SIDE, SPREAD, shipped_foreign

TIMM, CODE = "timm:", "py:"
GRAMMAR = "NAME, run:ID[@WHEN], file:PATH, timm:NAME[@FILE], py:MODULE:FUNCTION or random:SEED"
Triple = tuple[float, float, float]
NO_MEAN, NO_STD = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)


@dataclass(frozen=True, eq=False, kw_only=True)
class Named:
    """A network and how it takes pictures; fields as of `own.model.Model`."""

    name: str
    network: nn.Module
    origin: str
    layer: str = H
    side: int = 224
    mean: Triple = NO_MEAN
    std: Triple = NO_STD
    cameras: int = 1


class OfOneSensor(nn.Module):
    """A classifier of one sensor's pictures as a network of one picture."""

    def __init__(self, classifier: nn.Module) -> None:
        super().__init__()
        self.classifier = classifier

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(x[None])


class OfBothSensors(nn.Module):
    """A classifier of pairs as a network of two pictures."""

    def __init__(self, classifier: nn.Module) -> None:
        super().__init__()
        self.classifier = classifier

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        return self.classifier(torch.stack([x1, x2]))


def named_network(words: str, *, code: bool = False) -> Named:
    """The network that words name.

    Args:
        words: As above.
        code: Whether a person at this machine named it, so that py: may run their module.

    Raises:
        PlantEduError: for words that name none, a file that cannot be read, or a module of one's
            own where a page or a request names it.
    """
    if words.startswith(TIMM):
        name, _, file = words.removeprefix(TIMM).partition("@")
        return of_timm(name, Path(file).expanduser() if file else None)
    if words.startswith(CODE):
        require(
            code,
            f"{words} would run a module of this machine: only a person who types the command "
            "may name one, not a page, a request or a file.",
        )
        return replace(of_module(_made(words)), origin=words)
    if words in NAMES:
        return Named(
            name=words,
            network=shipped_foreign(words),
            origin=f"{words}, shipped with lesson 12",
            side=SIDE,
            mean=(CENTRE, CENTRE, CENTRE),
            std=(SPREAD, SPREAD, SPREAD),
        )
    return _of_course(load_encoder(words), words)


def of_module(network: nn.Module) -> Named:
    """A module as it is, size and normalisation from timm's configuration where it has one."""
    name = type(network).__name__
    if isinstance(network, Encoder):
        return Named(name=network.name, network=network, origin="an Encoder of the course", side=40)
    config: Any = getattr(network, "pretrained_cfg", None) or getattr(network, "default_cfg", None)
    if not (isinstance(config, dict) and "mean" in config):
        says = "an nn.Module without a configuration: pictures go in as they are, in [0, 1]"
        return Named(name=name, network=network, origin=says, cameras=inputs_of(network))
    return Named(
        name=str(config.get("architecture") or name),
        network=network,
        origin="an nn.Module, size and normalisation by timm's configuration",
        side=int((config.get("input_size") or (3, 224, 224))[-1]),
        mean=tuple(float(v) for v in config["mean"]),  # type: ignore[arg-type]
        std=tuple(float(v) for v in config["std"]),  # type: ignore[arg-type]
    )


def of_timm(name: str, file: Path | None = None) -> Named:
    """A network of timm by name, with the weights of a file; nothing is downloaded.

    Raises:
        PlantEduError: for a name that timm does not have, or a file of another network.
    """
    if not timm.is_model(name):
        close = difflib.get_close_matches(name, timm.list_models(), n=3, cutoff=0.6)
        like = f" Did you mean {' or '.join(close)}?" if close else ""
        raise PlantEduError(f"timm has no network called {name!r}.{like}")
    if file is None:
        made = of_module(_created(name, 0))
        says = "random weights: no file was named, and nothing is downloaded"
        return replace(made, name=f"{name} (random weights)", origin=f"timm:{name}, {says}")
    tensors = file_tensors(file)
    made = of_module(_created(name, _classes(name, tensors)))
    said = load_into(made.network, tensors, file.name, name)
    return replace(made, name=name, origin=f"timm:{name}@{file.name}{said}")


def with_weights(named: Named, file: Path) -> Named:
    """The same network with the weights of a file.

    Raises:
        PlantEduError: for a file of another network.
    """
    if named.origin.startswith(TIMM):
        return of_timm(named.origin.removeprefix(TIMM).partition(",")[0].partition("@")[0], file)
    said = load_into(named.network, file_tensors(file), file.name, named.name)
    return replace(named, origin=f"{named.origin}; weights of {file.name}{said}")


def _of_course(one: LoadedEncoder, words: str) -> Named:
    network: nn.Module = one.encoder
    layer, cameras, kind = H, 1, one.classifier
    if kind is not None and kind.sensors == "both":
        network, layer, cameras = OfBothSensors(kind), f"{INPUT}classifier.head", 2
    elif kind is not None and kind.sensors != "either":
        network, layer = OfOneSensor(kind), f"{INPUT}classifier.head"
    origin = f"{words}, of the course"
    return Named(
        name=words, network=network, origin=origin, layer=layer, side=one.side, cameras=cameras
    )


def _created(name: str, classes: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        try:
            return timm.create_model(name, pretrained=False, num_classes=classes)
        except (TypeError, RuntimeError, AssertionError, ValueError) as error:
            raise PlantEduError(f"timm could not build {name!r}: {error}") from error


def _classes(name: str, tensors: dict[str, Tensor]) -> int:
    """How many classes a file's head has; 0 without one."""
    config: Any = timm.get_pretrained_cfg(name)
    last = getattr(config, "classifier", None) or "fc"
    ends = [f"{one}.weight" for one in ([last] if isinstance(last, str) else last)]
    found = [v for k, v in tensors.items() if any(k == e or k.endswith(f".{e}") for e in ends)]
    return int(found[0].shape[0]) if found else 0


def _made(words: str) -> nn.Module:
    """What a function of one's own module returns."""
    module, _, function = words.removeprefix(CODE).partition(":")
    require(bool(module and function), f"py:MODULE:FUNCTION names a function; got {words!r}.")
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        maker = getattr(importlib.import_module(module), function, None)
    except ImportError as error:
        raise PlantEduError(
            f"{words}: there is no module {module!r} here ({error}). Start the command in the "
            "folder of the module, or put it on PYTHONPATH."
        ) from error
    except Exception as error:  # a module of the user's may raise anything
        raise PlantEduError(f"{words}: {module} cannot be read: {_said(error)}.") from error
    if not callable(maker):
        raise PlantEduError(f"{words}: {module} has no function {function!r}.")
    try:
        network = maker()
    except Exception as error:
        raise PlantEduError(f"{words}: {function} raised {_said(error)}.") from error
    if not isinstance(network, nn.Module):
        raise PlantEduError(f"{words} returned a {type(network).__name__}; an nn.Module is wanted.")
    return network


def _said(error: Exception) -> str:
    return f"{type(error).__name__}, {' '.join(str(error).split())[:160]}".rstrip(", .")
