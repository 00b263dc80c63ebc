"""The guess before any explanation: which of two maps belongs to the trained network?"""

import streamlit as st

from app import session
from app.captions import caption
from app.experiment import recorded
from app.optional_writes import kept
from plantedu.topics.attribution.results.guessing import Game, Round
from plantedu.topics.attribution.results.method_comparison import SAYS_ROW

BOOK = "guesses of lesson 09"  # where they are kept, beside exercises


def guess() -> None:
    """All rounds in one form; the answers after it is sent, once."""
    recorded("09_guess", Game.from_json, _play)


def _play(game: Game, key: str) -> None:
    st.markdown(
        "*Each row: one plant, and two maps made by the same method. One explains a network that "
        "tells healthy from diseased; the other one explains the same network with random weights. "
        "Bright is what matters. Which is the trained one?*"
    )
    if given := _given(len(game.rounds)):
        _answers(game, given)
    else:
        _form(game)


def remind() -> None:
    """A line above what explains, for those who have not guessed yet."""
    if not _given():
        caption("You have not guessed yet; the first tab asks before anything is explained.")


def _form(game: Game) -> None:
    with st.form("guessing", border=False):
        given = [_round(k, one) for k, one in enumerate(game.rounds)]
        sent = st.form_submit_button("Lock my guesses", icon=":material/lock:")
    if not sent:
        return
    if None in given:
        st.warning("Say A or B in every row; a guess is enough.")
        return
    guesses = "".join(str(one).lower() for one in given)
    st.session_state[BOOK] = guesses
    kept(lambda: session.progress().solved(session.learner(), BOOK, guesses))
    st.rerun()


def _given(rounds: int = 0) -> list[str]:
    """The guesses that were locked first, kept when the page or the machine is left."""
    locked = session.progress().solved_by(session.learner()).get(BOOK, set())
    found = sorted(locked) or [st.session_state.get(BOOK, "")]
    return list(found[0]) if not rounds or len(found[0]) == rounds else []


def _round(number: int, one: Round) -> str | None:
    """The pictures of a round, and the choice."""
    _row(number, one)
    return st.segmented_control(
        f"Row {number + 1}: which map is the trained network's?",
        ("A", "B"),
        key=f"guess {number}",
    )


def _row(number: int, one: Round) -> None:
    captions = {
        "rgb": "RGB",
        "a rgb": "A on RGB",
        "b rgb": "B on RGB",
        "rgn": "RGN",
        "a rgn": "A on RGN",
        "b rgn": "B on RGN",
    }
    with st.grid(6, min_column_width=96, gap="xsmall"):
        for name, words in captions.items():
            with st.container():
                alt = f"Row {number + 1}: {words}, plant {one.plant}"
                st.image(one.pictures[name], width="stretch", alt=alt)
                caption(words)


def _answers(game: Game, given: list[str]) -> None:
    right = game.right(given)
    st.success(
        f"{sum(right)} of {len(right)} guesses are correct; {len(right) / 2:g} would be by chance."
    )
    rows = [
        {
            "row": str(k + 1),
            "method": SAYS_ROW[one.row],
            "trained": one.trained.upper(),
            "your guess": guessed.upper(),
            "right": "yes" if ok else "no",
        }
        for k, (one, guessed, ok) in enumerate(zip(game.rounds, given, right, strict=True))
    ]
    st.dataframe(rows, hide_index=True, alt="Your guesses, row by row")
    caption(
        "A map that looks like a leaf is no evidence: a random network's map looks like one as "
        "well. The report asks in numbers what the eye was asked here."
    )
    for k, one in enumerate(game.rounds):
        with st.expander(f"Row {k + 1}: {SAYS_ROW[one.row]}, trained: {one.trained.upper()}"):
            _row(k, one)
