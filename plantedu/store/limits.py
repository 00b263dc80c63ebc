"""What one learner may ask of a machine that many share. A learner's own laptop has fewer limits.

`PLANTEDU_HOSTED=1` says that many share this one: then each learner may have few runs waiting,
asks for few a minute, sees only runs that they have a share in, and a training that others wait
behind gives way after some minutes and goes on later, from its checkpoint.
"""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds on what is asked; 0 is no bound.

    Attributes:
        waiting: Runs that one learner may have in the queue of a lane.
        a_minute: New runs that one learner may ask for within a minute.
        party: Runs that the learners of one address may have in the queue of a lane; thrice as
            many new ones within a minute. A room of forty behind one address fits in.
        room: The same for the learners of one class.
        line: Runs that may wait in a lane altogether, more only for who has less than a fair part.
        turn: Seconds that a training may go on while others wait behind it.
        analysis: Seconds that an analysis may take.
        private: Whether a learner sees and touches only runs that they have a share in.
    """

    waiting: int
    a_minute: int = 0
    party: int = 0
    room: int = 0
    line: int = 0
    turn: float = 0.0
    analysis: float = 3600.0
    private: bool = False


ALONE = Limits(waiting=5)
HOSTED = Limits(
    waiting=2,
    a_minute=10,
    party=40,
    room=60,
    line=120,
    turn=420.0,
    analysis=600.0,
    private=True,
)


def limits() -> Limits:
    """The limits of this machine, by the environment."""
    return ALONE if os.environ.get("PLANTEDU_HOSTED", "") in ("", "0") else HOSTED


def in_words(bounds: Limits) -> str:
    """What a learner should know of the limits, in sentences."""
    sentences = [f"You may have {bounds.waiting} runs waiting at once"]
    if bounds.a_minute:
        sentences[0] += f", and ask for {bounds.a_minute} new ones a minute"
    sentences.append("Whoever asks for the same shares one run")
    sentences.append("Learners take turns, and short figures do not wait for trainings")
    if bounds.turn:
        sentences.append(
            f"A training that others wait behind gives way after {bounds.turn / 60:.0f} minutes, "
            "and goes on from its checkpoint"
        )
        sentences.append(f"An analysis may take {bounds.analysis / 60:.0f} minutes")
    if bounds.private:
        sentences.append("Only you see your runs; the address of this page is your key, keep it")
    return ". ".join(sentences) + "."
