"""Two more operators of a checkpoint: the prototype transition, and the head's Jacobian."""

import streamlit as st

from app import session
from app.captions import caption
from app.experiment import drawn, part, recorded
from app.labs.spectrum.eigenvalues import checkpoint, measured_here
from app.page import downloads, draw
from plantedu.serialization import command_line
from plantedu.topics.spectrum.results.jacobian import JacobianResult
from plantedu.topics.spectrum.results.prototypes import PrototypesResult


def codes() -> None:
    """Which prototype predicts which, across the sensors."""
    st.markdown(
        "Row $k$ of $T$: what the *other* sensor predicts for plants of code $k$. Square by "
        "nature, and nothing was fitted. The eigenvalue 1 that every such matrix has is left out."
    )
    name = checkpoint("codes")
    read = PrototypesResult.from_json
    recorded("07_prototypes", part(name, read), _codes)
    measured_here("prototypes", "codes", read, _codes)


def _codes(found: PrototypesResult, key: str) -> None:
    pairs = {
        "X1's code in X2": found.agreement,
        "in X1 itself": found.ceiling,
        "random init": found.random_init,
    }
    with st.container(horizontal=True):
        for words, one in pairs.items():
            delta = f"shuffled {one.null:z.3f}"
            st.metric(words, f"{one.value:z.3f}", delta, "off", delta_arrow="off")
        st.metric(
            "Groups that hold", found.groups, "beyond shuffled pairs", "off", delta_arrow="off"
        )
    drawing, gram = found.chart(dark=session.dark()), found.gram_chart(dark=session.dark())
    left, right = st.columns([11, 10], gap="medium")
    with left:
        st.markdown("**Transition.** Grey rings: shuffled pairs.")
        draw(drawing, f"{key} codes")
    with right:
        low, high = found.edges
        st.markdown(
            "**Gram matrix.** Its S is 1 whatever the prototypes are; only its spectrum says "
            f"something. Noise lies between {low:z.2f} and {high:z.2f} (Marchenko-Pastur)."
        )
        draw(gram, f"{key} gram")
    caption(f"Mean $q \\cdot p$ of a plant, and eigenvalues. {found.agreement.caption()}.")
    for line in found.says:
        caption(f":material/info: {line}")
    words = f"python -m plantedu spectrum prototypes {found.checkpoint}"
    downloads(drawing, "prototypes", f"{words} {command_line(found.settings)}", key)


def head() -> None:
    """Singular values of the projection head."""
    st.markdown(
        "The head turns 512 numbers into 64. Its Jacobian $\\partial z / \\partial h$ is "
        "rectangular: **it has singular values and no eigenvalues.** How many directions of $h$ "
        "does it listen to, and to the same ones at both pictures of a plant?"
    )
    name = checkpoint("head")
    read = JacobianResult.from_json
    recorded("07_jacobian", part(name, read), _head)
    measured_here("jacobian", "head", read, _head)


def _head(found: JacobianResult, key: str) -> None:
    with st.container(horizontal=True):
        for words, one, null in (
            ("Directions it hears", found.heard, f"random init {found.heard.null:z.1f}"),
            ("Overlap, X1 with X2", found.overlap, f"other plant {found.overlap.null:z.2f}"),
            ("Random-init head", found.random_overlap, f"at random {found.at_random:z.3f}"),
        ):
            st.metric(words, f"{one.value:z.2f}", null, "off", delta_arrow="off")
    drawing = found.chart(dark=session.dark())
    command = f"python -m plantedu spectrum jacobian {found.checkpoint} "
    command += command_line(found.settings)
    drawn(drawing, f"{key} head", command, name="jacobian")
    caption(f"Null of the overlap: {found.overlap.control}. {found.heard.caption()}.")
