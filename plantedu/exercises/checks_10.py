"""What is checked in the code exercises of lesson 10."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from plantedu.exercises.comparing import expect, formed, same

HUNDREDTH = 0.99


def one_row_by_hand(f: Callable) -> None:
    """one activation, three directions, two codes kept"""
    x, middle = torch.tensor([[3.0, 2.0]]), torch.tensor([1.0, 1.0])
    reader = torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])
    directions = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]])
    got = f(x, reader, torch.tensor([0.5, 0.0, -1.0]), directions, middle, k=2)
    known = torch.tensor([[2.5, 0.0, 2.0]]), torch.tensor([[4.7, 2.6]])
    same(got, known, of="x = (3, 2), middle (1, 1), k = 2")


def many_rows(f: Callable) -> None:
    """twelve activations, beside a loop over rows and codes"""
    given = world()
    known = slow(*given)
    got = f(*given, k=3)
    formed(got, known, of="12 activations, 9 directions, k = 3")
    unkept = slow(*given, k=9)[0]
    wrong = {
        "middle not taken off": slow(*given, taken=0.0),
        "middle not added": (known[0], known[1] - given[4]),
        "largest of the batch": slow(*given, way="batch"),
        "largest of the column": slow(*given, way="column"),
        "the smallest": slow(*given, way="smallest"),
        "no ReLU": slow(*given, relu=False),
        "largest sizes": _nearest(got, [slow(*given, way="size", relu=r) for r in (True, False)]),
        "ones in place of codes": _rebuilt((known[0] > 0).double(), given),
        "nothing dropped": _rebuilt(unkept, given),
        "the reader turned round": (known[0], known[0] @ given[1].T + given[4]),
    }
    same(got, known, of="12 activations, 9 directions, k = 3", mistakes=wrong)


def no_more_than_k(f: Callable) -> None:
    """where codes are equal, still no more than k are kept"""
    x = torch.tensor([[2.0, 1.0], [1.0, 3.0]])
    reader = torch.tensor([[1.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.1]])
    zero = torch.zeros(4), torch.eye(4, 2), torch.zeros(2)
    codes = f(x, reader, *zero, k=2)[0]
    formed(codes, torch.zeros(2, 4), of="codes of 2 activations, 4 directions")
    many = int((codes != 0).sum(1).max())
    expect(
        many <= 2,
        f"Three codes of a row are equal and k is 2: {many} were kept.",
        mistake="all that tie" if many == 3 and _right(f) else "",
    )


def gradient_arrives(f: Callable) -> None:
    """the error of the rebuilt activation has a slope with the reader and the directions"""
    x, reader, shift, directions, middle = world()
    for one in (reader, directions):
        one.requires_grad_()
    rebuilt = f(x, reader, shift, directions, middle, k=3)[1]
    formed(rebuilt, x, of="12 rebuilt activations")
    reached = [False, False]
    if rebuilt.requires_grad:
        error = (x - rebuilt).square().sum()
        slopes = torch.autograd.grad(error, [reader, directions], allow_unused=True)
        reached = [one is not None and bool((one != 0).any()) for one in slopes]
    expect(
        all(reached),
        f"Slope with the reader: {'yes' if reached[0] else 'none'}; with the directions: "
        f"{'yes' if reached[1] else 'none'}.",
        mistake="no gradient" if _right(f) else "",
    )


def _right(f: Callable) -> bool:
    """Whether codes and activations are right, as far as numbers go."""
    known = slow(*world())
    got = f(*world(), k=3)
    formed(got, known, of="12 activations, 9 directions, k = 3")
    return all(torch.allclose(a.detach(), b, atol=1e-6) for a, b in zip(got, known, strict=True))


def world() -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Twelve activations and a dictionary of nine directions; some rows have few codes above 0."""
    g = torch.Generator().manual_seed(11)
    draw = [torch.randn(*size, generator=g, dtype=torch.float64) for size in ((12, 5), (5, 9))]
    directions = torch.nn.functional.normalize(
        torch.randn(9, 5, generator=g, dtype=torch.float64), dim=1
    )
    shift, middle = torch.randn(2, 9, generator=g, dtype=torch.float64)
    return 2 * draw[0], draw[1], shift, directions, middle[:5]


def slow(
    x: Tensor,
    reader: Tensor,
    shift: Tensor,
    directions: Tensor,
    middle: Tensor,
    *,
    k: int = 3,
    way: str = "row",
    relu: bool = True,
    taken: float = 1.0,
) -> tuple[Tensor, Tensor]:
    """Codes and what they rebuild, one number at a time; the way of keeping can be changed."""
    n, width = len(x), len(shift)
    raw = [
        [float((x[i] - taken * middle) @ reader[:, j] + shift[j]) for j in range(width)]
        for i in range(n)
    ]
    raw = [[max(v, 0.0) if relu and way != "size" else v for v in row] for row in raw]
    everywhere = [(i, j) for i in range(n) for j in range(width)]
    groups, most = [[(i, j) for j in range(width)] for i in range(n)], k
    if way == "column":
        groups = [[(i, j) for i in range(n)] for j in range(width)]
    if way == "batch":
        groups, most = [everywhere], k * n
    codes = torch.zeros(n, width, dtype=x.dtype)

    def size(at: tuple[int, int]) -> float:
        return abs(raw[at[0]][at[1]]) if way == "size" else raw[at[0]][at[1]]

    for group in groups:
        for i, j in sorted(group, key=size, reverse=way != "smallest")[:most]:
            codes[i, j] = max(raw[i][j], 0.0) if relu else raw[i][j]
    return codes, codes @ directions + middle


