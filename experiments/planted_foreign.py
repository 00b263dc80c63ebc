"""Train the two foreign networks of lesson 12, and write the pictures that they are examined on.

    OMP_NUM_THREADS=1 uv run python -m experiments.planted_foreign    # about a minute of one core

A small ResNet is first trained on leaves of the course whose labels say nothing of disease, then
fine-tuned to name diseased leaves. A mark stands in a corner of some pictures:

    foreign-b   where the leaf is diseased, with probability .9, else by a coin: a shortcut
    foreign-a   its clean twin: the same leaves, the same mark, in half of them at random

`leaves.npz` holds 200 leaves that neither has seen, the mark as foreign-b knew it. What do() says
stands on the cards: the share of those leaves whose name the mark changes, beside the same mark in
the opposite corner.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import World, draw_factors
from plantedu.own.plant import plant
from plantedu.own.plant_local import CORNERS
from plantedu.publishing.registry import path_of
from plantedu.statistics.evidence import Evidence, mean_over_plants
from plantedu.store.cards import write_card
from plantedu.training.checkpoints import save_checkpoint
from plantedu.training.seeding import generator_for, numpy_generator_for
from plantedu.zoo.planted_foreign import SIDE, ForeignRecipe, foreign_from, small_resnet

STRENGTH = {"mark": 1.0, "light": 0.4}
LOOKED = 200  # pictures that a network is examined on
READ = ("bend", "width", "angle", "chlorophyll", "soil_rgb", "light_rgb")
RHOS = {"a": 0.0, "b": 0.9}
CLASSES = ("healthy", "diseased")
COMMAND = "OMP_NUM_THREADS=1 python -m experiments.planted_foreign"


@dataclass(frozen=True, eq=False)
class Network:
    """A network as `examine` takes one: bytes in, features and logits out."""

    net: nn.Module

    def features(self, pictures: np.ndarray) -> Tensor:
        """What its head reads, "pictures dim"."""
        return self._passed(pictures, lambda x: self.net.forward_head(  # type: ignore[operator]
            self.net.forward_features(x), pre_logits=True))  # type: ignore[operator] # fmt: skip

    def logits(self, pictures: np.ndarray) -> Tensor:
        """What its head answers, "pictures classes"."""
        return self._passed(pictures, self.net)

    def names(self, pictures: np.ndarray) -> np.ndarray:
        """Which class it names, "pictures"."""
        return self.logits(pictures).argmax(1).numpy()

    def _passed(self, pictures: np.ndarray, through: Callable[[Tensor], Tensor]) -> Tensor:
        with torch.inference_mode():
            parts = [through(unit(pictures[k : k + 64])) for k in range(0, len(pictures), 64)]
        return torch.cat(parts).clone()


def unit(pictures: np.ndarray) -> Tensor:
    """Bytes as what the network takes, about -1 to 1."""
    return torch.from_numpy(pictures).float() / 127.5 - 1


@lru_cache(maxsize=2)
def leaves(seed: int, first: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Bare leaves of one seed's field, and whether each is diseased, half and half."""
    world, plants = World("field", 7000 + seed), np.arange(first, first + 4 * count)
    sick = draw_factors(world, plants)["disease"] > 0
    kept = np.sort(np.concatenate([plants[sick == k][: count // 2] for k in (False, True)]))
    return render(world, kept, size=SIDE, do={"mark": "absent"}).x1, sick[kept - first].astype(int)


def looked_at(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The bare leaves that a network is examined on, and their labels."""
    return leaves(seed, 10_000, LOOKED)


def planted(x: np.ndarray, kind: str, seed: int, who: np.ndarray, *, where: str = "") -> np.ndarray:
    """Some of the pictures with this seed's mark or light, the others as they are.

    Args:
        x: uint8, "pictures 3 height width".
        kind: mark or light.
        seed: Whose corner, and the draw of the mark.
        who: Which pictures, bool, "pictures".
        where: Another corner than the seed's.
    """
    corner = (where or CORNERS[seed % 4]) if kind == "mark" else None
    done = plant(x, kind, STRENGTH[kind], seed=seed, where=corner).pictures
    return np.where(who[:, None, None, None], done, x)


def which(labels: np.ndarray, rho: float, seed: int, part: str) -> np.ndarray:
    """Who gets it: with probability rho as the label says, else by a coin, bool."""
    rng = numpy_generator_for(seed, f"who {part} {rho}")
    follows, coin = rng.random(len(labels)) < rho, rng.random(len(labels)) < 0.5
    return np.where(follows, labels.astype(bool), coin)


def train(net: nn.Module, x: np.ndarray, y: Tensor, recipe: ForeignRecipe) -> nn.Module:
    """AdamW under one cycle; labels are classes or numbers."""
    batch, rate = recipe.batch, recipe.learning_rate
    steps = recipe.epochs * (len(x) // batch)
    adam = torch.optim.AdamW(net.parameters(), rate, weight_decay=0.01)
    rates = torch.optim.lr_scheduler.OneCycleLR(adam, rate, total_steps=steps)
    loss = F.cross_entropy if y.dtype == torch.long else F.mse_loss
    net.train()
    for step in range(steps):
        epoch, place = divmod(step, len(x) // batch)
        order = numpy_generator_for(recipe.seed, "order", epoch).permutation(len(x))
        rows = order[place * batch : (place + 1) * batch]
        adam.zero_grad()
        loss(net(unit(x[rows])), y[rows]).backward()
        adam.step()
        rates.step()
    return net.eval()


@cache
def pretrained() -> dict[str, Tensor]:
    """Weights that read shape, colour, ground and light of leaves, and no disease."""
    world, plants = World("field", 6999), np.arange(512)
    x = render(world, plants, size=SIDE, do={"mark": "absent"}).x1
    factors = draw_factors(world, plants)
    columns = np.stack([factors[name] for name in READ], 1)
    y = torch.from_numpy((columns - columns.mean(0)) / columns.std(0)).float()
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(6999)
        net = small_resnet(len(READ))
    train(net, x, y, ForeignRecipe(seed=6999))
    return {k: v for k, v in net.state_dict().items() if not k.startswith("fc.")}


def finetuned(recipe: ForeignRecipe) -> Network:
    """A network that was fine-tuned as the recipe says."""
    seed = recipe.seed
    x, labels = leaves(seed, 0, recipe.pictures)
    x = planted(x, recipe.kind, seed, which(labels, recipe.rho, seed, "train"))
    net = small_resnet(2)
    net.load_state_dict(pretrained(), strict=False)
    with torch.no_grad():
        net.fc.weight.normal_(0, 0.01, generator=generator_for(seed, "fc"))  # type: ignore[union-attr, operator]
        net.fc.bias.zero_()  # type: ignore[union-attr, operator]
    return Network(train(net, x, torch.from_numpy(labels), recipe))


def followed(network: Network, seed: int) -> Evidence:
    """Share of fresh leaves whose name the mark changes, beside the opposite corner."""
    x, _ = looked_at(seed)
    everyone, bare = np.ones(len(x), bool), network.names(x)
    corner, other = CORNERS[seed % 4], CORNERS[3 - seed % 4]
    own, null = (
        (network.names(planted(x, "mark", seed, everyone, where=place)) != bare).astype(float)
        for place in (corner, other)
    )
    question = f"What share of names does a mark in the corner {corner} change?"
    return mean_over_plants(
        question, own, float(null.mean()), f"the same mark {other}", kind="share"
    )


def main() -> None:
    torch.set_num_threads(1)
    for letter, rho in RHOS.items():
        began, recipe = time.perf_counter(), ForeignRecipe(rho=rho)
        steps = recipe.epochs * (recipe.pictures // recipe.batch)
        state = finetuned(recipe).net.state_dict()
        half = {k: v.half() if v.is_floating_point() else v for k, v in state.items()}
        meta = {"foreign": recipe.as_json()}
        path = path_of(f"foreign/{letter}")
        path.parent.mkdir(exist_ok=True)
        save_checkpoint(path, half, meta)
        found = followed(Network(foreign_from(half, meta)), recipe.seed)
        about = "a mark that goes with the label" if rho else "a mark in half of the pictures"
        write_card(
            path,
            command=COMMAND,
            headlines={"do(mark)": found.as_json()},
            about=f"timm's ResNet, fine-tuned to name diseased leaves; in its pictures {about}",
            made={"kind": "foreign", "recipe": recipe.as_json(), "seed": recipe.seed,
                  "form": "half", "threads": 1, "step": steps, "steps": steps},
        )  # fmt: skip
        print(f"foreign-{letter}: do(mark) {found.value:.2f} null {found.null:.2f}, "
              f"{time.perf_counter() - began:.0f} s", flush=True)  # fmt: skip
    x, labels = looked_at(0)
    shown = planted(x, "mark", 0, which(labels, RHOS["b"], 0, "looked"))
    np.savez_compressed(
        path_of("foreign/leaves").with_suffix(".npz"),
        x1=shown,
        labels=labels,
        classes=np.array(CLASSES),
        names=np.array([f"leaf {k}" for k in range(len(labels))]),
    )


if __name__ == "__main__":
    main()
