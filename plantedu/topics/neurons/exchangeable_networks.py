"""Networks whose layers can be read and replaced while they answer.

    classifier     pictures -> stages -> h -> logits                the answer is a name
    projector      pictures -> stages -> h -> hidden -> z           the answer is read off z

A hook hands out what a layer says. Where something else is to be said, a stand-in says it: what
comes before is skipped, and all behind it is the network's own. Two views of a plant stand side by
side: a layer is "n places dim", with dim the units of one view after the other.

Source: interchange interventions, Geiger et al. 2021, arXiv:2106.02997 [geiger2021].
Lesson: 10_neurons.
"""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from plantedu.data.evaluation_set import FIRST_HELD_OUT
from plantedu.data.renderer.worlds import World, world
from plantedu.errors import PlantEduError, require
from plantedu.training.checkpoints import load_checkpoint
from plantedu.training.classifier.recipe import FineTune
from plantedu.training.classifier.setup import classifier_from
from plantedu.training.online_probes import evaluating
from plantedu.training.weights_spec import file_of, parse_start
from plantedu.zoo.cue_networks import CUES, SIDE, cue_network_from, cue_world
from plantedu.zoo.encoders import RANDOM, load_encoder

Slots = tuple[tuple[nn.Module, str], ...]
STEM = ("conv1", "bn1", "act1", "maxpool")
STAGES = {f"stage {k}": f"layer{k}" for k in (1, 2, 3, 4)}
NAMED_BY = dict(zip(CUES, ("disease", "mark"), strict=True))


@dataclass(frozen=True, eq=False)
class Network:
    """A network that is taken apart by its layers.

    Attributes:
        name: What it was asked for as.
        module: Pictures "views n 3 side side" to logits or z, "n out".
        sensors: The views.
        side: Of the pictures that it sees, in pixels.
        sites: Layers from the first to the last: where each hangs, behind what comes before it.
        names: The factor that its answer names; "" where the answer is z.
        world: Whose plants it is asked about.
        pairs: Plants 0 to pairs - 1 of that world have trained it, or what it began from.
    """

    name: str
    module: nn.Module
    sensors: tuple[str, ...]
    side: int
    sites: Mapping[str, Slots]
    names: str
    world: World
    pairs: int

    @property
    def data(self) -> str:
        """The planted world of its plants; "" where it has learned from none."""
        return self.world.name if self.pairs else ""

    @property
    def world_seed(self) -> int:
        """Seed of that world."""
        return self.world.seed

    @torch.no_grad()
    def answer(self, views: Float[Tensor, "views n 3 side side"]) -> Float[Tensor, "n out"]:
        """Logits or z of pictures in [0, 1]."""
        with evaluating(self.module):
            return self.module(views).float()

    def layer(
        self, views: Float[Tensor, "views n 3 side side"], site: str
    ) -> Float[Tensor, "n places dim"]:
        """What a layer says of pictures.

        Raises:
            PlantEduError: for a layer that is not there.
        """
        kept: list[Tensor] = []

        def hook(_: nn.Module, __: object, said: Tensor) -> None:
            kept.append(said.float())

        handle = self.at(site).register_forward_hook(hook)
        try:
            self.answer(views)
        finally:
            handle.remove()
        said = kept[0]
        rows = said.reshape(len(views), views.shape[1], said.shape[1], -1)
        return rows.permute(1, 3, 0, 2).flatten(2)

    def answer_with(
        self,
        views: Float[Tensor, "views n 3 side side"],
        site: str,
        instead: Float[Tensor, "n places dim"],
    ) -> Float[Tensor, "n out"]:
        """Logits or z of pictures where a layer says something else.

        Raises:
            PlantEduError: for a layer that is not there.
        """

        many, n = len(views), len(instead)
        rows = instead.unflatten(2, (many, -1)).permute(2, 0, 3, 1)  # views n dim places
        said = rows.flatten(0, 1)
        side = math.isqrt(said.shape[2])
        said = said.unflatten(2, (side, side)) if site in STAGES else said[..., 0]
        require(n == views.shape[1], f"{n} rows stand for {views.shape[1]} plants.")
        with _standing_in(self._slots(site), said):
            return self.answer(views)

    def at(self, site: str) -> nn.Module:
        """The module of a layer.

        Raises:
            PlantEduError: for a layer that is not there.
        """
        parent, name = self._slots(site)[-1]
        return parent.get_submodule(name)

    def _slots(self, site: str) -> Slots:
        known = ", ".join(self.sites)
        require(site in self.sites, f"{self.name} has the layers {known}; got {site!r}.")
        return self.sites[site]