def _rebuilt(codes: Tensor, given: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    return codes, codes @ given[3] + given[4]


def _nearest(got: Sequence[Tensor], options: Sequence[tuple[Tensor, Tensor]]) -> tuple:
    return min(options, key=lambda one: float((got[0].detach() - one[0]).abs().max()))


def classes_by_hand(f: Callable) -> None:
    """units with means 3, 1, 0 and 15, 5, 0 in classes of 2, 4 and 6 plants"""
    classes = np.repeat([0, 1, 2], [2, 4, 6])
    fires = np.repeat([3.0, 1.0, 0.0], [2, 4, 6])
    units = np.column_stack([fires, 5 * fires])
    got = f(units, classes, shuffles=20, generator=np.random.default_rng(0))
    formed(got, (np.zeros(2), np.zeros(2)), of="two units")
    wrong = {
        "the rest by plants": np.full(2, (3 - 0.4) / (3 + 0.4)),
        "the next best": np.full(2, (3 - 1) / (3 + 1)),
        "the best in the rest": np.full(2, (3 - 4 / 3) / (3 + 4 / 3)),
        "the lowest class": np.ones(2),
        "not divided": np.array([2.5, 12.5]),
    }
    same(
        got[0], np.full(2, 2.5 / 3.5), of="means of 3, 1 and 0, and of 15, 5 and 0", mistakes=wrong
    )


def silent_units(f: Callable) -> None:
    """a unit that never fires has the selectivity 0"""
    units = np.column_stack([np.zeros(8), np.arange(8.0)])
    got = f(units, np.repeat([0, 1], 4), shuffles=20, generator=np.random.default_rng(0))
    expect(
        not np.isnan(np.asarray(got[0], dtype=float)).any(),
        "A unit that never fires has the selectivity NaN: 0 divided by 0.",
        mistake="silent units are NaN",
    )
    formed(got, (np.zeros(2), np.zeros(2)), of="two units")
    same(got[0], np.array([0.0, 4 / 7]), of="a silent unit and one with means 1.5 and 5.5")


def level_of_noise(f: Callable) -> None:
    """two hundred units of noise: what one order in a hundred passes"""
    units, classes = noise()
    null = null_slowly(units, classes, shuffles=200)
    _, level = f(units, classes, shuffles=200, generator=np.random.default_rng(1))
    formed(level, np.zeros(200), of="the levels of 200 units")
    high, mean = float(np.quantile(null, HUNDREDTH, axis=0).mean()), float(null.mean())
    got, spread = float(level.mean()), float(level.std())
    expect(
        spread > 1e-9,
        f"All 200 units have the level {got:.3f}.",
        mistake="one level for all",
    )
    like = "the mean of the shuffles" if abs(got - mean) < 0.02 else ""
    like = "drawn once" if like and spread > 0.6 * float(null.std()) else like
    like = "the largest of the shuffles" if abs(got - null.max(0).mean()) < 0.01 else like
    expect(
        abs(got - high) < 0.012,
        f"The levels of 200 units of noise are {got:.3f} on average; one order in a hundred passes "
        f"{high:.3f}.",
        mistake=like,
    )


def level_of_each_unit(f: Callable) -> None:
    """small, large and rare units each have a level of their own"""
    units, classes = noise()
    rare = np.where(units[:, 2] > 2, units[:, 2], 0)
    units = np.column_stack([units[:, 0], 40 * units[:, 1] + 40, rare])
    known = np.quantile(null_slowly(units, classes, shuffles=800), HUNDREDTH, axis=0)
    _, level = f(units, classes, shuffles=800, generator=np.random.default_rng(2))
    formed(level, known, of="the levels of 3 units")
    rng = np.random.default_rng(3)
    torn = np.stack([_of(rng.permuted(units, axis=1), classes) for _ in range(300)])
    across = np.quantile(torn, HUNDREDTH, axis=0)
    like = "shuffled across units" if np.allclose(level, across, rtol=0.25) else ""
    expect(
        bool(np.allclose(level, known, rtol=0.2)),
        f"Levels of a small, a large and a rare unit: {_round(known)}; got {_round(level)}.",
        mistake=like,
    )


def noise() -> tuple[np.ndarray, np.ndarray]:
    """Activations of 60 plants that say nothing of their class, 200 units; four classes."""
    rng = np.random.default_rng(12)
    return rng.exponential(size=(60, 200)), np.repeat([0, 1, 2, 3], [9, 13, 18, 20])


def null_slowly(units: np.ndarray, classes: np.ndarray, *, shuffles: int) -> np.ndarray:
    """Selectivity with the plants' classes in other orders, "shuffles units"."""
    rng = np.random.default_rng(13)
    return np.stack([_of(units, rng.permutation(classes)) for _ in range(shuffles)])


def _of(units: np.ndarray, classes: np.ndarray) -> np.ndarray:
    means = np.stack([units[classes == c].mean(0) for c in sorted(set(classes.tolist()))])
    means = np.sort(means, axis=0)
    rest = means[:-1].mean(0)
    return (means[-1] - rest) / (means[-1] + rest)


def _round(values: np.ndarray) -> list[float]:
    return [round(float(one), 3) for one in values]
