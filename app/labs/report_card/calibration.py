"""The learner's own report: how sure, how often right, by lesson and by habit."""

from textwrap import shorten

import streamlit as st

from app import session
from app.captions import caption
from app.claims import show_claim
from app.page import downloads, draw
from plantedu.charts.forest import forest_chart
from plantedu.charts.reliability import reliability_chart
from plantedu.course.calibration import Calibration, Group, calibration
from plantedu.statistics.brier import FEWEST, TAIL, Reliability

COMMAND = "python -m plantedu report verify YOUR-REPORT.zip"


def predictions() -> None:
    """The reliability diagram, the score in its parts, lessons and habits."""
    lessons = session.lessons()
    found = calibration(session.predictions().of(session.learner()).values(), lessons)
    if found is None:
        _empty(len([p for lesson in lessons for p in lesson.predictions]))
        return
    show(found, "mine")


def _empty(asked: int) -> None:
    """What an empty record teaches."""
    st.info(
        f"You have revealed no prediction yet; the course asks {asked}. Open a lesson, lock an "
        "answer with a confidence, then show the answer.",
        icon=":material/lock_open:",
    )
    st.markdown(
        "What you will see here: of the answers that you called 70 % sure, how many were right? "
        "Who is right in 7 of 10 is *calibrated*; who is right in 5 of 10 is *overconfident*. "
        "Someone who always says 50 % on a yes-or-no question is perfectly calibrated as well, "
        "and tells nobody anything. So the score has parts: **reliability** (do words match "
        "shares?), **resolution** (can you tell what you know from what you guess?), and "
        "**uncertainty** (how hard the questions were for you)."
    )


def _informed(found: Calibration) -> str:
    left = f", {found.informed} not counted: locked after Explain was open"
    return left if found.informed else ""


def show(found: Calibration, key: str) -> None:
    """All of it, beside the coin, the base rate and the even spread."""
    p, whole = found.parts, found.whole
    st.markdown(
        f"**{p.n} revealed answers**{_about(p)} ({found.waiting} still locked{_informed(found)}). "
        f"Right: **{_right(p)}**, at random {whole.right.null:.0%}. Mean confidence: "
        f"**{p.said:.0%}**. "
        f"Verdict: **{p.verdict}**."
    )
    caption(_tested(p))
    drawing = reliability_chart(p, dark=session.dark())
    draw(drawing, f"{key} reliability")
    _parts(found)
    downloads(drawing, "reliability", COMMAND, f"{key} reliability")
    _groups("By lesson", found.lessons, f"{key} lessons")
    _groups("By habit (a prediction counts for each habit of its lesson)", found.habits,
            f"{key} habits")  # fmt: skip


def _about(p: Reliability) -> str:
    return "" if p.units == p.n else f" to {p.units} questions"


def _right(p: Reliability) -> str:
    """A share where it says something, else counts."""
    count = round(p.base_rate * p.n)
    return f"{p.base_rate:.0%}" if p.units >= FEWEST else f"{count} of {p.n}"


def _tested(p: Reliability) -> str:
    """What the verdict rests on."""
    if p.units < FEWEST:
        return f"With fewer than {FEWEST} answers every verdict would be a guess about a guesser."
    over = p.p_over <= p.p_under
    chance, many = (p.p_over, "few") if over else (p.p_under, "many")
    one = "" if p.units == p.n else " Answers to one question count as one: all meet the same trap."
    return (
        f"If every confidence is meant, so {many} right answers, or fewer still, come by chance in "
        f"{chance:.1%} (exact); {TAIL:.1%} or less is a verdict.{one}"
    ).replace("fewer still", "fewer still" if over else "more still")


def _parts(found: Calibration) -> None:
    p, whole = found.parts, found.whole
    total = p.reliability - p.resolution + p.uncertainty
    st.markdown(
        f"| | score | what it is |\n|---|---|---|\n"
        f"| ½ Brier, chosen answer right or not | **{p.brier:z.3f}** | 0 to 1; a coin: "
        f".250; always saying the base rate: {p.uncertainty:z.3f} |\n"
        f"| reliability | {p.reliability:z.3f} | 0 is best; {p.expected_reliability:z.3f} comes by "
        "chance with so few answers |\n"
        f"| resolution | {p.resolution:z.3f} | more is better |\n"
        f"| uncertainty | {p.uncertainty:z.3f} | what the base rate scores |\n"
        f"| reliability - resolution + uncertainty | {total:z.3f} | the first line again |\n"
        f"| Brier, all options | **{whole.score.value:z.3f}** | 0 to 2; spreading evenly: "
        f"{whole.score.null:z.3f} |\n"
    )


def _groups(title: str, groups: tuple[Group, ...], key: str) -> None:
    if not groups:
        return
    st.markdown(
        f"**{title}.** Less is better; the tick is spreading evenly. Lines of {FEWEST} questions "
        "and more have an interval."
    )
    drawing = forest_chart(
        [(f"{shorten(g.name, 20, placeholder='...')} ({g.answers})", g.score) for g in groups],
        unit="Brier score",
        dark=session.dark(),
    )
    draw(drawing, key)


def claims() -> None:
    """Every claim of the learner, by lesson."""
    made = session.claims().of(session.learner())
    if not made:
        st.info(
            "You have claimed nothing yet. At the end of each lesson is a form: one sentence, the "
            "number that carries it, and what would change your mind. A number without a null is "
            "refused, so a claim here is one that you could defend before a reviewer.",
            icon=":material/gavel:",
        )
        return
    titles = {lesson.stem: f"{lesson.number} {lesson.title}" for lesson in session.lessons()}
    for one in made:
        caption(titles.get(one.lesson, one.lesson))
        show_claim(one, " of all")
