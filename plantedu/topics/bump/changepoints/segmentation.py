"""All steps of a curve at once: forward until nothing is left, backward until all hold.

    forward     the strongest step, cut out, and the next; where a kink or a relaxation is about as
                likely, it joins the trend and no step is cut
    backward    the weakest step, given all others, is tested; it goes, if its p is above the level

Tails are measured before the first step is sought: outliers of heavy tails that were cut out as
steps would leave noise that looks Gaussian. They are measured again of what the steps leave. Many
steps in few rows look like heavy tails themselves: `_settled`.

The noise is what is left when all of them are out. So steps do not hide each other: a null that is
drawn while one is still inside holds that one, and the noise looks larger than it is. How the noise
hangs together, though, is measured with the step under test as no cut: one that chance chose would
take some memory along, and a null that forgets so would find it strong.

Source: steps sought among all others and thinned out afterwards, Fryzlewicz 2014
[fryzlewicz2014].
"""

from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from plantedu.topics.bump.changepoints.contrast import Contrast
from plantedu.topics.bump.changepoints.noise import whitened
from plantedu.topics.bump.changepoints.null import Noise, noise_of, null_maxima
from plantedu.topics.bump.changepoints.shapes import kink_or_relaxation
from plantedu.topics.bump.changepoints.tails import GAUSSIAN, Tails, log_density, tails_of
from plantedu.topics.bump.changepoints.trend import orthonormal, trend_basis

GUARD = 6  # rows at either end of a piece that are too few for a level of their own
ASKS = 4.5  # T from which on the forward search takes a step for a candidate
CLIPS = 3  # times that the tails are measured and the steps sought anew
BY_FAR = (25.0, 80.0)  # in log-likelihood; the second where noise seems to come in bursts
CHOSEN = 3.0  # logs of the number of rows that a step or a turn must gain
FREE = 0.5  # of a row; where the trend follows more closely, tails are not measured
SURE = 3.0  # times as likely as any turn, a step is a candidate
SHARP = 20.0  # times as likely as any other, a step in white noise is sharp
TURNS = 6  # at most so many kinks and relaxations join the trend


@dataclass(frozen=True, eq=False)
class Series:
    """What is segmented.

    Attributes:
        values: "rows".
        rows: Where they stand, in units of their usual distance.
        within: N of the trend.
        averaged: Whether rows are means of rows: one that a step falls into is part old level,
            part new, and so no draw of the noise.
        kept: Trends of designs, as they were made.
        noises: What they leave, likewise.
    """

    values: np.ndarray
    rows: np.ndarray
    within: float
    averaged: bool
    kept: dict["Design", np.ndarray] = field(default_factory=dict)
    noises: dict["Design", Noise] = field(default_factory=dict)


@dataclass(frozen=True)
class Design:
    """Trend, cuts and turns, and where a step may still be.

    Attributes:
        cuts: First rows of new levels, rising.
        turns: Row and tau of kinks and relaxations.
    """

    cuts: tuple[int, ...] = ()
    turns: tuple[tuple[int, float], ...] = ()

    def trends(self, series: Series) -> np.ndarray:
        if self not in series.kept:
            series.kept[self] = self._trends(series)
        return series.kept[self]

    def _trends(self, series: Series) -> np.ndarray:
        basis = trend_basis(series.rows, within=series.within, cuts=self.cuts)
        if not self.turns:
            return basis
        turns = [kink_or_relaxation(series.rows, row, tau) for row, tau in self.turns]
        return orthonormal(np.c_[basis, np.stack(turns, axis=1)])

    def open_rows(self, series: Series) -> np.ndarray:
        open_rows = np.ones(len(series.rows), bool)
        for edge in (0, *self.cuts, len(series.rows)):
            open_rows[max(0, edge - GUARD) : edge + GUARD] = False
        return open_rows

    def contrast(self, series: Series, phi: np.ndarray, tails: Tails = GAUSSIAN) -> Contrast:
        plain = Contrast.of(self.trends(series), phi, self.open_rows(series))
        return plain.clipped_at(tails)

    def with_cut(self, row: int) -> "Design":
        return replace(self, cuts=tuple(sorted((*self.cuts, row))))

    def without_cut(self, row: int) -> "Design":
        return replace(self, cuts=tuple(cut for cut in self.cuts if cut != row))


