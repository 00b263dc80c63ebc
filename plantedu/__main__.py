"""`python -m plantedu TOPIC METHOD ...`: every method and every job of the course in a terminal.

Methods stand in `topics.methods`; what else there is in COMMANDS. The names that methods had before
still work for one release.
"""

import importlib
import sys
import warnings
from typing import Any

from plantedu.errors import PlantEduError
from plantedu.topics.methods import METHODS, TOPICS, of_kind, of_words

COMMANDS = {
    "pairs": ("plantedu.commands.pairs", "make, check: render or audit a challenge folder"),
    "own": ("plantedu.commands.own", "your model, your pictures: similarity, probe, attack, ..."),
    "file": ("plantedu.commands.file", "a file in, a sentence out: split, seeds, features, rank"),
    "train": ("plantedu.commands.train", "train SwAV on pairs, with live probes"),
    "find-lr": ("plantedu.commands.find_lr", "which learning rate: four rules over seeds"),
    "finetune": ("plantedu.commands.finetune", "train a classifier from an encoder, four ways"),
    "denoise": ("plantedu.commands.denoise", "train a denoiser on what encoders say"),
    "challenge": ("plantedu.commands.challenge", "enter the rice challenge: folds, submission"),
    "sweep": ("plantedu.commands.sweep", "train every row of a grid; resumable"),
    "checkpoints": ("plantedu.commands.checkpoints", "list, verify, rebuild, add shipped weights"),
    "serve": ("plantedu.commands.serve", "the course on this machine; --room for a network"),
    "host": ("plantedu.commands.host", "load, snapshot, restore: the course for many"),
    "examine": ("plantedu.commands.examine", "your own model on your own pictures: one report"),
    "report": ("plantedu.commands.report", "export a learner's report; verify one; claims"),
    "exercise": ("plantedu.commands.exercise", "write a method yourself, and have it checked"),
    "notebook": (
        "plantedu.commands.notebook",
        "a lesson as a Jupyter notebook; your-model, your-method",
    ),
    "check": ("plantedu.commands.check", "judge an answer to an exercise, as the page does"),
    "runs": ("plantedu.commands.runs", "list, show, cancel, resume, export, delete runs; disk"),
}
CARD = "report-card"  # a topic of one method, called by its own name
OWN = ("--own", "plantedu.commands.own_method")  # the same card for a method of one's own


def methods_of(topic: str) -> dict[str, str]:
    """Methods of a topic by name, each in a line."""
    return {one.name: one.about for one in METHODS if one.topic == topic.replace("-", "_")}


def usage() -> str:
    """Topics and commands, one a line."""
    topics = [f"  {name.replace('_', '-'):<12} {about}" for name, about in TOPICS.items()]
    commands = [f"  {name:<12} {about}" for name, (_, about) in COMMANDS.items()]
    return "\n".join(
        [
            *("usage: python -m plantedu TOPIC METHOD [options]", ""),
            *("Topics; `python -m plantedu TOPIC` lists its methods:", *topics, ""),
            *("Commands:", *commands),
        ]
    )


def usage_of(topic: str) -> str:
    """The methods of a topic, one a line."""
    lines = [f"  {name:<20} {about}" for name, about in methods_of(topic).items()]
    if topic == "pairs":
        lines += [f"  {'make, check':<20} render or audit a challenge folder"]
    return "\n".join([f"usage: python -m plantedu {topic} METHOD [options]", "", *lines])


def resolve(words: list[str]) -> tuple[str, list[str]]:
    """The module of a command, and the words that are left for it.

    Raises:
        PlantEduError: for a command that is not there.
    """
    first, second = words[0], words[1] if len(words) > 1 else ""
    if first == CARD and any(word.split("=")[0] == OWN[0] for word in words):
        return OWN[1], words[1:]
    if (method := of_words(first, CARD if first == CARD else second)) is not None:
        return method.module, words[1:] if first == CARD else words[2:]
    if (method := of_kind(first.replace("-", "_"))) is not None:
        print(f"plantedu: {first} is called `{method.words}` now.", file=sys.stderr)
        return method.module, words[1:]
    if first in COMMANDS:
        return COMMANDS[first][0], words[1:]
    if first in (name.replace("_", "-") for name in TOPICS):
        raise PlantEduError(f"no method {second!r} in {first}.\n{usage_of(first)}")
    raise PlantEduError(f"no command {first!r}.\n{usage()}")


def joined(words: list[str]) -> list[str]:
    """Words with a learner's token beside its option: a token may begin with a dash."""
    found, rest = [], iter(words)
    for word in rest:
        token = next(rest, None) if word == "--learner" else None
        found.append(word if token is None else f"{word}={token}")
    return found


def plainly(message: Warning | str, category: type[Warning], *rest: Any) -> None:
    """A warning to a person as its sentence alone; others as Python writes them."""
    for_people = category is UserWarning
    text = (
        f"plantedu: {message}\n"
        if for_people
        else warnings.formatwarning(message, category, *rest[:2])
    )
    sys.stderr.write(text)


def main(argv: list[str] | None = None) -> int:
    """Run one command; errors that users can mend are one sentence, without a traceback."""
    words = sys.argv[1:] if argv is None else argv
    if not words or words[0] in {"-h", "--help"}:
        print(usage())
        return 0
    helps = words[1:] in ([], ["-h"], ["--help"])
    if helps and words[0] != CARD and methods_of(words[0]):
        print(usage_of(words[0]))
        return 0
    try:
        module, left = resolve(joined(words))
    except PlantEduError as error:
        print(f"plantedu: {error}", file=sys.stderr)
        return 2
    try:
        found = importlib.import_module(module)
        act = found.METHOD.main if hasattr(found, "METHOD") else found.main
        with warnings.catch_warnings():
            warnings.showwarning = plainly
            return int(act(left) or 0)
    except PlantEduError as error:
        print(f"plantedu {words[0]}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"plantedu {words[0]}: stopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
