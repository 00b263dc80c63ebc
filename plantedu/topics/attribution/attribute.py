"""Which pixels does a score come from? One method's maps of fresh pairs, and whether to believe it.

The score is a class's lead, the nearness to a prototype, or the similarity of the pair: which
pixels of X1 make it match X2. Beside the maps stand those of the same network with random weights,
the share of each sensor, what do() says of the cues, and where the map lies beside eleven maps that
know no network. Integrated gradients says by how much its sum misses s(x) - s(x').

Source: Sundararajan et al. 2017, arXiv:1703.01365 [sundararajan2017]; captum [kokhlikyan2020].
Lesson: 09_attribution.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import tyro

from plantedu.charts.chart import Drawing
from plantedu.output_paths import check_file
from plantedu.serialization import revived, settings_of
from plantedu.statistics.evidence import Evidence, mean_over_plants
from plantedu.statistics.intervals import Kind
from plantedu.topics.attribution.names import BASELINES, CUES
from plantedu.topics.attribution.request import Settings
from plantedu.topics.attribution.results.attribution_chart import grades_chart

SHOWN = 3  # plants whose pictures a result carries
CONTROLS = 3  # random-init networks beside a map
Told = Callable[[int, int], None]


@dataclass(frozen=True)
class Shown:
    """One plant, as addresses of pictures that a page can show.

    Attributes:
        plant: Its id.
        score: What is explained, before any change.
        without: The score after do(cue away), by cue.
        pictures: rgb, rgn, and each one's map, and the map of random weights.
    """

    plant: str
    score: float
    without: dict[str, float]
    pictures: dict[str, str]


@dataclass(frozen=True)
class AttributeResult:
    """What a method says, and what speaks for or against it.

    Attributes:
        output: What the explained score is called.
        rgb: RGB's share of relevance; null: random weights; truth: of do() on the cue that moves
            the score most.
        mass: Share in each cue's mask by cue and line (the method, then baselines); null: random.
        effect: Mean |effect| of do(cue away) on the score; null: do(soil).
        delta: Largest |sum of the map - (s(x) - s(x'))|, where the method promises 0; else None.
        span: Mean |s(x) - s(x')| beside it.
        seconds: Of the maps.
    """

    settings: Settings
    output: str
    rgb: Evidence
    mass: dict[str, dict[str, Evidence]]
    effect: dict[str, Evidence]
    delta: float | None
    span: float | None
    shown: tuple[Shown, ...]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Plain values; `AttributeResult.from_json` reads them back."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "AttributeResult":
        """Read a result that a run or a file holds."""
        return revived(cls, found)

    @property
    def strongest(self) -> str:
        """The cue whose absence moves the score most."""
        return max(CUES, key=lambda cue: self.effect[cue].value)

    def chart(self, *, dark: bool = False) -> Drawing:
        """Mass in the mask of the strongest cue, beside the baselines."""
        cue = self.strongest
        lines = [
            (self.settings.row(name), name not in BASELINES, e, (e.value,))
            for name, e in self.mass[cue].items()
        ]
        used = self.effect[cue].value > self.effect[cue].null
        return grades_chart(lines, used=used, cue=cue, dark=dark)


def attribute(
    settings: Settings,
    *,
    bank_folder: Path | None,
    check: Callable[[], None] = lambda: None,
    told: Told = lambda done, of: None,
    save: Path | None = None,
) -> AttributeResult:
    """Make a method's maps of fresh pairs.

    Args:
        settings: What, and how.
        bank_folder: Where rendered pairs are kept.
        check: Called between chunks; may raise to stop.
        told: Called with steps done, and of how many.
        save: Where the maps are written (.npz).

    Raises:
        PlantEduError: for a network without such a score, an output out of range, or a layer
            that the method does not fit.
    """
    from plantedu.topics.attribution.run import Asked

    asked = Asked(settings, bank_folder)
    told(0, 3)
    began = time.perf_counter()
    found = asked.maps(check)
    seconds = time.perf_counter() - began
    found.require_some(settings.says)
    told(1, 3)
    controls = [asked.maps(check, control=k + 1) for k in range(CONTROLS)]
    told(2, 3)
    masses = asked.masses(found, controls)
    shares = found.sensor_share, np.stack([one.sensor_share for one in controls])
    moved = asked.effects()
    effect = {
        cue: _evidence(
            f"How far does do({cue} away) move the score?",
            np.abs(moved[cue].effect),
            float(np.abs(moved["soil"].effect).mean()),
            "do(soil)",
            kind="mean",
        )
        for cue in CUES
    }
    truth = moved[max(CUES, key=lambda cue: effect[cue].value)].rgb_share
    if save is not None:
        asked.save(save, found)
    told(3, 3)
    delta = None if found.delta is None else float(np.abs(found.delta).max())
    return AttributeResult(
        settings,
        asked.output,
        _evidence("RGB's share of relevance?", shares[0], _share(shares[1]), truth=truth),
        {
            cue: {
                name: _evidence(f"Mass of {name} in the {cue}?", own, null)
                for name, (own, null) in lines.items()
            }
            for cue, lines in masses.items()
        },
        effect,
        delta,
        None if delta is None else asked.span(),
        tuple(Shown(**one) for one in asked.shown(found, controls[0], moved, SHOWN)),
        seconds,
    )


def _share(each: np.ndarray) -> float:
    """Mean share of maps that are not 0 everywhere, "networks plants"; half where all are."""
    some = each[np.isfinite(each)]
    return float(some.mean()) if some.size else 0.5


def _evidence(
    question: str,
    per_plant: np.ndarray,
    null: float,
    control: str = f"the same method on {CONTROLS} random-init networks",
    truth: float | None = None,
    kind: Kind = "share",
) -> Evidence:
    if len(per_plant) > 1:
        found = mean_over_plants(question, per_plant, null, control, kind=kind)
        known: dict[str, Any] = {**found.as_json(), "interval": found.interval, "truth": truth}
        return Evidence(**known)
    value = float(per_plant.mean())
    return Evidence(question=question, value=value, null=null, control=control, n=1, truth=truth)


@dataclass(frozen=True)
class Options(Settings):
    """Map which pixels of both pictures a score comes from.

    Attributes:
        pairs: Map the pairs of this file (.npz with x1, x2) in place of planted ones; nothing is
            graded then.
        save: Write maps and pictures to this file (.npz): relevance, signed, x1, x2, plants.
        json: Print the result as one JSON object on the last line.
    """

    pairs: Path | None = None
    save: Path | None = None
    json: bool = False


def job(work: Any) -> dict[str, Any]:
    """The same for a page: the request is the settings."""
    from plantedu.store.paths import home

    def told(done: int, of: int) -> None:
        work.store.set_step(work.run.id, done, of)

    settings = Settings(**work.run.request)
    found = attribute(settings, bank_folder=home() / "bank", check=work.check, told=told)
    return found.as_json()


def main(argv: list[str]) -> int:
    """`python -m plantedu attribution attribute [--network lesions-0] [--method ig] [--json]`."""
    from tqdm import tqdm

    from plantedu.store.paths import home

    options = tyro.cli(Options, args=argv, prog="python -m plantedu attribution attribute")
    check_file(options.save, like="maps.npz")
    settings = settings_of(options, Settings)
    if options.pairs is not None:
        return _own(options, settings)
    with tqdm(total=3, desc="maps", leave=False) as bar:

        def told(done: int, of: int) -> None:
            bar.update(done - bar.n)

        found = attribute(settings, bank_folder=home() / "bank", told=told, save=options.save)
    tell(found)
    if options.json:
        print(json.dumps(found.as_json()))
    return 0


def _own(options: Options, settings: Settings) -> int:
    """Maps of the pairs of a file: RGB's share of each, beside the same on random weights."""
    from plantedu.store.paths import home
    from plantedu.topics.attribution.networks import Subjects
    from plantedu.topics.attribution.own_pairs import own_maps, read_pairs, save_maps

    assert options.pairs is not None
    pair, subjects = read_pairs(options.pairs), Subjects(home() / "bank")
    scored, *fresh = (
        subjects.scored(settings.network, settings.target, control=k) for k in range(CONTROLS + 1)
    )
    found, target = own_maps(scored, pair, settings)
    found.require_some(settings.says)
    again = replace(settings, output=target)
    null = np.stack([own_maps(one, pair, again)[0].sensor_share for one in fresh])
    share = _evidence("RGB's share of relevance?", found.sensor_share, _share(null))
    print(f"{settings.says}, {settings.target} {target}")
    print(f"RGB's share {share.value:.2f}, random weights {share.null:.2f}; n = {share.n}")
    if options.save is not None:
        save_maps(options.save, pair, found)
    if options.json:
        print(json.dumps(share.as_json()))
    return 0


def tell(found: AttributeResult) -> None:
    """Print a result."""
    s = found.settings
    print(f"{s.says}, {found.output}: {found.seconds:.1f} s")
    print(f"RGB's share {found.rgb.value:.2f}, of the effect of do() {found.rgb.truth:.2f}")
    for cue in CUES:
        e = found.effect[cue]
        print(f"\ndo({cue} away) moves the score by {e.value:.3f}; do(soil) by {e.null:.3f}")
        for name, one in found.mass[cue].items():
            label = s.row(name)
            print(f"  mass in the mask  {label:<24}{one.value:.3f}   random weights {one.null:.3f}")
    if found.delta is not None:
        print(f"\ncompleteness: off by {found.delta:.3g} at most, of {found.span:.3g}")
    print(found.rgb.caption())
