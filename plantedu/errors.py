"""The one error that users are meant to read."""

import errno


class PlantEduError(ValueError):
    """Says what was given, what was expected and what to do; raised at the doors."""


FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))  # errors of a full disk


class DiskFullError(PlantEduError):
    """No space was left while something was being written; what was acknowledged is kept."""


def require(condition: bool, message: str) -> None:
    """Raise `PlantEduError(message)` unless `condition` holds."""
    if not condition:
        raise PlantEduError(message)
