"""Does a neuron mean one thing? Every unit of h asked about every planted factor, with its nulls.

    significant factors of which a unit tells more than one shuffle of the plants in a hundred
    index       how many such factors a unit has;   null: the same for plants in another order
    participation   over how many factors what it tells is spread;   null: h turned at random
    D, C, MIG   one unit for one factor?   null: h turned at random
    MS          are the plants that make it fire alike?   null: plants in any order, in closed form
    selectivity, and what is lost where the unit is held at its mean: selective is not yet used

Turning h at random keeps all that h tells, linearly, and forgets its axes: what turned units do as
well is no property of neurons. A factor that the pictures cannot show (mesophyll in RGB) is asked
about too: units that seem to tell it show how often the test errs.

Source: Morcos et al. 2018, arXiv:1803.06959 [morcos2018b]; Eastwood et al. 2023, arXiv:2210.00364
[eastwood2023]; Chen et al. 2018 [chen2018]; Pach et al. 2025, arXiv:2504.02821 [pach2025].
Lesson: 10_neurons.
"""

from collections.abc import Callable
from pathlib import Path

from plantedu.topics.method import Context, Method
from plantedu.topics.neurons.results.units import PARTS, NeuronsResult, Settings
from plantedu.topics.neurons.spatial_activations import Plot, head_above
from plantedu.topics.neurons.unit_report import Way, unit_report
from plantedu.zoo.encoders import load_encoder


def neurons(
    settings: Settings, *, folder: Path, check: Callable[[], None] = lambda: None
) -> NeuronsResult:
    """Ask the units of an encoder that is there.

    Args:
        settings: Which, and what.
        folder: Where rendered pairs are kept.
        check: Called between parts; may raise to stop.

    Raises:
        PlantEduError: for an encoder, a factor or a world that is not there, one that was trained
            on these plants, activations that are not finite, a factor with one value.
    """
    one = load_encoder(settings.encoder)
    plot = Plot(settings.first, settings.plants, folder, data=settings.data)
    found = unit_report(
        plot.places(one, settings.sensor).mean(dim=1).double().numpy(),
        plot.targets(settings.sensor, settings.factors),
        plot.pictures(settings.sensor).mean(axis=(2, 3)) / 255,
        plot.rows,
        way=Way(
            use=settings.use, bins=settings.bins, shuffles=settings.shuffles, seed=settings.seed
        ),
        head=head_above(one),
        check=check,
    )
    return NeuronsResult(settings, **{name: getattr(found, name) for name in PARTS})


def _run(settings: Settings, context: Context) -> NeuronsResult:
    return neurons(settings, folder=context.home, check=context.check)


def tell(result: NeuronsResult) -> None:
    """Print a result."""
    how, alive = result.settings, len(result.units)
    print(f"{how.encoder}, {how.sensor}: {alive} units alive, {result.dead} dead")
    for one in result.numbers.values():
        print(f"{one.question:70}{one.value:8.3f}   {one.null:8.3f} {one.control}")
    for k, name in enumerate(result.names):
        best = max(result.units, key=lambda unit: unit.excess[k])
        tells = sum(k in unit.significant for unit in result.units)
        print(
            f"{name:16} read from {tells:4} units; best unit {best.number:4}: {best.excess[k]:.3f}"
        )


METHOD = Method(Settings, _run, tell)
