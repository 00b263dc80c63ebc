"""Every trial of the course. A new method is one row; its function lies in its subject's file."""

from plantedu.errors import require
from plantedu.topics.report_card import (
    attacks,
    cues,
    curves,
    directions,
    encoders,
    features,
    folders,
    forecasts,
    heads,
    intervals,
    maps,
    probes,
    samples,
    similarity,
    units,
)
from plantedu.topics.report_card.trial import Trial

OTHER = "the same numbers, shuffled among plants"
AT_RANDOM = "a world in which the mark is assigned at random"
NOTHING = "the same with no effect"
UNUSED = "a network that does not use it"
BELOW, ABOVE = "a share surely below .95", "a share of .98, 24 plants"
GAUSSIAN = "Gaussian numbers of the same covariance"

TRIALS: tuple[Trial, ...] = (
    Trial("leak audit", "01_pairs", "a plant that stands twice", "no leak", folders.copies),
    Trial("near-copy audit", "01_pairs", "a copy saved again", "no leak", folders.near_copies),
    Trial(
        *("do() on the picture", "01_pairs", "that a sensor sees a factor"),
        *("a factor that only the other sensor sees", folders.by_do),
    ),
    Trial(
        *("correlation of colours", "01_pairs", "that a sensor sees a factor"),
        *("a factor that only the other sensor sees", folders.by_correlation, True),
    ),
    Trial("probe, held out", "02_training", "that h tells a factor", OTHER, encoders.probe),
    Trial(
        *("probe on its own plants", "02_training", "that h tells a factor"),
        *(OTHER, encoders.without_null, True),
    ),
    Trial(
        "probe, faint direction",
        "02_training",
        "that h tells a factor",
        OTHER,
        probes.chosen_penalty,
    ),
    Trial(
        *("probe of fixed penalty", "02_training", "that h tells a factor"),
        *(OTHER, probes.fixed_penalty, True),
    ),
    Trial("bump detector", "03_bump", "a step in a curve", curves.NULL, curves.detector),
    Trial(
        *("bump, several steps", "03_bump", "every step of a curve"),
        *("the same kind of curve without a step", curves.several),
    ),
    Trial(
        *("bump, awkward curves", "03_bump", "a step in a curve"),
        *("heavy tails, bursts, kinks, slow falls", curves.awkward),
    ),
    Trial("bump by eye", "03_bump", "a step in a curve", curves.NULL, curves.by_eye, True),
    Trial("interval, plants", "04_family", "an effect", NOTHING, intervals.over_plants),
    Trial(
        *("bootstrap, plants", "04_family", "an effect", NOTHING),
        *(intervals.bootstrap_of_plants, True),
    ),
    Trial("interval, pictures", "04_family", "an effect", NOTHING, intervals.over_pictures, True),
    Trial("interval, long tail", "04_family", "an effect", NOTHING, intervals.long_tail),
    Trial(
        *("bootstrap, long tail", "04_family", "an effect", NOTHING),
        *(intervals.bootstrap_of_tail, True),
    ),
    Trial("share, counted", "04_family", BELOW, ABOVE, intervals.counted),
    Trial("share, bootstrap", "04_family", BELOW, ABOVE, intervals.bootstrap_of_share, True),
    Trial("t, 3 to 5 seeds", "04_family", "an effect", NOTHING, intervals.t_of_seeds),
    Trial(
        *("bootstrap, 3 to 5 seeds", "04_family", "an effect", NOTHING),
        *(intervals.bootstrap_of_seeds, True),
    ),
    Trial("best of 20, rescored", "04_family", "an effect", NOTHING, intervals.best_rescored),
    Trial("best of 20", "04_family", "an effect", NOTHING, intervals.best_of_twenty, True),
    Trial(
        *("share settled", "05_generation", "that a factor is kept"),
        *("readings that do not depend on the condition", samples.settled),
    ),
    Trial(
        *("narrow samples", "05_generation", "that a factor is kept"),
        *("readings that do not depend on the condition", samples.narrow, True),
    ),
    Trial(
        "CKA, debiased",
        "06_similarity",
        "a shared signal",
        "signals of one's own",
        similarity.debiased,
    ),
    Trial(
        *("CKA, biased, above .5", "06_similarity", "a shared signal"),
        *("signals of one's own", similarity.biased, True),
    ),
    Trial("name of the map", "07_spectrum", "a copy", "another planted head", heads.named),
    Trial(
        *("name of a turn", "07_spectrum", "a turn, few directions"),
        *("another planted head", heads.turns),
    ),
    Trial("S, shuffled pairs", "07_spectrum", "a copy", "shuffled plants", heads.shuffled_pairs),
    Trial("S of the closed loop", "07_spectrum", "a copy", "noise", heads.loop, True),
    Trial("parallel analysis", "07_spectrum", "a direction", "noise", heads.directions),
    Trial("Marchenko-Pastur edge", "07_spectrum", "a direction", "noise", heads.edge),
    Trial("PGD", "08_attacks", "a wrong name in the ball", "a ball too small", attacks.pgd),
    Trial(
        "random noise",
        "08_attacks",
        "a wrong name in the ball",
        "a ball too small",
        attacks.noise,
        True,
    ),
    Trial(
        *("PGD, hidden slope", "08_attacks", "a wrong name in the ball"),
        *("a ball too small", attacks.rounded, True),
    ),
    Trial(
        *("sensors disagree", "08_attacks", "an attacked picture"),
        *("noise of the same size", attacks.sensors_disagree),
    ),
    Trial("do(mark) on names", "08_attacks", "that a cue is used", AT_RANDOM, cues.by_do),
    Trial(
        "accuracy by lot",
        "08_attacks",
        "that a cue is used",
        AT_RANDOM,
        cues.mark_at_random,
    ),
    Trial("probe for the mark", "08_attacks", "that a cue is used", AT_RANDOM, cues.by_probe, True),
    Trial("IG from blur", "09_attribution", "that a cue is used", UNUSED, maps.ig_beats),
    Trial("gradient x input", "09_attribution", "that a cue is used", UNUSED, maps.slopes_beat),
    Trial(
        "occlusion by blur", "09_attribution", "that a cue is used", UNUSED, maps.occlusion_beats
    ),
    Trial("guided backprop", "09_attribution", "that a cue is used", UNUSED, maps.guided_beats),
    Trial(
        *("IG above uniform", "09_attribution", "that a cue is used"),
        *(UNUSED, maps.above_uniform, True),
    ),
    Trial(
        *("x less its blur", "09_attribution", "that a cue is used"),
        *(UNUSED, maps.difference, True),
    ),
    Trial(
        *("IG that adds up", "09_attribution", "that a cue is used"),
        *(UNUSED, maps.complete, True),
    ),
    Trial(
        *("deletion, rendered", "09_attribution", "that a map shows the cue in use"),
        *("a map of the other cue", maps.deletion),
    ),
    Trial(
        *("deletion, black holes", "09_attribution", "that a map shows the cue in use"),
        *("a map of the other cue", maps.holes, True),
    ),
    Trial(
        *("information, shuffled", "10_neurons", "that a unit tells a factor"),
        *("a unit of noise", units.tested),
    ),
    Trial(
        *("information above .1", "10_neurons", "that a unit tells a factor"),
        *("a unit of noise", units.nats, True),
    ),
    Trial(
        *("best of 256, rescored", "10_neurons", "that some unit answers"),
        *("units of noise", units.other_half),
    ),
    Trial(
        *("best of 256 units", "10_neurons", "that some unit answers"),
        *("units of noise", units.same_half, True),
    ),
    Trial(
        *("unit held at its mean", "10_neurons", "that a head uses a unit"),
        *("a selective unit, not read", units.held),
    ),
    Trial(
        *("selective unit", "10_neurons", "that a head uses a unit"),
        *("a selective unit, not read", units.selective, True),
    ),
    Trial(
        *("tops beside twins", "10_neurons", "a unit of more than brightness"),
        *("a unit of brightness", units.twins),
    ),
    Trial(
        *("top plants by eye", "10_neurons", "a unit of more than brightness"),
        *("a unit of brightness", units.top_plants, True),
    ),
    Trial(
        *("D, units turned", "10_neurons", "that axes are special"),
        *("mixtures of the factors", units.axes),
    ),
    Trial(
        *("few factors a unit", "10_neurons", "that axes are special"),
        *("mixtures of the factors", units.clean, True),
    ),
    Trial(
        *("two seeds, Gaussian", "10_neurons", "directions that are there"),
        *(GAUSSIAN, features.beyond_gaussian),
    ),
    Trial(
        *("two seeds, by lot", "10_neurons", "directions that are there"),
        *(GAUSSIAN, features.beyond_random),
    ),
    Trial(
        *("small FVU", "10_neurons", "directions that are there"), *(GAUSSIAN, features.fits, True)
    ),
    Trial(
        *("direction of two seeds", "10_neurons", "a direction that is there"),
        *("a direction that is not", directions.of_two_seeds),
    ),
    Trial(
        *("every live direction", "10_neurons", "a direction that is there"),
        *("a direction that is not", directions.every_live, True),
    ),
    Trial(
        *("calibration, 36 answers", "11_report", "an overconfident forecaster"),
        *("a calibrated one", forecasts.overconfidence),
    ),
    Trial(
        *("calibration, 10 of 95 %", "11_report", "who is right in .6, not .95"),
        *("who means it", forecasts.ten_sure),
    ),
    Trial(
        *("one bad answer", "11_report", "an overconfident forecaster"),
        *("a calibrated one", forecasts.one_bad_answer, True),
    ),
)


def trial(name: str) -> Trial:
    """The trial of that name.

    Raises:
        PlantEduError: if there is none; lists those that there are.
    """
    known = {one.name: one for one in TRIALS}
    require(name in known, f"No method on the card is called {name!r}; there are {list(known)}.")
    return known[name]
