"""What ships: encoders to ask and the denoisers that draw, by their cards; curves of many runs."""

import json
from pathlib import Path
from typing import Any

import streamlit as st

from app import session
from app.glance import changed
from plantedu.errors import require
from plantedu.serialization import renamed
from plantedu.store.curves import Curves, files, read_curves
from plantedu.topics.generation.results.generate import MOST_ON_CPU, begun_from
from plantedu.topics.similarity.results.comparisons import CONTROLS


@st.cache_data(max_entries=1, show_spinner=False)
def encoders() -> list[str]:
    """Names of the encoders that ship, by their cards: no denoiser, reader or dictionary."""
    folder, found = session.ROOT / "checkpoints", []
    for path in folder.rglob("*.card.json"):
        if json.loads(path.read_text(encoding="utf-8")).get("kind") in ("train", "finetune"):
            found.append(path.relative_to(folder).as_posix().partition(".")[0])
    return sorted(found, key=lambda name: ("/" in name, name))


def dissectable() -> list[str]:
    """Encoders whose units can be asked: what ships, the first ones first, and untrained ones."""
    ships = [name for name in encoders() if "/" not in name]
    first = [name for name in ("cross-0", "rgb_only-0", "supervised_rgb-0") if name in ships]
    rest = [name for name in ships if name not in first]
    return [*first, *CONTROLS, *rest]


def denoisers() -> list[dict[str, Any]]:
    """Cards of the denoisers that draw here, alike in size: the largest for a CPU, by name.

    Raises:
        PlantEduError: if none ships.
    """
    cards = [
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((session.ROOT / "checkpoints" / "denoisers").glob("*.card.json"))
    ]
    fits = [card for card in cards if card["recipe"]["side"] <= MOST_ON_CPU]
    require(bool(fits), "No denoiser ships with this copy; train one: python -m plantedu denoise.")
    others = begun_from(card["recipe"] for card in cards)
    ends = [card for card in fits if named(card) not in others] or fits
    largest = max(card["recipe"]["side"] for card in ends)
    return [card for card in ends if card["recipe"]["side"] == largest]


def details() -> set[str]:
    """Names of the denoisers that ship with a detail upon them."""
    folder = session.ROOT / "checkpoints" / "denoisers" / "detail"
    return {path.stem for path in folder.glob("*.safetensors")}


def conditioning_encoders(card: dict[str, Any]) -> dict[str, set[str]]:
    """Layers that a denoiser was trained to draw from, by encoder."""
    found: dict[str, set[str]] = {}
    for condition in renamed("denoise", card["recipe"])["conditions"]:
        encoder, _, layers = condition.rpartition("/")
        found.setdefault(encoder, set()).add(layers)
    return found


def one_sensor(card: dict[str, Any]) -> dict[str, str]:
    """Encoders of a denoiser's conditions that know one sensor alone, and which."""
    found: dict[str, set[str]] = {}
    for slot in card["slots"]:
        encoder, _, sensor = slot.rsplit("/", 2)
        found.setdefault(encoder, set()).add(sensor)
    return {encoder: min(known) for encoder, known in found.items() if len(known) == 1}


def named(card: dict[str, Any]) -> str:
    """The name by which a checkpoint of the denoisers' folder is asked for."""
    return str(card["file"]).removesuffix(".safetensors")


def curves(name: str) -> Curves:
    """The curves of many runs, read again only when their files have changed.

    Raises:
        PlantEduError: if they are not there.
    """
    written = tuple(changed(path) for path in files(session.RESULTS / name))
    return _curves_in(str(session.RESULTS / name), tuple(when for when in written if when))


@st.cache_data(max_entries=4, show_spinner=False)
def _curves_in(path: str, written: tuple[int, ...]) -> Curves:
    return read_curves(Path(path))
