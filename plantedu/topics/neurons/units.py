"""Does a neuron mean one thing? Every unit of h asked about every planted factor, with its nulls.

    told        factors of which a unit tells more than one shuffle of the plants in a hundred
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

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from plantedu.charts.chart import Drawing
from plantedu.data.evaluation_set import FIRST_HELD_OUT
from plantedu.errors import require
from plantedu.serialization import revived
from plantedu.statistics.evidence import Evidence
from plantedu.topics.method import Context, Method
from plantedu.topics.neurons.discretised import CONTROLS
from plantedu.topics.neurons.results.units_chart import told_map, unit_chart, used_chart
from plantedu.topics.neurons.unit_report import Unit, Way, portrait

EACH = 3  # units of the map for each factor
PARTS = ("names", "level", "units", "dead", "head", "numbers")


@dataclass(frozen=True)
class Settings:
    """Which units are asked about what.

    Attributes:
        encoder: What ships (cross-0), file:PATH, or random:SEED.
        sensor: Whose pictures it looks at, rgb or rgn.
        factors: Columns that are asked about; none: all that the pictures can show.
        use: The factor whose reader is asked what it leans on.
        plants: n, plants that no shipped encoder was trained on.
        first: Index of the first one.
        data: Planted world.
        bins: Codes of a number.
        shuffles: Orders of the null.
        seed: Draws orders, halves and the turn.
    """

    encoder: str = "cross-0"
    sensor: str = "rgb"
    factors: tuple[str, ...] = ()
    use: str = "disease"
    plants: int = 1024
    first: int = FIRST_HELD_OUT
    data: str = "field"
    bins: int = 8
    shuffles: int = 199
    seed: int = 0

    def __post_init__(self) -> None:
        require(self.sensor in CONTROLS, f"sensor is rgb or rgn; got {self.sensor!r}.")
        require(self.plants >= 64, f"plants must be 64 or more; got {self.plants}.")


@dataclass(frozen=True)
class NeuronsResult:
    """Units and what they say together.

    Attributes:
        settings: What was asked.
        names: Factors asked about; the last one cannot show.
        level: What luck reaches one time in a hundred, share of H(f), median over units.
        units: Those that are alive.
        dead: How many say the same of every plant.
        head: Whether the network has something above h.
        numbers: Evidence by name.
    """

    settings: Settings
    names: tuple[str, ...]
    level: tuple[float, ...]
    units: tuple[Unit, ...]
    dead: int
    head: bool
    numbers: dict[str, Evidence]

    def as_json(self) -> dict[str, Any]:
        """Plain values, four digits; `from_json` reads them back."""
        return _short(asdict(self))

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "NeuronsResult":
        """Read what a run or a file holds."""
        return revived(cls, found)

    def unit(self, number: int) -> Unit:
        """A unit by its place in h.

        Raises:
            PlantEduError: for one that is dead or not there.
        """
        found = next((one for one in self.units if one.number == number), None)
        require(
            found is not None,
            f"Unit {number} says the same of every plant, or is not there: nothing to show. "
            f"{len(self.units)} of {len(self.units) + self.dead} units are alive.",
        )
        return found  # type: ignore[return-value]

    def chart(self, *, dark: bool = False) -> Drawing:
        """What the three units tell that tell most of each factor."""
        caption = self.numbers["index"].caption()
        return told_map(self.chosen(), self.names, self.level, caption, dark=dark)

    def chosen(self) -> list[Unit]:
        """The units that tell most of each factor, in the order of the factors."""
        found: dict[int, Unit] = {}
        for k in range(len(self.names)):
            for unit in sorted(self.units, key=lambda one: -one.excess[k])[:EACH]:
                if k in unit.told:
                    found.setdefault(unit.number, unit)
        return list(found.values()) or list(self.units[:EACH])

    def unit_chart(self, number: int, *, dark: bool = False) -> Drawing:
        """One unit, factor by factor, beside luck."""
        caption = self.numbers["index"].caption()
        return unit_chart(self.unit(number), self.names, self.level, caption, dark=dark)

    def used_chart(self, *, dark: bool = False) -> Drawing:
        """Selectivity beside what is lost without the unit."""
        return used_chart(self.units, self.settings.use, self.numbers["used"], dark=dark)


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
    from plantedu.topics.neurons.spatial_activations import Plot, head_above
    from plantedu.zoo.encoders import open_encoder

    one = open_encoder(settings.encoder)
    plot = Plot(settings.first, settings.plants, folder, data=settings.data)
    found = portrait(
        plot.places(one, settings.sensor).mean(dim=1).double().numpy(),
        plot.asked(settings.sensor, settings.factors),
        plot.pictures(settings.sensor).mean(axis=(2, 3)) / 255,
        plot.rows,
        way=Way(
            use=settings.use, bins=settings.bins, shuffles=settings.shuffles, seed=settings.seed
        ),
        head=head_above(one),
        check=check,
    )
    return NeuronsResult(settings, **{name: getattr(found, name) for name in PARTS})


def _short(value: Any) -> Any:
    """Numbers with four digits after the point."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {k: _short(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_short(v) for v in value]
    return value


def _run(asked: Settings, context: Context) -> NeuronsResult:
    return neurons(asked, folder=context.home, check=context.check)


def tell(result: NeuronsResult) -> None:
    """Print a result."""
    asked, alive = result.settings, len(result.units)
    print(f"{asked.encoder}, {asked.sensor}: {alive} units alive, {result.dead} dead")
    for one in result.numbers.values():
        print(f"{one.question:70}{one.value:8.3f}   {one.null:8.3f} {one.control}")
    for k, name in enumerate(result.names):
        best = max(result.units, key=lambda unit: unit.excess[k])
        told = sum(k in unit.told for unit in result.units)
        print(f"{name:16} told by {told:4} units; best unit {best.number:4}: {best.excess[k]:.3f}")


METHOD = Method(Settings, _run, tell)
