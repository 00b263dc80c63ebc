"""What judges the exercises: each is a computation on the answer, or on a run of the learner's.

An exercise names its check (`check=...`). A new exercise is one row in `CHECKS`.
"""

import math
from dataclasses import dataclass
from typing import Literal

from plantedu.course.validators import (
    Judge,
    Verdict,
    branches,
    compares_with_untrained,
    dissects_untrained,
    examines,
    forks,
    maps_a_run,
    maps_the_mark,
    near,
    rings,
    stands_at_ln_k,
    takes_the_shortcut,
    tunes_the_head,
    word,
)
from plantedu.errors import PlantEduError, require
from plantedu.store.store import Store


@dataclass(frozen=True)
class Check:
    """One judge.

    Attributes:
        name: What exercises call it.
        asks: "number", "word", or "run" (the id of a run in the store).
        prompt: Label of the field that the page shows.
        judge: The computation.
    """

    name: str
    asks: Literal["number", "word", "run"]
    prompt: str
    judge: Judge


def find_check(name: str) -> Check:
    """The check of that name.

    Raises:
        PlantEduError: if there is none; lists those that there are.
    """
    for one in CHECKS:
        if one.name == name:
            return one
    raise PlantEduError(f"No check is called {name!r}; there are {[c.name for c in CHECKS]}.")


def check(name: str, answer: str, *, store: Store | None = None) -> Verdict:
    """Judge an answer.

    Args:
        name: Name of the check, as the exercise gives it.
        answer: What the learner entered; a run's id where the check asks for a run.
        store: Where runs are, for checks that ask for one.

    Raises:
        PlantEduError: for an empty answer or one that is no number where a number is asked.
    """
    require(bool(str(answer).strip()), "There is no answer yet; enter one and press Check.")
    return find_check(name).judge(str(answer).strip(), store)


