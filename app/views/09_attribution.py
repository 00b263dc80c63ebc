"""Lesson 09: does the map point at what the model uses?"""

from collections.abc import Callable

from app import session
from app.labs.attribution.attribute import explain_pairs
from app.labs.attribution.evaluation import cascades, graded, sensors
from app.labs.attribution.guess import guess, remind
from app.page import laboratory, opening


def _after_guesses(lab: Callable[[], None]) -> Callable[[], None]:
    """A lab below what the learner guessed in the first tab."""

    def shown() -> None:
        remind()
        lab()

    return shown


LABS = {
    "Guess first": guess,
    "Map a pair": _after_guesses(explain_pairs),
    "Report": _after_guesses(graded),
    "Sensors and factors": _after_guesses(sensors),
    "Randomise the weights": _after_guesses(cascades),
}
NULLS = (
    "Drawn beside each result: the same method on random weights, an edge map and a uniform map "
    "(and a centre Gaussian, inverse luminance and the leaf mask), the difference from the "
    "reference picture, plain and squared, networks without the cue, do(soil), and a random order "
    "of the pixels."
)

lesson = session.lesson("09_attribution")
session.ensure_worker("analysis")  # warms up while the learner reads
opening(lesson)

laboratory(lesson, LABS, NULLS)
