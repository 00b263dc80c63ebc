"""The knobs of a training run as widgets: presets, and a recipe out of what is set.

Widgets are bound to the URL by their knob's name, so that a link opens the page with its settings.
"""

from typing import Any

import streamlit as st

from app import address, session
from app.numbers import whole_number
from plantedu.data.renderer.worlds import WORLDS
from plantedu.errors import PlantEduError
from plantedu.training.recipe import Recipe

DEFAULT = Recipe()
QUEUE_LENGTH = 1024
GONE = "knobs gone"  # they came back empty, and are set anew
CHOICES: dict[str, tuple] = {
    "pairing": ("cross", "within_both", "rgb_only", "nir_only"),
    "data": tuple(WORLDS),
    "prototypes": (8, 16, 32, 64, 128, 256, 512, 1024),
    "epsilon": (0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.15, 0.3),
    "temperature": (0.05, 0.07, 0.1, 0.2, 0.4),
    "learning_rate": (1e-5, 1e-4, 3e-4, 7e-4, 1.5e-3, 3e-3, 7e-3, 0.02, 0.1),
    "steps": (60, 120, 240, 300, 600, 1200, 2400),
}
SIZES: dict[str, dict[str, Any]] = {
    "full": {},
    "quick": {
        "pairs": 512,
        "image_size": 32,
        "crop_size": 24,
        "batch": 64,
        "probe_every": 10,
        "probe_plants": 128,
        "checkpoint_every": 60,
    },
}
PRESETS: dict[str, dict[str, Any]] = {
    "Default": {},
    "Shared light": {"data": "shared_light"},
    "Collapse": {"epsilon": 0.05, "steps": 300},
    "One camera": {"pairing": "rgb_only"},
    "Quick look": {"size": "quick", "steps": 240, "temperature": 0.2, "learning_rate": 3e-3},
}
SAYS = {
    "pairing": "What is pulled together: the two cameras (cross), two crops of either, or of one.",
    "data": "The planted world that the pairs come from.",
    "prototypes": "K: how many points of reference the codes are spread over.",
    "epsilon": "How soft Sinkhorn makes the codes. Larger is softer.",
    "temperature": "tau: how soft the predictions are. Must stay above epsilon.",
    "learning_rate": "Highest rate of the one-cycle schedule.",
    "steps": f"Optimiser steps. The default run has {DEFAULT.steps}.",
    "size": "quick: 512 plants of 32 pixels, to try things out; full: 4096 plants of 64 pixels.",
    "queue": f"From half time on, {QUEUE_LENGTH} past embeddings of each camera join in Sinkhorn.",
    "seed": "Initial weights, order of the plants, crops.",
}


def presets() -> None:
    """Buttons that put every knob to a named setting."""
    with st.container(horizontal=True, gap="small"):
        for name, changed in PRESETS.items():
            st.button(name, key=f"preset {name}", on_click=_put, args=(changed,))


def knobs() -> Recipe | None:
    """The panel of knobs, and their recipe; None, with a sentence, where they clash."""
    _start_from_default()
    with st.grid(4, min_column_width=210, gap=("xsmall", "medium")):
        _choose("data", "World")
        _choose("pairing", "Pairing")
        _slide("prototypes", "Prototypes K")
        _slide("epsilon", "Sinkhorn epsilon")
        _slide("temperature", "Temperature tau")
        _slide("learning_rate", "Learning rate")
        _slide("steps", "Steps")
        seed = whole_number("Seed", 0, 9999, key="seed", help=SAYS["seed"], bind="query-params")
        size = st.segmented_control(
            "Size", SIZES, required=True, key="size", help=SAYS["size"], bind="query-params"
        )
        st.toggle("Queue from half time on", key="queue", help=SAYS["queue"], bind="query-params")
    gone, st.session_state[GONE] = st.session_state.get(GONE, False), size is None
    if size is None and not gone:
        st.rerun()
    try:
        chosen = {str(name): value for name, value in st.session_state.items()}
        return recipe_of(chosen | {"seed": seed})
    except PlantEduError as error:
        st.warning(str(error))
        return None


def recipe_of(chosen: dict[str, Any]) -> Recipe:
    """The recipe that the knobs' values make.

    Raises:
        PlantEduError: where they clash.
    """
    knobs = {name: chosen[name] for name in (*CHOICES, "seed")}
    queue = {"queue_length": QUEUE_LENGTH} if chosen["queue"] else {}
    return Recipe.from_json({**SIZES[chosen["size"]], **knobs, **queue})


def called(recipe: Recipe) -> str:
    """A short name of a run: where it differs from the default run, and its seed."""
    changed = [
        f"{name} {value}" if name != "data" else str(value)
        for name, value in recipe.as_json().items()
        if value != getattr(DEFAULT, name) and name in (*CHOICES, "queue_length")
    ]
    quick = ["quick"] if recipe.pairs == SIZES["quick"]["pairs"] else []
    return ", ".join([*(changed or ["default"]), *quick, f"seed {recipe.seed}"])


def command(request: dict[str, Any]) -> str:
    """What trains the same in a terminal: the knobs that differ from the default."""
    plain = DEFAULT.as_json()
    words = [
        f"--{name.replace('_', '-')} {_word(value)}"
        for name, value in request.items()
        if name in plain and value != plain[name]
    ]
    return " ".join(["python -m plantedu train", *words])


def _word(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _start_from_default() -> None:
    """Each knob at its default, or as the address says.

    Who comes back by the browser's button brings states of knobs that are gone: every slider at its
    lowest end, and no size, of which one is always chosen.
    """
    gone = st.session_state.get(GONE, False) or session.entered()
    for name, value in _values({}).items():
        if gone and not address.holds(name):
            st.session_state[name] = value
        st.session_state.setdefault(name, _linked(name, value))


def _linked(name: str, default: Any) -> Any:
    """A slider's value in the address: Streamlit passes over its first choice by itself."""
    if name not in CHOICES or isinstance(CHOICES[name][0], str):
        return default
    asked = address.given(name)
    return next((value for value in _options(name) if f"{value:g}" == asked), default)


def _put(changed: dict[str, Any]) -> None:
    for name, value in _values(changed).items():
        if name != "seed":
            st.session_state[name] = value


def _values(changed: dict[str, Any]) -> dict[str, Any]:
    """Every knob's value, where `changed` differs from the default."""
    plain = {name: getattr(DEFAULT, name) for name in (*CHOICES, "seed")}
    return {**plain, "size": "full", "queue": False, **changed}


def _options(name: str) -> list[Any]:
    """What a knob offers: its choices, and the default in its place among them."""
    if isinstance(CHOICES[name][0], str):
        return list(CHOICES[name])
    return sorted({*CHOICES[name], getattr(DEFAULT, name)})


def _choose(name: str, label: str) -> None:
    st.selectbox(label, _options(name), key=name, help=SAYS[name], bind="query-params")


def _slide(name: str, label: str) -> None:
    st.select_slider(
        label,
        _options(name),
        format_func=lambda value: f"{value:g}",
        key=name,
        help=SAYS[name],
        bind="query-params",
    )