CHECKS = (
    Check(
        "private_to_rgn",
        "word",
        "Name of the factor",
        word("mesophyll", "Yes: only near-infrared light tells it, and RGB sees none."),
    ),
    Check(
        "luck_of_partners",
        "number",
        "Right guesses of 64",
        near(4, 0.5, "Yes: 4 or more come by luck in 2 of 100 shuffles, 3 or more in 8 of 100."),
    ),
    Check(
        "leaked_share",
        "number",
        "Share between 0 and 1",
        near(
            0.8, 0.011, "Yes: 4272 of the 5339 other rows, .80, are in training; so are the twins."
        ),
    ),
    Check(
        "mark_makes_lesions",
        "number",
        "Lesion pixels",
        near(0, 0.5, "Yes: none. The mark goes with disease; it does not cause it."),
    ),
    Check(
        "collapse_level",
        "number",
        "Loss",
        near(math.log(64), 0.01, "Yes: ln 64 = 4.159, the entropy of an even code."),
    ),
    Check("make_it_collapse", "run", "Your collapsed run", stands_at_ln_k),
    Check("shortcut_run", "run", "Your run on shared light", takes_the_shortcut),
    Check(
        "code_floor",
        "number",
        "Lowest H(q), in nats",
        near(math.log(3000 / 128), 0.01, "Yes: ln(3000/128) = 3.154, with no learning at all."),
    ),
    Check(
        "first_queue_step",
        "number",
        "Batch",
        near(24_901, 0.4, "Yes: after batch 24,900 the share is .5, which is not greater than .5."),
    ),
    Check(
        "floor_with_queue",
        "number",
        "Embeddings in the queue",
        near(496, 0.4, "Yes: 16 + 496 = 512, and ln(512/512) = 0."),
    ),
    Check("fork_a_run", "run", "Your fork", forks),
    Check(
        "finder_drop",
        "number",
        "Iteration",
        near(84, 0.4, "Yes: 83 of 166 batches are half; the next one uses the queue."),
    ),
    Check(
        "curve_alone",
        "number",
        "Share right, between 0 and 1",
        near(0.45, 0.09, "Yes: less than half. A curve says that something happened, not what."),
    ),
    Check(
        "best_of_twenty",
        "number",
        "Standard errors above the mean",
        near(1.867, 0.06, "Yes: about 1.87. The best of many looks good without being better."),
    ),
    Check("branch_a_run", "run", "Your branch", branches),
    Check(
        "noise_by_columns",
        "number",
        "Biased CKA of noise",
        near(0.5, 0.02, "Yes: 1 / (1 + 200/200) = .5, with no relation at all."),
    ),
    Check(
        "forced_ones",
        "number",
        "Correlations that are 1",
        near(51, 0.4, "Yes: 200 + 150 - 299 = 51 directions must be shared, whatever they hold."),
    ),
    Check(
        "smallest_p",
        "number",
        "Smallest p",
        near(0.01, 0.0004, "Yes: (1 + 0) / (1 + 99). With 19 shuffles it would be .05."),
    ),
    Check(
        "compare_untrained", "run", "Your comparison with random weights", compares_with_untrained
    ),
    Check("tune_the_head", "run", "Your run with the frozen encoder", tunes_the_head),
    Check(
        "prior_log_loss",
        "number",
        "Log loss, in nats",
        near(0.9708, 0.006, "Yes: .971, the entropy of the shares. Below it, a model knows more."),
    ),
    Check(
        "turn_score",
        "number",
        "S",
        near(0.5, 0.011, "Yes: cos 60 = .5. Every eigenvalue has that cosine, so their mean has."),
    ),
    Check(
        "circular_spread",
        "number",
        "Standard deviation of S",
        near(0.0117, 0.0006, "Yes: 3 / 256 = .0117, for independent numbers."),
    ),
    Check(
        "loop_by_construction",
        "number",
        "S",
        near(1, 0.001, "Yes: 1. Squared correlations are not negative, whatever the head did."),
    ),
    Check(
        "upper_edge",
        "number",
        "Upper edge",
        near(4, 0.01, "Yes: (1 + 1)^2 = 4. The largest of random directions lies near it."),
    ),
    Check("map_a_run", "run", "Your measured map", maps_a_run),
    Check(
        "eight_levels",
        "number",
        "Radius, share of the full range",
        near(8 / 255, 0.0004, "Yes: 8/255 = 0.0314."),
    ),
    Check(
        "linear_radius",
        "number",
        "Radius, grey levels of 255",
        near(5.1, 0.06, "Yes: 2/100 of the full range, 5.1 grey levels; a file needs 6."),
    ),
    Check(
        "default_loss",
        "word",
        "lower or higher",
        word("lower", "Yes: the slope of -log(s) is -1/s, which turns round where s is negative."),
    ),
    Check("ring_an_alarm", "run", "Your attack", rings),
    Check(
        "linear_path",
        "number",
        "Attribution of the first input",
        near(4, 0.01, "Yes: 2 (3 - 1) = 4. Measured from 0 it would be 6: the reference counts."),
    ),
    Check(
        "leaf_mask_mass",
        "number",
        "Relevance mass in the lesions",
        near(1 / 7, 0.004, "Yes: .10/.70 = .143, without having looked at the network."),
    ),
    Check(
        "complete_is_right",
        "word",
        "yes or no",
        word("no", "No: maps of random weights are complete, too. It is bookkeeping, not truth."),
    ),
    Check("map_the_mark", "run", "Your map", maps_the_mark),
    Check(
        "brier_of_wrong",
        "number",
        "Score",
        near(0.64, 0.004, "Yes: (.8 - 0)^2 = .64; a coin pays .25."),
    ),
    Check(
        "reliability_by_hand",
        "number",
        "Reliability",
        near(0.09, 0.004, "Yes: (.9 - .6)^2 = .09."),
    ),
    Check(
        "false_discoveries",
        "number",
        "Share, between 0 and 1",
        near(0.36, 0.006, "Yes: 4.5 of 12.5. How rare the thing is counts as well."),
    ),
    Check("examine_again", "run", "Your report card", examines),
    Check(
        "chance_of_rank",
        "number",
        "MRR of an order at random",
        near(25 / 48, 0.006, "Yes: 25/48 = .52. Say how large the gallery is beside every MRR."),
    ),
    Check(
        "draws_of_noise",
        "number",
        "Percent of held-out plants that lie nearer",
        near(100, 0.6, "Yes: all of them. The leaves that you see were made up."),
    ),
    Check(
        "guided_spread",
        "word",
        "larger, smaller or same",
        word("smaller", "Yes: guidance narrows what is drawn, and so hides what h let go."),
    ),
    Check(
        "untold_layer",
        "word",
        "X1 or X2",
        word("x1", "Yes: it never saw an RGN picture, so nothing that it says of one was learned."),
    ),
    Check(
        "selective_by_hand",
        "number",
        "Selectivity",
        near(0.714, 0.006, "Yes: (3 - .5) / (3 + .5) = .714. The rest is the mean of the others."),
    ),
    Check(
        "luck_of_factors",
        "number",
        "Share of units, between 0 and 1",
        near(0.182, 0.006, "Yes: 1 - .99^20 = .18. One unit in five is interesting by luck."),
    ),
    Check(
        "bias_of_information",
        "number",
        "Nats",
        near(0.0239, 0.0006, "Yes: 7 x 7 / 2,048 = .0239 nats, with no relation at all."),
    ),
    Check("dissect_untrained", "run", "Your dictionary of random weights", dissects_untrained),
)
