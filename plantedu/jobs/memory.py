"""Keep freed memory in the process, so that every step does not ask the system for it again.

A training step frees and takes the same hundreds of megabytes. glibc hands large blocks back to
the system at once, and each step then pays for fresh, zeroed pages: keeping them made forward and
backward of the default encoder 12 to 25 % faster on one core (two paired runs of 9 steps). The
peak of memory stays the same.
"""

import ctypes

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # names of mallopt's parameters in malloc.h
LARGEST_TRIM, LARGEST_MMAP = 2**31 - 1, 32 * 1024 * 1024  # the most that mallopt takes


def keep_freed_memory() -> bool:
    """Ask glibc to keep what is freed; False where the C library is another one."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # macOS, musl, Windows
        return False
    kept = (mallopt(TRIM_THRESHOLD, LARGEST_TRIM), mallopt(MMAP_THRESHOLD, LARGEST_MMAP))
    return all(kept)
