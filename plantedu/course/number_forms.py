"""The number that a learner has written: one reader for every question that asks for one.

    24901   24,901   24.901   .5   0,5   -3   1/7   14%   14 percent   about .5   = 4   none

A comma stands for a decimal point or between thousands; where it may be either, both are read.
"""

import re

from plantedu.errors import PlantEduError

_LEAD = re.compile(r"^(about|around|roughly|ca\.?|~|\u2248|=)\s*", re.IGNORECASE)
_PERCENT = re.compile(r"\s*(%|per\s?cent)$", re.IGNORECASE)
_IN_WORDS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve"),
)
_NONE = ("none", "no", "nothing", "never")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}([,.\s]\d{3})+")


def numbers_in(answer: str, *, percent: bool = False) -> tuple[float, ...]:
    """Every number that an answer can be read as, the likeliest first.

    Args:
        answer: As it was typed.
        percent: Whether percents are asked for; elsewhere 14% is .14.

    Raises:
        PlantEduError: for what is no number.
    """
    text = _LEAD.sub("", answer.strip()).rstrip().removesuffix(".")
    text = text.replace("\u2212", "-").replace("\u202f", " ").replace("\xa0", " ")
    shares = bool(_PERCENT.search(text)) and not percent
    text = _PERCENT.sub("", text).strip()
    top, slash, below = text.partition("/")
    found = _read(top.strip())
    if slash:
        found = tuple(a / b for a in found for b in _read(below.strip()) if b)
    if not found:
        raise PlantEduError(f"A number is asked for, such as 0.5 or 1/7; got {answer!r}.")
    return tuple(one / 100 for one in found) if shares else found


def _read(text: str) -> tuple[float, ...]:
    """One number without a sign of division or percent."""
    said = text.lower()
    if said in _NONE or said in _IN_WORDS:
        return (float(0 if said in _NONE else _IN_WORDS.index(said)),)
    wholes = [re.sub(r"[,.\s]", "", text)] if _THOUSANDS.fullmatch(text) else []
    found = []
    for form in (*wholes, text.replace(",", ".")):
        try:
            found.append(float(form))
        except ValueError:
            continue
    return tuple(one for one in found if abs(one) < float("inf"))
