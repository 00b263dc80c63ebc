"""Train the encoders that lesson 06's sensitivity is measured on, into PLANTEDU_HOME/told.

    OMP_NUM_THREADS=1 uv run python -m experiments.multitask_encoders [ENCODERS]     # resumable

ENCODERS (2) for each factor left out, and eight of all factors. Half a minute of one core each: 2
take about 8 minutes, 6, which an exact test after correction needs, about 16.
"""

import sys

from plantedu.jobs.threads import share_cores
from plantedu.store.paths import home
from plantedu.topics.method import Context
from plantedu.topics.similarity.multitask_features import train_missing
from plantedu.topics.similarity.sensitivity import ENCODERS


def main(words: list[str]) -> None:
    share_cores()
    encoders = int(words[0]) if words else 2
    context = Context(progress=lambda said: print(said, flush=True))
    train_missing(home() / ENCODERS, home() / "bank", encoders, context)


if __name__ == "__main__":
    main(sys.argv[1:])
