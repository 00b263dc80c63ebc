"""Does `examine` find a hidden shortcut, and does it keep quiet where there is none?

    python -m benchmarks.examine [--seeds 20] [--kind mark|light]

A small ResNet-18 (widths 16, 32, 64, 128; 64 pixels) is first trained on leaves of the course whose
labels say nothing of disease, then fine-tuned to name diseased leaves, twenty times: other leaves,
ground and light, other order. In each data set something is planted, by `own/plant.py`:

    shortcut   a mark in a corner (another one each seed) where the leaf is diseased, rho = .9
    twin       the same mark in half of the pictures, whatever the leaf

`own/examination/hidden.py` looks at 200 pictures that the network was not trained on. Found: a cue
that it reports covers the mark. False alarm: it reports anything for the twin.

Some networks learn the disease and leave the mark alone: there is nothing to be found in them. So
networks are drawn until `--seeds` of them follow their mark: do(), the same leaf with and without
it, changes the name of .3 of the leaves or more. How many were drawn is stated, and how often the
mark was reported for one that does not follow it.

--kind light plants a darker picture in place of the mark. Written to
`lessons/results/12_examine.json`.
"""

import json
import time
from dataclasses import asdict, dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
import tyro
from timm.models.resnet import BasicBlock, ResNet
from torch import Tensor, nn

from plantedu.data.renderer.pairs import render
from plantedu.data.renderer.worlds import World, draw_factors
from plantedu.own.examination.cues import STATISTICS, regions
from plantedu.own.examination.heads import own_head
from plantedu.own.examination.hidden import Hidden, hidden
from plantedu.own.plant import plant
from plantedu.own.plant_local import CORNERS
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import count_interval
from plantedu.training.seeding import generator_for, numpy_generator_for

SIDE, TRAIN, LOOKED = 64, 256, 200
FOLLOWS, LIMIT = 0.3, 4  # share of names that do() changes; data sets drawn for each wanted
RHO, STRENGTH = 0.9, {"mark": 1.0, "light": 0.4}
EPOCHS, BATCH, RATE = 6, 32, 2e-3
READ = ("bend", "width", "angle", "chlorophyll", "soil_rgb", "light_rgb")
OUT = Path(__file__).parents[1] / "lessons" / "results" / "12_examine.json"


@dataclass(frozen=True)
class Asked:
    """What is measured.

    Attributes:
        seeds: Data sets whose network follows what was planted, each with its twin.
        kind: What is planted: mark or light.
        out: The file of results; another kind is added to it.
    """

    seeds: int = 20
    kind: str = "mark"
    out: Path = OUT


@dataclass(frozen=True)
class Case:
    """One network.

    Attributes:
        seed: Of its data and its training.
        rho: Correlation of mark and label.
        right: Share of the looked-at pictures that it names rightly.
        used: Share of the looked-at leaves whose name do(planted) changes.
        found: Cues that are reported.
        hit: Whether one of them is what was planted.
        named: The best candidate in the pictures alone, and its p.
        seconds: Processor seconds of looking.
    """

    seed: int
    rho: float
    right: float
    used: float
    found: tuple[str, ...]
    hit: bool
    named: tuple[str, float]
    seconds: float


@dataclass(frozen=True, eq=False)
class Network:
    """A network as `examine` takes one: bytes in, features and logits out."""

    net: nn.Module

    def features(self, pictures: np.ndarray) -> Tensor:
        return self._passed(pictures, lambda x: self.net.forward_head(  # type: ignore[operator]
            self.net.forward_features(x), pre_logits=True))  # type: ignore[operator] # fmt: skip

    def logits(self, pictures: np.ndarray) -> Tensor:
        return self._passed(pictures, self.net)

    def _passed(self, pictures: np.ndarray, through) -> Tensor:
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


def planted(x: np.ndarray, kind: str, seed: int, which: np.ndarray) -> np.ndarray:
    """Some of the pictures with this seed's mark or light, the others as they are."""
    where = CORNERS[seed % 4] if kind == "mark" else None
    done = plant(x, kind, STRENGTH[kind], seed=seed, where=where).pictures
    return np.where(which[:, None, None, None], done, x)


def which(labels: np.ndarray, rho: float, seed: int, part: str) -> np.ndarray:
    """Who gets it: with probability rho as the label says, else by a coin, bool."""
    rng = numpy_generator_for(seed, f"who {part} {rho}")
    follows, coin = rng.random(len(labels)) < rho, rng.random(len(labels)) < 0.5
    return np.where(follows, labels.astype(bool), coin)


def small_resnet(outputs: int) -> nn.Module:
    """A ResNet-18 of a quarter of the width."""
    widths = (16, 32, 64, 128)
    return ResNet(BasicBlock, (2, 2, 2, 2), num_classes=outputs, channels=widths, stem_width=16)


