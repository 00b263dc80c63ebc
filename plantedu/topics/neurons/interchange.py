"""Readable, or used? A layer gets a part of another plant's, and the network answers again.

    x' = x + (d - x) B B^T                     base x, donor d: one plant, one factor differs
    follows = share of plants whose answer becomes the one that the donor's level names

by layer and by subspace B: all of the layer; the direction between the factor's means; what a
linear reader of the factor reads along; all but the means' direction.

    directions at random   the same with subspaces of equal rank and the layer's covariance
    from anywhere       the same with subspaces of equal rank from all directions alike
    same level          the donor is another plant with the base's level
    other donors        donors given to other plants at random
    readable            share of unseen plants whose level a linear reader of the layer names

All of a layer is what do() on the picture gives: used, or not. A factor that is readable and not
followed is found, not used. Where all is followed and the found direction is not, the network
uses the factor by another direction than the one that was found.

A subspace may carry the answer by a way that the network never takes by itself; where means'
direction and its rest both move the answer, the factor stands there twice.

Source: Geiger et al. 2021, arXiv:2106.02997 [geiger2021]; Geiger et al. 2024, arXiv:2303.02536
[geiger2024]; Vig et al. 2020 [vig2020]. Lesson: 10_neurons.
"""

from collections.abc import Callable

from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import count_interval
from plantedu.topics.method import Context, Method
from plantedu.topics.neurons.exchange_experiment import exchange_of
from plantedu.topics.neurons.exchangeable_networks import open_network
from plantedu.topics.neurons.results.interchange import Cell, InterchangeResult, Settings

SUBSPACES = ("all", "means", "reader", "all but means")


def interchange(
    settings: Settings,
    *,
    check: Callable[[], None] = lambda: None,
    step: Callable[[int, int], None] = lambda done, of: None,
) -> InterchangeResult:
    """Exchange every layer by every subspace.

    Args:
        settings: What, and how.
        check: Called between layers; may raise to stop.
        step: Called with layers done, and how many there are.

    Raises:
        PlantEduError: for a network that is not there or answers about another factor, plants that
            trained it, or a factor that its pictures cannot show.
    """
    network = open_network(settings.network, sensor=settings.sensor)
    layers = settings.layers or tuple(network.sites)
    exchange = exchange_of(network, settings)
    readable, cells = {}, []
    for k, layer in enumerate(layers):
        check()
        step(k, len(layers))
        one = exchange.at(layer)
        n = settings.plants
        readable[layer] = _share(
            f"Which share of plants has its level of {settings.factor} named by a reader of "
            f"{layer}?",
            *(one.read, n, one.read_shuffled, "a reader of shuffled levels"),
        )
        for name in SUBSPACES:
            found = one.subspaces[name]
            lots = f"{settings.draws} random subspaces, rank {found.rank}, the layer's covariance"
            whole = name in ("all", "all but means")
            null, control = (
                (found.same, "donors of the base's level") if whole else (found.lots, lots)
            )
            question = f"Does the answer follow {settings.factor} where {name} of {layer} is given?"
            follows = _share(question, found.follows, n, null, control)
            indices = found.anywhere, found.same, found.shuffled
            cells.append(Cell(layer, name, found.rank, follows, *indices))
    picture = _share(
        f"Does the answer follow {settings.factor} in the picture (do)?",
        *(exchange.in_picture, settings.plants, exchange.untouched, "no exchange"),
    )
    return InterchangeResult(settings, picture, readable, tuple(cells))


def _share(question: str, value: float, n: int, null: float, control: str) -> Evidence:
    """A share of plants with its interval."""
    interval = count_interval(value * n, n)
    return Evidence(
        question=question, value=value, null=null, control=control, n=n, interval=interval
    )


def _run(settings: Settings, context: Context) -> InterchangeResult:
    return interchange(settings, check=context.check, step=context.step)


def tell(result: InterchangeResult) -> None:
    """Print a result."""
    heads = ("follows", "at random", "anywhere", "same", "other")
    print(f"{'layer':10}{'subspace':16}{'rank':>5}" + "".join(f"{head:>10}" for head in heads))
    for one in result.cells:
        found = one.subspace in ("means", "reader")
        lots = (f"{x:10.2f}" if found else f"{'-':>10}" for x in (one.follows.null, one.anywhere))
        rest = f"{one.same:10.2f}{one.shuffled:10.2f}"
        print(
            f"{one.layer:10}{one.subspace:16}{one.rank:5}{one.follows.value:10.2f}{''.join(lots)}{rest}"
        )
    for layer, one in result.readable.items():
        print(f"{layer:10}readable {one.value:.2f} (shuffled levels {one.null:.2f})")
    one = result.picture
    done = f"picture   do({result.settings.factor})"
    print(f"{done} followed {one.value:.2f} (untouched {one.null:.2f})")


METHOD = Method(Settings, _run, tell)
