"""The causes that a loss curve of the clinic can have, in words for learners.

Each says what gives the cause away, which test settles it, and what it is taken for.
"""

from dataclasses import dataclass

from plantedu.errors import require


@dataclass(frozen=True)
class Cause:
    """One diagnosis.

    Attributes:
        key: Its name in code.
        label: How a page calls it.
        gives_away: What it looks like in the tests.
        settles: Name of the test that settles it.
        taken_for: What it is confused with, and why.
    """

    key: str
    label: str
    gives_away: str
    settles: str
    taken_for: str

    @property
    def reasoning(self) -> str:
        """All of it as one text."""
        return f"{self.gives_away} {self.taken_for}"


CAUSES: tuple[Cause, ...] = (
    Cause(
        "queue_switch",
        "a queue was switched on",
        "H(q) falls at once, because more columns share out the prototypes and each code may be "
        "sharper. The ruler of the run's end lies below the ruler of its start all along, also "
        "before the moment: the two never measured the same thing. Under the first ruler the "
        "weights do not get better at the moment; they often get worse.",
        "last",
        "It is taken for learning, because the displayed loss plunges and stays low for a while. "
        "A ruler that is held fixed tells them apart.",
    ),
    Cause(
        "rate_restart",
        "the learning rate was restarted",
        "The learning rate jumps from one row to the next, and every part moves further per step "
        "from there on. The loss worsens first, under every ruler alike.",
        "rate",
        "It is taken for a change of the data: both make every ruler jump. The rate is in every "
        "log, so look there first.",
    ),
    Cause(
        "prototypes_released",
        "the prototypes were released",
        "The last part stands still, exactly, and then moves. Nothing else in the log jumps; the "
        "loss only begins to fall a little faster.",
        "moved",
        "It is taken for nothing at all, because the curve hardly shows it.",
    ),
    Cause(
        "data_switched",
        "other data were fed",
        "The pictures' means, contrast or agreement between the sensors change from one row to the "
        "next. On plants as they were fed at the start the loss gets worse afterwards, on plants "
        "as they are fed at the end it gets better.",
        "pictures",
        "It is taken for a restart of the learning rate. Where the new data look alike on average "
        "(no diseased plants any more), the pictures' means hardly move and the two rulers must "
        "tell.",
    ),
    Cause(
        "batch_changed",
        "the batch size was changed",
        "The rows of a step change. Under SwAV that moves the floor ln(K/N) and so the loss; in a "
        "classifier only the noise of the curve changes.",
        "batch",
        "It is taken for the queue, which moves the same floor, or for other data.",
    ),
    Cause(
        "batchnorm_mode",
        "batch norm changed its mode",
        "The running statistics stand still from the moment on, exactly. The displayed loss goes "
        "over from the curve in training mode to the curve in evaluation mode.",
        "moved",
        "It is taken for a small change of the data: the weights are the same, but each picture is "
        "normalised otherwise.",
    ),
    Cause(
        "smoothing",
        "the smoothing of the log changed",
        "The raw loss has no step where the displayed one has. A reset average, or an average "
        "with another memory, made it.",
        "raw",
        "It is taken for anything at all until the raw loss is looked at. It costs one.",
    ),
    Cause(
        "logging_gap",
        "rows are missing while training went on",
        "The step counter jumps between two neighbouring rows. Nothing happened at that moment; "
        "what lies between was not written down.",
        "steps",
        "It is taken for a sudden change, because the curve is drawn over the row number.",
    ),
    Cause(
        "label_leak",
        "the label leaked into the pictures",
        "The displayed loss falls, and so does the loss on held-out plants that carry the leak. On "
        "held-out plants as they were fed at the start it rises: the network stops looking at "
        "the plant.",
        "first",
        "It is taken for a real transition, because the weights really learn something: a mark in "
        "the corner.",
    ),
    Cause(
        "escape",
        "a real escape from a plateau",
        "Nothing in the schedule changes. The fixed ruler falls with the displayed loss, and the "
        "probe's accuracy on held-out plants rises with it.",
        "accuracy",
        "It is taken for a change of the objective, or for nothing, where the fall is slow.",
    ),
    Cause(
        "grokking",
        "grokking",
        "Accuracy on the training rows has been 1 for long, while held-out accuracy was at chance. "
        "Then held-out accuracy rises to 1, with nothing changed in the schedule.",
        "accuracy",
        "It is taken for an escape from a plateau; there, training and held-out accuracy rise "
        "together.",
    ),
    Cause(
        "nothing",
        "nothing at all",
        "Every test that was ordered goes on as before. What looks like a bump is noise or the "
        "slow trend of training.",
        "first",
        "It is taken for whatever one hoped to find. Where no test shows a change, say nothing.",
    ),
)
KEYS: tuple[str, ...] = tuple(one.key for one in CAUSES)


def cause(key: str) -> Cause:
    """The cause of this name.

    Raises:
        PlantEduError: for one that is not there.
    """
    require(key in KEYS, f"No cause is called {key!r}; there is {', '.join(KEYS)}.")
    return CAUSES[KEYS.index(key)]