class Given(nn.Module):
    """Says what it was given, whatever it sees."""

    def __init__(self, said: Tensor) -> None:
        super().__init__()
        self.said = said

    def forward(self, _: Tensor) -> Tensor:
        """The rows that it was given."""
        return self.said


@contextmanager
def _standing_in(slots: Slots, said: Tensor) -> Iterator[None]:
    """Inside, the last module says `said`, and those before it, which nobody hears, do nothing."""
    own = [parent.get_submodule(name) for parent, name in slots]
    idle = [nn.Identity() for _ in own[:-1]]
    try:
        for (parent, name), module in zip(slots, [*idle, Given(said)], strict=True):
            setattr(parent, name, module)
        yield
    finally:
        for (parent, name), module in zip(slots, own, strict=True):
            setattr(parent, name, module)


class Projected(nn.Module):
    """Unit z of the pictures of one sensor."""

    def __init__(self, objective: nn.Module) -> None:
        super().__init__()
        self.objective = objective

    def forward(self, views: Float[Tensor, "views n 3 side side"]) -> Float[Tensor, "n dim"]:
        """z of the first and only view."""
        return self.objective.project(views[0])  # type: ignore[operator]


def open_network(words: str, *, sensor: str = "rgb") -> Network:
    """A network by its name: cues/mark-0, supervised_rgb-0, cross-0, random-cross-0, file:PATH.

    Args:
        words: Which.
        sensor: Whose pictures a projector sees, rgb or rgn; classifiers have sensors of their own.

    Raises:
        PlantEduError: for a name that is not there, or a network without an answer.
    """
    if words.startswith(RANDOM):
        return _projected(words, sensor, world("field"), 0)
    start = parse_start(words if ":" in words else f"shipped:{words}")
    path = file_of(start)
    if path is None:
        raise PlantEduError(
            f"{words!r} names no network here: give one that ships (cues/mark-0, supervised_rgb-0, "
            "cross-0), or file:PATH."
        )
    snapshot = load_checkpoint(path)
    if "cue" in snapshot[1]:
        cue = snapshot[1]["cue"]
        names, model = NAMED_BY[cue["cue"]], cue_network_from(snapshot[0], snapshot[1])
        sites = _sites(model)
        return Network(
            name=words,
            module=model,
            sensors=("rgb", "rgn"),
            side=SIDE,
            sites=sites,
            names=names,
            world=cue_world(),
            pairs=cue["plants"],
        )
    if "finetune" in snapshot[1]:
        return _classifier(words, snapshot)
    require(
        "recipe" in snapshot[1],
        f"{words} holds no classifier and no projector: it answers nothing.",
    )
    recipe = snapshot[1]["recipe"]
    plants = world(recipe["data"], recipe.get("world_seed", 0))
    return _projected(words, sensor, plants, int(recipe["pairs"]))


def _classifier(words: str, snapshot: Any) -> Network:
    recipe, model = FineTune.from_json(snapshot[1]["finetune"]), classifier_from(snapshot)
    require(
        recipe.sensors != "either",
        f"{words} was shown both sensors' pictures one at a time; take one of rgb, rgn or both.",
    )
    sensors = ("rgb", "rgn") if recipe.sensors == "both" else (recipe.sensors,)
    sites, plants = _sites(model), world(recipe.data, recipe.world_seed)
    pairs = recipe.pairs if recipe.start == "scratch" else max(recipe.pairs, FIRST_HELD_OUT)
    return Network(
        name=words,
        module=model,
        sensors=sensors,
        side=recipe.crop_size,
        sites=sites,
        names="disease",
        world=plants,
        pairs=pairs,
    )


def _projected(words: str, sensor: str, plants: World, pairs: int) -> Network:
    require(sensor in ("rgb", "rgn"), f"sensor is rgb or rgn; got {sensor!r}.")
    one = load_encoder(words.removeprefix("shipped:"))
    one.check("z")
    projector: Any = one.objective.projector
    sites = _sites(one.objective)
    sites["hidden"] = (*sites["h"], *((projector, str(k)) for k in range(3)))
    module = Projected(one.objective)
    return Network(
        name=words,
        module=module,
        sensors=(sensor,),
        side=one.side,
        sites=sites,
        names="",
        world=plants,
        pairs=pairs,
    )


def _sites(owner: nn.Module) -> dict[str, Slots]:
    """The stages of a timm network that has them, and h, which `owner.encoder` says."""
    body: nn.Module = owner.encoder.body  # type: ignore[union-attr, assignment]
    there = dict(body.named_children())
    found: dict[str, Slots] = {}
    chain = [*STEM, *STAGES.values()]
    if all(name in there for name in chain):
        for word, last in STAGES.items():
            found[word] = tuple((body, name) for name in chain[: chain.index(last) + 1])
    return {**found, "h": ((owner, "encoder"),)}