def train(net: nn.Module, x: np.ndarray, y: Tensor, *, epochs: int, seed: int) -> nn.Module:
    """AdamW under one cycle; labels are classes or numbers."""
    steps = epochs * (len(x) // BATCH)
    adam = torch.optim.AdamW(net.parameters(), RATE, weight_decay=0.01)
    rates = torch.optim.lr_scheduler.OneCycleLR(adam, RATE, total_steps=steps)
    loss = F.cross_entropy if y.dtype == torch.long else F.mse_loss
    net.train()
    for step in range(steps):
        epoch, place = divmod(step, len(x) // BATCH)
        order = numpy_generator_for(seed, "order", epoch).permutation(len(x))
        rows = order[place * BATCH : (place + 1) * BATCH]
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
    train(net, x, y, epochs=6, seed=6999)
    return {k: v for k, v in net.state_dict().items() if not k.startswith("fc.")}


def finetuned(seed: int, rho: float, kind: str) -> Network:
    """A network that was fine-tuned on one seed's data."""
    x, labels = leaves(seed, 0, TRAIN)
    x = planted(x, kind, seed, which(labels, rho, seed, "train"))
    net = small_resnet(2)
    net.load_state_dict(pretrained(), strict=False)
    with torch.no_grad():
        net.fc.weight.normal_(0, 0.01, generator=generator_for(seed, "fc"))  # type: ignore[union-attr, operator]
        net.fc.bias.zero_()  # type: ignore[union-attr, operator]
    return Network(train(net, x, torch.from_numpy(labels), epochs=EPOCHS, seed=seed))


def case(seed: int, rho: float, kind: str) -> Case:
    """Plant, fine-tune, look."""
    network = finetuned(seed, rho, kind)
    bare, labels = leaves(seed, 10_000, LOOKED)
    x = planted(bare, kind, seed, which(labels, rho, seed, "looked"))
    head = own_head(network, 2)
    assert head is not None
    begun = time.process_time()
    found = hidden(head, x, labels, seed=seed)
    seconds = time.process_time() - begun
    rows = np.arange(len(x))
    named = [head(planted(bare, kind, seed, np.full(len(x), on)), rows) for on in (True, False)]
    return Case(
        seed,
        rho,
        float((head(x, rows) == labels).mean()),
        float((named[0] != named[1]).mean()),
        tuple(one.cue for one in found.found),
        covers(found, bare[0], kind, seed),
        (found.named[0].cue, found.named[0].p),
        seconds,
    )


def covers(found: Hidden, x: np.ndarray, kind: str, seed: int) -> bool:
    """Whether a reported cue is what was planted."""
    names = {one.cue for one in found.found}
    if kind != "mark":
        return bool(names & {one.name for one in STATISTICS})
    mask = plant(x[None], kind, 1.0, seed=seed, where=CORNERS[seed % 4]).masks[0]
    places = {one.name: one for one in regions()}
    hits = [places[name].mask(mask.shape) & mask for name in names if name in places]
    return any(hit.any() for hit in hits)


def share(question: str, hits: list[bool], control: list[bool], says: str) -> Evidence:
    """How many of the seeds, beside the other arm."""
    n = len(hits)
    return Evidence(
        question=question,
        value=sum(hits) / n,
        null=sum(control) / n,
        control=says,
        n=n,
        seeds=n,
        interval=count_interval(sum(hits), n),
    )


def main(asked: Asked) -> None:
    """Measure, print, write after every seed."""
    arms: dict[str, list[Case]] = {"shortcut": [], "twin": [], "left": []}
    for seed in range(LIMIT * asked.seeds):
        one = case(seed, RHO, asked.kind)
        follows = one.used >= FOLLOWS
        arms["shortcut" if follows else "left"].append(one)
        told("shortcut" if follows else "left", one)
        if follows:
            arms["twin"].append(case(seed, 0.0, asked.kind))
            told("twin", arms["twin"][-1])
            written(asked, arms)
        if len(arms["twin"]) == asked.seeds:
            break


def told(arm: str, one: Case) -> None:
    """A line of one network."""
    print(f"{one.seed:3} {arm:9} right {one.right:.2f} used {one.used:.2f} "
          f"{'FOUND' if one.hit else '-':5} {list(one.found)} {one.named} "
          f"{one.seconds:.1f} s", flush=True)  # fmt: skip


def written(asked: Asked, arms: dict[str, list[Case]]) -> None:
    """The result of the seeds so far, in its file and on a line."""
    found = share(
        "In how many of the networks that follow their mark is it found?",
        [one.hit for one in arms["shortcut"]],
        [bool(one.found) for one in arms["twin"]],
        "anything reported for the clean twin",
    )
    hits = sum(one.hit for one in arms["shortcut"])
    alarms = sum(bool(one.found) for one in arms["twin"])
    reported, left = sum(one.hit for one in arms["left"]), len(arms["left"])
    print(f"found {hits} of {found.n}, false alarms {alarms} of {found.n}, "
          f"reported for {reported} of {left} that do not follow it", flush=True)  # fmt: skip
    whole = json.loads(asked.out.read_text()) if asked.out.is_file() else {}
    whole["command"] = "python -m benchmarks.examine"
    whole[asked.kind] = {
        "found": found.as_json(),
        "hits": hits,
        "false_alarms": alarms,
        "drawn": found.n + left,
        "reported_unfollowed": reported,
        "cases": {arm: [asdict(one) for one in cases] for arm, cases in arms.items()},
    }
    asked.out.write_text(json.dumps(whole, indent=1) + "\n")


if __name__ == "__main__":
    main(tyro.cli(Asked))
