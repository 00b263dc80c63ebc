"""The hidden-shortcut finder as a section of `examine`, in words and numbers.

Source: Geirhos et al. 2020, arXiv:2004.07780 [geirhos2020]. Lesson: 08_attacks.
"""

from plantedu.own.examination.asked import Asked
from plantedu.own.examination.hidden import LEAST, Hidden, hidden
from plantedu.own.finding import Finding


def hidden_section(asked: Asked) -> Finding:
    """Whether predictions follow something at the border or the light of the pictures.

    Args:
        asked: Model and labelled pictures.

    Raises:
        PlantEduError: for too few pictures of a class.
    """
    changed, tried = (96, 4) if asked.quick else (192, 6)
    found = hidden(
        *(asked.head, asked.x, asked.labels),
        seed=asked.seed,
        changed=changed,
        tried=tried,
    )
    lines = []
    for one in found.followed:
        lines.append((one.cue, one.moved))
        if one.beyond is not None:
            lines.append((f"{one.cue}, beyond the inside", one.beyond))
    return Finding(
        title=f"Do predictions of {found.head} follow something beside the object?",
        unit="share of predictions that follow the exchanged cue",
        lines=tuple(lines),
        notes=_with(notes_on(found), asked.head_left),
        settings={"n": found.pictures, "changed": found.changed, "tried": len(found.followed)},
    )


def _with(said: list[str], head_left: str) -> tuple[str, ...]:
    """What was found, why the own head was not asked, and what is not excluded."""
    return (*said[:-1], *([head_left] if head_left else []), said[-1])


def notes_on(found: Hidden) -> list[str]:
    """What was found, in sentences."""
    said = [
        f"FOUND: predictions follow {one.cue}. It names the class in the pictures by itself, and "
        f"when it is exchanged between classes {one.moved.value:.0%} of the predictions go along. "
        "If your object does not stand there, this is a shortcut. Look at these places."
        for one in found.found
    ]
    named = [one for one in found.named if one.p <= 0.05]
    best = found.named[0]
    if not named:
        said.append(
            f"No place at the border and no light names the class by itself (best: {best.cue}, "
            f"{best.right:z.2f} right beside {best.null:z.2f}, p = {best.p:z.3f} over all "
            f"{len(found.named)}). Nothing was exchanged."
        )
    elif not found.found:
        said.append(
            f"{len(named)} of {len(found.named)} places or lights name the class by themselves "
            f"(best: {best.cue}, {best.right:z.2f} right beside {best.null:z.2f}), but predictions "
            f"do not follow those that were exchanged: less than {LEAST:.0%}, or no more than "
            "equal places inside the picture."
        )
    said.append(
        "Cues inside the picture, or of another kind, are not among the candidates: they are not "
        "excluded by this."
    )
    return said
