"""Prediction, run and result in one place: what was said, what came, and what it stands beside."""

from plantedu.course.answers import Answer
from plantedu.course.blocks import Prediction
from plantedu.course.headlines import short
from plantedu.course.own_results import OwnNumber
from plantedu.course.predictions import Commitment

GONE = "The number behind this answer is not on this machine any more."


def loop_words(
    asked: Prediction, made: Commitment, own: OwnNumber | None, recorded: Answer | None
) -> str:
    """The sentences under an experiment, in Markdown: number, null, meaning.

    Args:
        asked: The prediction.
        made: What the learner said.
        own: What a run of theirs gave; None where they have none.
        recorded: What the course measured; None where it is not on this machine.
    """
    said = dict(asked.options)[made.choice].rstrip(".")
    words = [f"You said: *{said}*."]
    if own is not None:
        words.append(_own(asked, own, recorded))
    words.append(_recorded(recorded) if recorded is not None else GONE)
    return " ".join(words)


def _own(asked: Prediction, own: OwnNumber, recorded: Answer | None) -> str:
    nulls = "".join(f"; {control} {short(null)}" for control, null in own.nulls)
    other = recorded is not None and asked.settles.option(own.value) != recorded.key
    turn = " Yours went the other way." if other else ""
    return f"Your run `{own.run}`: **{short(own.value)}**{nulls}.{turn}"


def _recorded(recorded: Answer) -> str:
    one = recorded.evidence
    n = f"n = {one.n}" if one.seeds == 1 else f"n = {one.n}, {one.seeds} seeds"
    return f"Recorded: **{short(one.value)}**; {one.control} {short(one.null)} ({n})."
