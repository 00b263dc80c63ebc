"""What is checked in the code exercises of lesson 09."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from plantedu.exercises.comparing import expect, formed, same

STAGES = ("head", "body", "stem")  # from the top down


def straight_line(f: Callable) -> None:
    """a linear score, by hand: s = 2 a - b, from (1, 1) to (3, 4)"""
    x, black = torch.tensor([[3.0, 4.0]]), torch.tensor([[1.0, 1.0]])
    got = f(lambda x: 2 * x[:, 0] - x[:, 1], x, black, steps=4)
    wrong = {
        "not divided": torch.tensor([[16.0, -12.0]]),
        "the slope alone": torch.tensor([[2.0, -1.0]]),
        "sign lost": torch.tensor([[4.0, 3.0]]),
    }
    same(got, torch.tensor([[4.0, -3.0]]), of="2 a - b from (1, 1) to (3, 4)", mistakes=wrong)


def curved(f: Callable) -> None:
    """a score that bends on the way, beside the sum written out"""
    x, start = torch.tensor([[3.0, -4.0]]).double(), torch.tensor([[1.0, 1.0]]).double()
    middles = [(k + 0.5) / 5 for k in range(5)]
    known, by_way = averaged(x, start, middles), x - start
    got = f(_bent, x, start, steps=5)
    formed(got, known, of="a bent score")
    ends = ([k / 5 for k in range(5)], [(k + 1) / 5 for k in range(5)], [k / 4 for k in range(5)])
    wrong = {
        "slope at the input alone": averaged(x, start, [1.0]),
        "times the input": known / by_way * x,
        "the slope alone": known / by_way,
        "path from zero": averaged(x, torch.zeros_like(x), middles) / x * by_way,
        "not divided": 5 * known,
        "sign lost": _nearest(got, [known.abs(), averaged(x, start, middles, size=True)]),
        "ends, not middles": _nearest(got, [averaged(x, start, one) for one in ends]),
        "slope through the path": averaged(x, start, middles, weights=middles),
        "slopes pile up": _nearest(got, _piled(x, start, middles)),
    }
    same(got, known, of="a^2 b from (1, 1) to (3, -4), 5 steps", mistakes=wrong)


def _bent(x: Tensor) -> Tensor:
    return x[:, 0] ** 2 * x[:, 1]


def averaged(
    x: Tensor,
    start: Tensor,
    places: Sequence[float],
    *,
    weights: Sequence[float] | None = None,
    size: bool = False,
) -> Tensor:
    """(x - x') times the mean slope of a^2 b at some places of the path, by its formula."""
    total = torch.zeros_like(x)
    for place, weight in zip(places, weights or [1.0] * len(places), strict=True):
        a, b = (start + place * (x - start))[0]
        slope = torch.stack([2 * a * b, a**2])[None] * weight
        total += slope.abs() if size else slope
    return (x - start) * total / len(places)


def _piled(x: Tensor, start: Tensor, middles: Sequence[float]) -> list[Tensor]:
    """Every slope has those before it in it: taken at a point, and taken through the path."""
    often = [float(len(middles) - k) for k in range(len(middles))]
    through = [many * t for many, t in zip(often, middles, strict=True)]
    return [averaged(x, start, middles, weights=one) for one in (often, through)]


def complete(f: Callable) -> None:
    """a small network: every plant's map sums to s(x) - s(x')"""
    score, x, start = _network(), *_pictures(5)
    got = f(score, x, start, steps=64)
    formed(got, x, of="5 pictures of 3 x 4 x 4")
    with torch.no_grad():
        wanted, found = score(x) - score(start), got.detach().flatten(1).sum(1)
    least = float(wanted.abs().min())
    expect(
        bool(((found - wanted).abs() < 0.02 * least).all()),
        f"The maps of five plants sum to {[round(v, 3) for v in found.tolist()]}; the score "
        f"changes by {[round(v, 3) for v in wanted.tolist()]}.",
        mistake="mean over the plants" if torch.allclose(5 * found, wanted, rtol=0.02) else "",
    )


def neighbours_do_not_matter(f: Callable) -> None:
    """a plant's map is the same alone and among others"""
    score, x, start = _network(), *_pictures(4)
    got, alone = f(score, x, start, steps=8), f(score, x[:1], start[:1], steps=8)
    formed(got, x, of="4 pictures")
    formed(alone, x[:1], of="one picture")
    together, itself = got[:1].detach(), alone.detach()
    expect(
        bool(torch.allclose(together, itself, rtol=1e-5, atol=1e-9)),
        f"A plant's largest share is {float(itself.abs().max()):.4f} alone and "
        f"{float(together.abs().max()):.4f} among four plants.",
        mistake="mean over the plants" if torch.allclose(4 * together, itself, rtol=1e-4) else "",
    )


def _network() -> Callable[[Tensor], Tensor]:
    """A score of pictures, "plants 3 4 4", that bends."""
    g = torch.Generator().manual_seed(3)
    first, second = torch.randn(48, 6, generator=g) / 7, torch.randn(6, generator=g)
    return lambda x: torch.tanh(x.flatten(1) @ first.to(x)) @ second.to(x)


def _pictures(many: int) -> tuple[Tensor, Tensor]:
    g = torch.Generator().manual_seed(4)
    x, start = torch.rand(2, many, 3, 4, 4, generator=g, dtype=torch.float64)
    return 3 * x, start


def _nearest(got: Tensor, options: Sequence[Tensor]) -> Tensor:
    return min(options, key=lambda one: float((got.detach() - one).abs().max()))


def stages_from_the_top(f: Callable) -> None:
    """maps are made of networks that are random from the head down, further each time"""
    seen, trained, fresh = _Recorder(), network(1), network(2)
    got = f(seen, trained, fresh, torch.zeros(4, 1))
    formed(got, torch.zeros(3, 4), of="3 stages and 4 plants")
    kept = network(1).state_dict()
    expect(
        all(torch.equal(one, kept[name]) for name, one in trained.state_dict().items()),
        "The trained network that was given has other weights afterwards.",
        mistake="the trained network is changed",
    )
    random_, mixed = seen.random(trained, fresh)
    expect(
        not mixed,
        f"A map was made of a network whose {mixed} has the weights of one network and the "
        "batch-norm statistics of the other.",
        mistake="statistics stay",
    )
    known = [STAGES[: k + 1] for k in range(3)]
    named = {
        "from the bottom up": [STAGES[k:] for k in (2, 1, 0)],
        "one stage at a time": [(one,) for one in STAGES],
    }
    like = [name for name, stages in named.items() if random_ == stages]
    expect(
        random_ == known,
        f"Stages that were random when a map was made: {_words(random_)}; expected: "
        f"{_words(known)}.",
        mistake=like[0] if like else "",
    )


def by_the_ranks_of_sizes(f: Callable) -> None:
    """the correlation is Spearman's, of absolute values, with the map of the trained network"""
    before, maps = hidden_maps()
    known = _correlation([before] * 3, maps)
    wrong = {
        "Pearson's correlation": _correlation([before] * 3, maps, ranks=False),
        "sign kept": _correlation([before] * 3, maps, size=False),
        "the stage before": _correlation([before, *maps[:-1]], maps),
    }
    got = f(_Maps(before, maps), network(1), network(2), torch.zeros(4, 1))
    same(_double(got), known, of="3 stages, 4 plants with maps of 6 pixels", mistakes=wrong)


def flat_and_tied_maps(f: Callable) -> None:
    """a map that is flat has correlation 0, and equal pixels share their rank"""
    before, maps = hidden_maps()
    flat = [torch.zeros_like(one) for one in maps]
    got = f(_Maps(before, flat), network(1), network(2), torch.zeros(4, 1))
    plain = f(_Maps(before, maps), network(1), network(2), torch.zeros(4, 1))
    expect(
        bool(torch.isfinite(torch.as_tensor(got)).all()),
        "For maps that are 0 everywhere the correlation is NaN: 0 divided by 0.",
        mistake="flat maps are NaN",
    )
    right = _agree(plain, _correlation([before] * 3, maps))
    named = "ties by place" if right else ""
    tied, others = before.relu(), [one.relu() for one in maps]
    after = f(_Maps(tied, others), network(1), network(2), torch.zeros(4, 1))
    zero, shared = torch.zeros(3, 4).double(), _correlation([tied] * 3, others)
    for answer, known, of in ((got, zero, "flat maps"), (after, shared, "maps with many zeros")):
        first, right = _double(answer)[:, 0].tolist(), known[:, 0].tolist()
        expect(
            _agree(answer, known),
            f"For {of} the correlation of the first plant's at the three stages is "
            f"{[round(v, 3) for v in right]}; got {[round(v, 3) for v in first]}.",
            mistake=named,
        )


class _Recorder:
    """An explanation that remembers the weights of every network that it was given."""

    def __init__(self) -> None:
        self.states: list[dict[str, Tensor]] = []

    def __call__(self, model: nn.Module, x: Tensor) -> Tensor:
        self.states.append({k: one.detach().clone() for k, one in model.state_dict().items()})
        g = torch.Generator().manual_seed(len(self.states))
        return torch.randn(len(x), 2, 3, generator=g)

    def random(self, trained: nn.Module, fresh: nn.Module) -> tuple[list[tuple[str, ...]], str]:
        """Stages that were fresh in each call that had some; a stage that was half of either."""
        mine, other = trained.state_dict(), fresh.state_dict()
        found, mixed = [], ""
        for state in self.states:
            new = {k: torch.equal(one, other[k]) for k, one in state.items()}
            old = {k: torch.equal(one, mine[k]) for k, one in state.items()}
            parts = {stage: [k for k in state if k.startswith(stage)] for stage in STAGES}
            whole = [stage for stage in STAGES if all(new[k] for k in parts[stage])]
            halves = [s for s in STAGES if s not in whole and not all(old[k] for k in parts[s])]
            mixed = mixed or "".join(halves[:1])
            if whole:
                found.append(tuple(whole))
        return found, mixed


class _Maps:
    """An explanation whose maps are given beforehand, by how much of the network is random."""

    def __init__(self, before: Tensor, maps: Sequence[Tensor]) -> None:
        self.maps, self.seen = [before, *maps], _Recorder()
        self.trained, self.fresh = network(1), network(2)

    def __call__(self, model: nn.Module, x: Tensor) -> Tensor:
        self.seen.states.clear()
        self.seen(model, x)
        stages, _ = self.seen.random(self.trained, self.fresh)
        return self.maps[len(stages[0]) if stages else 0].clone()


def network(seed: int) -> nn.Module:
    """Three stages with weights, batch norms and their statistics drawn from a seed."""
    with torch.random.fork_rng(devices=[]):  # layers draw from the global random numbers
        model = nn.Sequential()
        model.add_module("stem", nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)))
        model.add_module("body", nn.Sequential(nn.Conv2d(4, 4, 3), nn.BatchNorm2d(4)))
        model.add_module("head", nn.Linear(4, 1))
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for one in (*model.parameters(), *model.buffers()):
            if one.is_floating_point():
                one.copy_(torch.rand(one.shape, generator=g) + 0.1)
    return model.eval()