@dataclass(frozen=True, eq=False)
class Look:
    """One search, given a design.

    Attributes:
        plain, residuals: By least squares, and M psi(r), "rows".
        statistic: T, "shapes rows", of filtered rows.
        shape, row: Of the largest; in white noise, which no log has smoothed, the sharp one if it
            is about as large. `row` counts filtered rows.
        value: The largest T.
    """

    contrast: Contrast
    plain: np.ndarray
    residuals: np.ndarray
    statistic: np.ndarray
    shape: int
    row: int
    value: float

    @classmethod
    def of(cls, contrast: Contrast, series: Series) -> "Look":
        plain = contrast.without_trend(whitened(contrast.phi, series.values[:, None]))
        residuals = contrast.clipped(contrast.fitted(plain))[:, 0]
        statistic = contrast.statistic(residuals[:, None])[:, :, 0]
        value = float(statistic.max())
        shape, row = np.unravel_index(int(statistic.argmax()), statistic.shape)
        white = not len(contrast.phi)
        if white and value**2 - statistic[0].max() ** 2 < 2 * np.log(SHARP):
            shape, row = 0, int(statistic[0].argmax())
        return cls(contrast, plain[:, 0], residuals, statistic, int(shape), int(row), value)

    @property
    def place(self) -> int:
        """The row of the series that it points to."""
        return self.row + len(self.contrast.phi)


@dataclass(frozen=True, eq=False)
class Found:
    """The steps of a series, each with its own look given the others, and what is left.

    Attributes:
        looks: One a step, in their order, with p.
        last: The look given all of them, with its p.
        draws: The null's draws, "draws".
    """

    looks: tuple[tuple[Look, float], ...]
    last: tuple[Look, float]
    draws: np.ndarray


def segmented(
    series: Series, *, level: float, draws: int, most: int, generator: np.random.Generator
) -> Found:
    """All steps that hold at the level."""
    fit = _settled(series, most, generator)
    null, looks = None, dict[int, Look]()
    while fit.design.cuts:
        looks = {cut: fit.given_others(series, cut) for cut in fit.design.cuts}
        weakest = min(looks, key=lambda cut: looks[cut].value)
        without = Fit.of(series, fit.design.without_cut(weakest), fit.tails, generator)
        null = without.null(series, draws, generator, full=None if fit.tails.bursts else fit)
        if _p(without.look(series, without.design).value, null) <= level:
            break
        fit = without
    if null is None:
        null = fit.null(series, draws, generator)
    last = fit.look(series, fit.design)
    found = [(fit.measured(series, cut), _p(looks[cut].value, null)) for cut in fit.design.cuts]
    return Found(tuple(found), (last, _p(last.value, null)), null)


