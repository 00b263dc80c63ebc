"""What lesson 07 quotes, taken from the recorded results."""

from typing import Any


def numbers_of(found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The lesson's numbers.

    Args:
        found: Results by name: maps, prototypes, jacobian, collapse, heads.
    """
    return {}