def hidden_maps() -> tuple[Tensor, list[Tensor]]:
    """Maps of four plants before, and at three stages: related, and no two pixels equal."""
    g = torch.Generator().manual_seed(5)
    before, *noise = torch.randn(4, 4, 2, 3, generator=g, dtype=torch.float64)
    return before, [(before + k * one) ** 3 for k, one in enumerate(noise, 1)]


def _correlation(
    before: Sequence[Tensor], after: Sequence[Tensor], *, ranks: bool = True, size: bool = True
) -> Tensor:
    """Correlation of two maps, plant by plant, written out; 0 where one is flat."""
    rows = []
    for one, other in zip(before, after, strict=True):
        row = []
        for a, b in zip(one.flatten(1), other.flatten(1), strict=True):
            a, b = (v.abs() if size else v for v in (a, b))
            a, b = (_ranks(v) if ranks else v for v in (a, b))
            a, b = a - a.mean(), b - b.mean()
            both = float(a.norm() * b.norm())
            row.append(float(a @ b) / both if both > 0 else 0.0)
        rows.append(row)
    return torch.tensor(rows, dtype=torch.float64)


def _ranks(values: Tensor) -> Tensor:
    """Rank of each value from 1; equal values have the mean of their ranks."""
    numbers = values.tolist()
    below = [sum(other < one for other in numbers) for one in numbers]
    equal = [sum(other == one for other in numbers) for one in numbers]
    shared = [b + (e + 1) / 2 for b, e in zip(below, equal, strict=True)]
    return torch.tensor(shared, dtype=torch.float64)


def _double(got: object) -> Tensor:
    formed(got, torch.zeros(3, 4), of="3 stages and 4 plants")
    return got.detach().double()  # type: ignore[attr-defined]


def _agree(got: object, known: Tensor) -> bool:
    return bool(torch.allclose(_double(got), known, atol=1e-5))


def _words(stages: Sequence[tuple[str, ...]]) -> str:
    return ", then ".join(" and ".join(one) for one in stages) or "none"