@dataclass(frozen=True, eq=False)
class Fit:
    """A design with the noise that it leaves.

    Attributes:
        tails: Of its innovations, as far as is known.
    """

    design: Design
    noise: Noise
    tails: Tails

    @classmethod
    def of(
        cls, series: Series, design: Design, tails: Tails, generator: np.random.Generator
    ) -> "Fit":
        if design not in series.noises:
            plain = design.contrast(series, np.zeros(0))
            residuals = plain.residuals(series.values[:, None])[:, 0]
            series.noises[design] = noise_of(plain, residuals, generator)
        return cls(design, series.noises[design], tails)

    def in_white_noise(self) -> "Fit":
        return replace(self, noise=replace(self.noise, phi=np.zeros(0)))

    def look(self, series: Series, design: Design) -> Look:
        return Look.of(design.contrast(series, self.noise.phi, self.tails), series)

    def given_others(self, series: Series, cut: int) -> Look:
        return self.look(series, self.design.without_cut(cut))

    def measured(self, series: Series, cut: int) -> Look:
        """The look by which a step that holds is measured: turns beside it took a part of it."""
        turns = [one for one in self.design.turns if abs(one[0] - cut) > series.within / 2]
        look = self.look(series, replace(self.design.without_cut(cut), turns=tuple(turns)))
        return look if abs(look.place - cut) <= GUARD else self.given_others(series, cut)

    def innovations(
        self, series: Series, *, largest: bool = True
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What is left without cuts and the `largest` step, in local scales; those; free shares."""
        contrast = self.design.contrast(series, self.noise.phi, self.tails)
        filtered = whitened(self.noise.phi, series.values[:, None])
        left = contrast.fitted(contrast.without_trend(filtered))
        clipped = contrast.clipped(left)
        if largest:
            less = contrast.without_largest(clipped)
            left, clipped = left - clipped + less, less
        scale = contrast.scale(clipped)[:, 0]
        left = left[:, 0] / scale
        inside = np.clip(left, -self.tails.clip, self.tails.clip)
        return left - inside.mean(), scale, 1 - (contrast.trends**2).sum(1)

    def seen_tails(self, series: Series) -> Tails:
        """The tails of the innovations, measured without a clip."""
        left, _, free = replace(self, tails=GAUSSIAN).innovations(series)
        good = free > FREE
        return tails_of(left[good] / np.sqrt(free[good]), steps=len(self.design.cuts))

    def score(self, series: Series) -> float:
        """Log-likelihood of the series, less what its steps and turns were chosen with.

        Of innovations as large as if no trend had been fitted, Gaussian or t, in local scales; a
        row that the trend follows closely counts as the mean of the others.
        """
        contrast = self.design.contrast(series, self.noise.phi, GAUSSIAN)
        left = contrast.without_trend(whitened(self.noise.phi, series.values[:, None]))
        scale = contrast.scale(left)[:, 0]
        free = 1 - (contrast.trends**2).sum(1)
        good = free > FREE
        likely = log_density(left[good, 0] / scale[good] / np.sqrt(free[good]))
        rows = len(series.values)
        chosen = len(self.design.cuts) + len(self.design.turns)
        found = float((likely - np.log(scale[good])).mean()) if good.any() else -np.inf
        return rows * found - CHOSEN * chosen * np.log(rows)

    def null(
        self,
        series: Series,
        draws: int,
        generator: np.random.Generator,
        *,
        full: "Fit | None" = None,
    ) -> np.ndarray:
        """Draws of the largest T under the design.

        Args:
            series: The curve.
            draws: How many.
            generator: Draws the signs.
            full: The fit that has the step under test: what it leaves is drawn from, filtered as
                here, where the step took nothing along. None where nothing is under test, or where
                noise comes in bursts: a step may have been cut out of one.
        """
        drawn = self if full is None else replace(full, noise=self.noise)
        left, scale, free = drawn.innovations(series, largest=full is None)
        innovations = left * scale / np.sqrt(np.maximum(free, 0.1))
        plain = self.design.contrast(series, np.zeros(0))
        filtered = partial(self.design.contrast, series, tails=self.tails)
        how = {"draws": draws, "generator": generator}
        return null_maxima(plain, filtered, self.noise, innovations, **how)


def _settled(series: Series, most: int, generator: np.random.Generator) -> Fit:
    """Steps sought with the tails that are seen before any is out, and again with those after.

    Many steps in few rows look like heavy tails and a long memory themselves. So they are sought
    once as if the noise were white, too; what is found is taken where it is likelier by far.
    """
    none = fit = Fit.of(series, Design(), GAUSSIAN, generator)
    tried: list[Tails] = []
    while (tails := fit.seen_tails(series)) not in tried and len(tried) < CLIPS:
        tried.append(tails)
        fit = _forward(series, most, replace(none, tails=tails), generator)
    white = _forward(series, most, none, generator, white=True)
    if set(white.design.cuts) <= set(fit.design.cuts):
        return fit
    by_far = BY_FAR[fit.tails.bursts]
    return white if white.score(series) > fit.score(series) + by_far else fit


def _forward(
    series: Series, most: int, start: Fit, generator: np.random.Generator, *, white: bool = False
) -> Fit:
    fit = start.in_white_noise() if white else start
    for _ in range(most + TURNS):
        design, look = fit.design, fit.look(series, fit.design)
        if look.value < ASKS:
            break
        size, row, tau = look.contrast.turn(look.residuals, _scale(look), series.rows)
        if size**2 > look.value**2 - 2 * np.log(SURE):
            if len(design.turns) == TURNS:
                break
            turn = (row + len(look.contrast.phi), tau)
            design = replace(design, turns=(*design.turns, turn))
        elif len(design.cuts) < most:
            design = design.with_cut(look.place)
        else:
            break
        fit = Fit.of(series, design, fit.tails, generator)
        fit = fit.in_white_noise() if white else fit
    return Fit.of(series, fit.design, fit.tails, generator)


def _scale(look: Look) -> np.ndarray:
    left = look.contrast.without_largest(look.residuals[:, None])
    return look.contrast.scale(left)[:, 0]


def _p(value: float, null: np.ndarray) -> float:
    return (1 + int((null >= value).sum())) / (len(null) + 1)
