"""The lesson's claims over several seeds of the denoiser, each beside its null."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app import session
from app.captions import caption
from plantedu.errors import PlantEduError

# By tab, so that no tab settles a bet of another: what is said, where it stands, and its null, a
# place or a number.
CLAIMS: dict[str, dict[str, tuple[str, str | float]]] = {
    "kept": {
        "angle pinned by h": ("h/angle/pinned", "h/angle/null"),
        "h of a pair: pinned against do()": ("grades/kept/grade", 0.0),
        "h of X1: pinned against do()": ("grades/kept_rgb/grade", 0.0),
        "h of a pair: pinned against a linear probe": ("grades/kept/probe", 0.0),
    },
    "projector": {
        "R2 of the source, z less h": ("projector_drop/value", 0.0),
        "z of a pair: pinned against do()": ("grades/kept_z/grade", 0.0),
    },
    "matching": {
        "MRR of X1, other disease minus matching": ("matching/mrr x1, other disease/value", 0.0),
        "MRR of X1, same disease minus matching": ("matching/mrr x1, same disease/value", 0.0),
    },
    "encoders": {
        "MRR, self-supervised less supervised": ("supervised/mrr/value", 0.0),
    },
    "faithful": {
        "MRR by cross-1, which had no part in it": ("judged/cross-1/mrr", "chance"),
        "MRR by the conditioning encoder": ("judged/cross-0/mrr", "chance"),
        "MRR by cross-1, unconditional": ("judged/cross-1/nothing", "chance"),
    },
}


SMALL = 0.05  # a smaller mean is written with more decimals, to stand beside its null


def over_seeds(tab: str) -> None:
    """A line for each claim of a tab: its value by each denoiser, mean, interval over them, null.

    Args:
        tab: One of CLAIMS.
    """
    try:
        found = session.results("05_seeds")
    except PlantEduError:
        return
    count = found["seeds"]
    st.subheader(f"Over {count} seeds of the denoiser", anchor=False)
    st.dataframe(
        [line(says, found, *places) for says, places in CLAIMS[tab].items()],
        hide_index=True,
        key=f"claims over seeds {tab}",
        alt="Claims by each seed of the denoiser, their mean, interval and null",
    )
    caption(
        f"{', '.join(found['denoisers'])}: one recipe, {count} seeds; 95 % by Student's t over "
        "seeds. What stands below is of the first. The encoder is one and the same."
    )


def line(says: str, found: Mapping[str, Any], place: str, null: str | float) -> dict[str, str]:
    """One claim in words."""
    one = _at(found, place)
    low, high = one["interval"] or (one["mean"],) * 2
    beside = _at(found, null)["mean"] if isinstance(null, str) else null
    n = 2 if abs(one["mean"]) >= SMALL else 4  # decimals
    return {
        "claim": says,
        "mean": f"{one['mean']:z.{n}f} [{low:z.{n}f}, {high:z.{n}f}]",
        "null": f"{beside:z.3f}" if isinstance(null, str) else f"{beside:g}",
        "by seed": ", ".join(f"{value:z.{n}f}" for value in one["each"]),
    }


def _at(found: Mapping[str, Any], place: str) -> Any:
    for step in place.split("/"):
        found = found[step]
    return found
