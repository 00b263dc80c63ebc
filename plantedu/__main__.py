"""`python -m plantedu NAME ...`: every analysis and every job of the house in a terminal.

A command is a module with a `main(argv)`. Analyses are found by their file name, so adding one
is adding a file to `plantedu/analysis/`.
"""

import importlib
import sys
from pathlib import Path

from plantedu.errors import PlantEduError

COMMANDS = {
    "pairs": ("plantedu.commands.pairs", "make, check: render or audit a challenge folder"),
    "train": ("plantedu.commands.train", "train SwAV on pairs, with live probes"),
    "find-lr": ("plantedu.commands.find_lr", "which learning rate: four rules over seeds"),
    "finetune": ("plantedu.commands.finetune", "train a classifier from an encoder, four ways"),
    "denoise": ("plantedu.commands.denoise", "train a denoiser on what encoders say"),
    "challenge": ("plantedu.commands.challenge", "enter the rice challenge: folds, submission"),
    "sweep": ("plantedu.commands.sweep", "train every row of a grid; resumable"),
    "checkpoints": ("plantedu.commands.checkpoints", "list, verify, rebuild, add shipped weights"),
    "serve": ("plantedu.commands.serve", "the course on this machine; --room for a network"),
    "host": ("plantedu.commands.host", "load, snapshot, restore: the course for many"),
    "report-card": (
        "plantedu.topics.report_card.report_card",
        "grade every method on planted worlds",
    ),
    "report": ("plantedu.commands.report", "export a learner's report; verify one; claims"),
    "check": ("plantedu.commands.check", "judge an answer to an exercise, as the page does"),
    "runs": ("plantedu.commands.runs", "list, show, cancel, resume, export, delete runs; disk"),
}


def analyses() -> dict[str, str]:
    """Module of each analysis by its command name."""
    folder = Path(__file__).parent / "analysis"
    files = sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))
    return {stem: f"plantedu.analysis.{stem}" for stem in files}


def usage() -> str:
    """The list of commands, one a line."""
    lines = [f"  {name:<12} {text}" for name, (_, text) in COMMANDS.items()]
    lines += [f"  {name:<12} analysis; see its --help" for name in analyses()]
    return "usage: python -m plantedu COMMAND [options]\n\n" + "\n".join(lines)


def main(argv: list[str] | None = None) -> int:
    """Run one command; errors that users can mend are one sentence, without a traceback."""
    words = sys.argv[1:] if argv is None else argv
    if not words or words[0] in {"-h", "--help"}:
        print(usage())
        return 0
    modules = {name: module for name, (module, _) in COMMANDS.items()} | analyses()
    if words[0] not in modules:
        print(f"plantedu: no command {words[0]!r}.\n{usage()}", file=sys.stderr)
        return 2
    try:
        return int(importlib.import_module(modules[words[0]]).main(words[1:]) or 0)
    except PlantEduError as error:
        print(f"plantedu {words[0]}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"plantedu {words[0]}: stopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
