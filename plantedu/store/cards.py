"""Cards: what a shipped file is, which command made it, and its numbers beside their nulls."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plantedu.errors import PlantEduError, require
from plantedu.store.version import code_version, package_versions


def card_path(path: Path) -> Path:
    """Where the card of a file lies: beside it, with .card.json after its name."""
    return Path(path).with_name(Path(path).name + ".card.json")


def file_hash(path: Path) -> str:
    """sha256 of a file.

    Raises:
        PlantEduError: if it cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise PlantEduError(f"{path} cannot be read: {error.strerror}.") from error


def write_card(
    path: Path,
    *,
    command: str,
    headlines: Mapping[str, Mapping[str, Any]],
    about: str = "",
    made: Mapping[str, Any] | None = None,
) -> Path:
    """Describe a file beside it; the card's path.

    Args:
        path: The file.
        command: What makes it again, as typed.
        headlines: Its numbers by name, as `Evidence.as_json`: each has its value and its null.
        about: A sentence for people.
        made: What else is known of its making, such as recipe, seed, threads, code version.

    Raises:
        PlantEduError: if a number has no null, or the file cannot be read.
    """
    check_headlines(headlines)
    require(bool(command.strip()), f"The card of {path} needs the command that made the file.")
    card = {
        "file": Path(path).name,
        "sha256": file_hash(path),
        "bytes": Path(path).stat().st_size,
        "about": about,
        "command": command,
        "headlines": headlines,
        "code_version": code_version(),
        "packages": package_versions(),
    } | dict(made or {})
    text = json.dumps(card, indent=2, sort_keys=True) + "\n"
    card_path(path).write_text(text, encoding="utf-8")
    return card_path(path)


def verify_card(path: Path) -> dict[str, Any]:
    """The card of a file, after checking that it is about this very file.

    Raises:
        PlantEduError: if the card is missing, unreadable or about other bytes, or if one of its
            numbers has no null.
    """
    card_file = card_path(path)
    try:
        card = json.loads(card_file.read_text(encoding="utf-8"))
        expected, headlines = card["sha256"], card["headlines"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PlantEduError(f"{card_file.name} is missing or no card ({error}).") from error
    found = file_hash(path)
    require(
        found == expected,
        f"{Path(path).name} is not the file that its card describes: sha256 {found[:12]}... where "
        f"the card says {str(expected)[:12]}.... Make it again with: {card.get('command')}",
    )
    check_headlines(headlines)
    return card


def check_headlines(headlines: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse a number without its null."""
    for name, number in headlines.items():
        given = isinstance(number, Mapping) and {"value", "null"} <= set(number)
        require(
            given and number["null"] is not None,
            f"The number {name!r} has no null: give the same quantity under a control beside it.",
        )
