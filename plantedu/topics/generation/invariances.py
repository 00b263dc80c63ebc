"""What a representation keeps: many pictures are drawn from one, and every factor is read off them.

    pinned_f = B / (B + W)                 the condition's share of the variance of the samples
    null_f   = B' / (B + W)                the same, conditioned on the plants with f set to one
    value
    narrow_f = (V - W) / (V - N)           the samples' spread against that of the world

W is the spread of the readings within a condition, B between conditions, V over plants of the
world, N over real pictures that share factor f and nothing else
(`topics/generation/variance_components.py`). A painter without variety is narrow whatever the
condition: `narrow` stands beside that of the unconditional denoiser, and is no evidence where the
two agree. `pinned` is measured within the denoiser's own pictures, and says that the samples of a
plant agree with each other. Its null is of a factor that the input cannot hold
(`topics/generation/omission.py`); samples assigned to conditions at random stand beside it. R2 says
whether they agree with the source. Also beside it: an encoder with random weights; and the key, how
far the representation moves when do() changes this factor alone
(`topics/generation/interventional_effects.py`), and what a linear probe reads off it with nothing
drawn (`topics/generation/linear_probe.py`). The grade is Spearman's correlation of pinned and
effect over the factors that the reader can read. The probe's own correlation with the effect
stands beside the grade: a factor may move a representation little and be read from it well, so a
grade of 1 is not to be expected even where the drawing loses nothing.
Encoders that are known to omit factors examine the table itself.

Misleads where a reader is blind: such a factor "cannot be read", which is not "free". What moves a
representation little may still be read from it, and what it tells the denoiser may have failed to
learn: a free factor is free for this painter.

Source: Bordes et al. 2022, arXiv:2112.09164 [bordes2022]; share between conditions: Shrout and
Fleiss 1979 [shrout1979]; spreads and effects: Jansen 1999 [jansen1999]; do(): Pearl 2009
[pearl2009]. Lesson: 05_generation.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from plantedu.data.renderer.worlds import draw_factors
from plantedu.models.factor_regressor import FactorReader
from plantedu.serialization import settings_of
from plantedu.topics.generation.conditional_samples import ConditionalSampler, Draws
from plantedu.topics.generation.interventional_effects import Effects, effects
from plantedu.topics.generation.invariance_table import Read, exams, grades, table
from plantedu.topics.generation.linear_probe import probed
from plantedu.topics.generation.omission import groups, setting
from plantedu.topics.generation.regressor_training import shipped_reader
from plantedu.topics.generation.results.invariances import KeptResult, Settings
from plantedu.topics.generation.variance_components import Ground, free_spread, ground, read_pairs
from plantedu.topics.method import Context, Method


def kept(
    sampler: Draws,
    reader: FactorReader,
    settings: Settings,
    *,
    real: Ground | None = None,
    moved: Effects | None = None,
    check: Callable[[], None] = lambda: None,
) -> KeptResult:
    """Read every factor off samples of many conditions.

    Args:
        sampler: Draws the samples.
        reader: Reads the factors.
        settings: How much of what.
        real: What the reader says of real pictures, where it is known already.
        moved: What do() moves, likewise.
        check: Called between parts; may raise to stop.

    Raises:
        PlantEduError: for a condition that the denoiser does not know.
    """
    sources, many = sampler.sources(settings.plants), settings.samples
    truth = draw_factors(sampler.world, sources)
    conditionings = settings.conditioning, settings.random_conditioning
    pictures = [sampler.draw(one, sources, samples=many) for one in conditionings]
    own, random = (read_pairs(reader, drawn) for drawn in pictures)
    side = pictures[0].shape[-1]
    omitted = []
    for columns in groups(settings.rounds, seed=settings.seed):
        check()
        drawn = sampler.draw(conditionings[0], sources, samples=many, do=setting(columns))
        omitted.append((columns, read_pairs(reader, drawn)))
    nothing = free_spread(read_pairs(reader, sampler.free(settings.free)[None]))
    rng = np.random.default_rng(settings.seed)
    how: dict[str, Any] = {"side": side, "generator": rng, "check": check}
    real = real or ground(reader, sampler.world, sampler.gallery, values=settings.values, **how)
    moved = moved or effects(
        sampler.world,
        sampler.sources(settings.effect_plants),
        {one.name: sampler.phi(one) for one in conditionings},
        **how,
    )
    names = conditionings[0].name, conditionings[1].name
    linear, plants = {}, settings.probe_plants
    if plants:
        linear = probed(sampler, conditionings[0], plants=plants, seed=settings.seed, check=check)
    read = Read(own, random, omitted, truth, nothing, real, moved, names, linear)
    rows = table(read, seed=settings.seed)
    judged = grades(rows, seed=settings.seed)
    return KeptResult(settings, names[0], rows, judged, exams(read, rows))


@dataclass(frozen=True)
class Request(Settings):
    """What does a representation keep, and what does it let go?

    Attributes:
        denoiser: Its file; what ships by default.
    """

    denoiser: Path | None = None


def _run(asked: Request, context: Context) -> KeptResult:
    settings = settings_of(asked, Settings)
    sampler = ConditionalSampler.in_context(context, settings, asked.denoiser)
    return kept(sampler, shipped_reader(), settings, check=context.check)


def tell(result: KeptResult) -> None:
    """Print a result."""
    print(f"\nConditioned on {result.condition}")
    head = ("pinned", "interval", "null", "random", "R2", "narrow", "nothing", "do()", "probe")
    print(f"{'':18}" + "".join(f"{name:>{17 if name == 'interval' else 8}}" for name in head))
    for k in result.factors:
        low, high = k.pinned.interval or (0, 0)
        print(
            f"{k.column:18}{k.pinned.value:8.2f}   [{low:5.2f}, {high:5.2f}]{k.pinned.null:8.2f}"
            f"{k.random_init:8.2f}{k.r2.value:8.2f}{k.narrow.value:8.2f}{k.narrow.null:8.2f}"
            f"{k.effect.value:8.3f}{k.linear.value if k.linear else float('nan'):8.2f}  {k.verdict}"
        )
    g = result.grades
    for name, one in (
        ("grade", g.grade),
        ("random weights", g.random_init),
        ("difference", g.less),
        ("random table, do() of the trained", g.crossed),
        ("by the world's spread", g.narrow),
        ("a linear probe of the representation, do()", g.linear),
        ("table, linear probe", g.probe),
        ("random table, linear probe of the trained", g.probe_crossed),
    ):
        if one is None:
            continue
        low, high = one.interval or (0, 0)
        print(f"Spearman, {name}: {one.value:.2f} [{low:.2f}, {high:.2f}], {one.n} factors")
    for name, exam in result.exams.items():
        low, high = exam.wins.interval or (0, 0)
        print(
            f"Encoders known to omit factors: the right table of {name} wins in "
            f"{exam.wins.value:.2f} [{low:.2f}, {high:.2f}] (at random {exam.wins.null:.2f}); "
            f"holder above omitter in {exam.apart.value:.2f} (at random .50)"
        )
    print(f"p {g.p:.4f}. {result.factors[0].pinned.caption()}")


METHOD = Method(Request, _run, tell, here_alone=("denoiser",))
