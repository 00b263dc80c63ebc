"""Every method of the course: the topic it belongs to, its name there, and where it is.

`python -m plantedu TOPIC NAME` runs it, and a worker does it under its `kind`. A kind outlives the
names: runs in a learner's store and committed results were asked for by it, and as a command it
still works for one release. Nothing is imported here.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """Where a method is.

    Attributes:
        topic, name: The two words of its command.
        kind: What the store calls a run of it, and what its command was before.
        module: With its `main`, and a `job` where a worker does it.
        about: In one line.
    """

    topic: str
    name: str
    kind: str
    about: str

    @property
    def module(self) -> str:
        """Dotted name of the module."""
        return f"plantedu.topics.{self.topic}.{self.name}".replace("-", "_")

    @property
    def words(self) -> str:
        """The words of its command; a topic of one method is called by its own name."""
        topic = self.topic.replace("_", "-")
        return topic if self.name == topic else f"{topic} {self.name}"


TOPICS = {
    "pairs": "two pictures of one plant: what each camera sees, what gives a partner away",
    "probing": "what a linear probe reads, and what its own settings do to that",
    "bump": "where a loss steps, and what did it",
    "family": "maps of many plants, and what they keep",
    "generation": "pictures from a representation: what it keeps, what it lets go",
    "similarity": "when two representations are the same, and what fools a measure of it",
    "spectrum": "an algorithm in the projection head's eigenvalues, beside its nulls",
    "attacks": "which sensor can be fooled, and whether the other notices",
    "attribution": "whether maps point at what the network uses",
    "neurons": "units, dictionaries and exchanged activations: readable, or used?",
    "report_card": "every method of the course graded on fresh planted worlds",
}
METHODS = tuple(
    Entry(topic, name, kind, about)
    for topic, rows in {
        "pairs": (
            ("sensitivity", "sight", "which camera sees which factor"),
            ("partners", "partners", "do the two pictures belong together, and what tells"),
            ("channels", "pipe", "which camera was fed: the mean of every channel"),
        ),
        "probing": (
            ("readout", "readout", "what a linear probe finds in h and in z"),
            ("controls", "probing", "capacity, penalty, sample size and control task of a probe"),
        ),
        "bump": (
            ("detect", "bump", "where a loss steps, and which scheduled event could have done it"),
            ("diagnosis", "clinic", "the automatic diagnosis over fresh blinded cases"),
            ("objectives", "rulers", "every checkpoint under every objective"),
            ("fork", "fork", "two trainings from one checkpoint, one with the queue"),
            ("switch", "switch", "does the drop go where the switch goes?"),
            ("event", "crossing", "what changed across an event, beside a pair without one"),
            ("escape", "escape", "stages of one run through its escape from the plateau"),
            ("gradients", "gradients", "do two objectives pull the weights the same way?"),
            ("connectivity", "connectivity", "the loss between two checkpoints"),
            ("llc", "llc", "the local learning coefficient of a checkpoint"),
            ("grokking", "grokking", "a real sudden transition: modular addition"),
        ),
        "family": (("embedding", "embedding", "a map of plants by t-SNE, and what it keeps"),),
        "generation": (
            ("generate", "generate", "draw pictures from what one representation says"),
            (
                "sample-deviation",
                "deviation",
                "where samples differ, beside what do() moves",
            ),
            ("invariances", "kept", "what a representation keeps, factor by factor"),
            ("source-retrieval", "faithful", "do drawn pictures lead back to their source?"),
            ("effects", "effects", "do() changes one factor; what moves?"),
            ("matching", "matching", "matching pairs against mismatched ones"),
            ("encoder-comparison", "rivals", "which factors one encoder keeps and another not"),
            ("regressor-report", "reader", "the exam of the network that reads factors"),
        ),
        "similarity": (
            ("compare", "similarity", "pairs of representations beside their shuffled null"),
            ("failure-modes", "traps", "two ways to fool a similarity"),
            ("sensitivity", "grounding", "which measure notices one planted difference"),
        ),
        "spectrum": (
            ("eigenvalues", "spectrum", "eigenvalues of the map from sensor to sensor"),
            ("prototypes", "prototypes", "which prototype predicts which"),
            ("jacobian", "jacobian", "what a projection head lets through"),
            ("collapse", "collapse", "how many directions features fill"),
            ("planted-heads", "heads", "heads whose algorithm is planted, read off blindly"),
        ),
        "attacks": (
            ("attack-pairs", "attack", "one network, one goal, one budget, beside noise"),
            ("robustness", "robustness", "which sensor, which network, from which radius on"),
            ("transfer", "transfer", "does what fools one network fool another?"),
            ("agreement", "agreement", "does the other sensor notice?"),
            ("shortcut", "shortcut", "do attacks find a planted shortcut?"),
            ("active-tests", "active", "is the attack itself any good?"),
        ),
        "attribution": (
            ("attribute", "attribute", "one method's maps of fresh pairs"),
            ("method-comparison", "attribution", "every method graded beside blind maps"),
        ),
        "neurons": (
            ("units", "neurons", "every unit asked about every factor"),
            ("polysemy", "polysemy", "four kinds of encoder, with their nulls"),
            ("dictionary", "dictionary", "sparse autoencoders beside neurons"),
            ("steer", "steer", "what a feature of the dictionary does"),
            ("interchange", "interchange", "readable or used: exchanged activations"),
        ),
        "report_card": (("report-card", "report_card", "grade every method on planted worlds"),),
    }.items()
    for name, kind, about in rows
)


PAGE_JOBS = {  # what a worker does for a page and no command does: a kind, and its module
    "own_curve": "plantedu.topics.bump.own_curve",
    "neighbour_report": "plantedu.course.report_export.neighbour",
    "examine": "plantedu.own.examine_job",
}


def of_kind(kind: str) -> Entry | None:
    """The method that the store knows by this kind; None where there is none."""
    return next((one for one in METHODS if one.kind == kind), None)


def of_module(module: str) -> Entry | None:
    """The method that stands in this module; None where there is none."""
    return next((one for one in METHODS if one.module == module), None)


def of_words(topic: str, name: str) -> Entry | None:
    """The method that a command's two words name; None where there is none."""
    topic = topic.replace("-", "_")
    return next((one for one in METHODS if (one.topic, one.name) == (topic, name)), None)


def words_of_kind(kind: str) -> str:
    """The two words of the command of a kind, or the kind itself."""
    method = of_kind(kind)
    return kind if method is None else method.words
