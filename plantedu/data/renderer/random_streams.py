"""Random numbers by address: the same (seed, name, plant) always holds the same number.

    u(seed, name, k) = mix(mix(seed + key(name)) + (k + 1) g) / 2^64,   g = 0x9E3779B97F4A7C15

`mix` is the finaliser of SplitMix64. Nothing is drawn "next", so a plant does not depend on which
others are asked for, a new factor moves no old one, and `do()` keeps every other draw. Whole
numbers only, so the bytes are the same on every platform and in every numpy.

Source: Steele, Lea & Flood 2014, doi:10.1145/2660193.2660195 [steele2014].
"""

import hashlib

import numpy as np

_WORD = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15


def uniforms(seed: int, name: str, indices: np.ndarray, *, count: int | None = None) -> np.ndarray:
    """Uniform numbers in [0, 1) of the stream `name`, one per plant (or `count` per plant).

    Args:
        seed: Seed of the world.
        name: Name of what is drawn; another name is an independent stream.
        indices: Plants, "plant", whole numbers >= 0.
        count: Numbers per plant; None for one.

    Returns:
        float64, "plant" or "plant count"; the first numbers do not depend on `count`.
    """
    plants = np.asarray(indices, dtype=np.uint64)
    words = _mix(np.uint64(_stream(seed, name)) + (plants + np.uint64(1)) * np.uint64(_GOLDEN))
    if count is not None:
        places = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(_GOLDEN)
        words = _mix(words[:, None] + places)
    return (words >> np.uint64(11)).astype(np.float64) * 2.0**-53


def noise_bytes(seed: int, name: str, index: int, count: int) -> np.ndarray:
    """`count` random bytes of the stream `name` for one plant (Philox, counter from zero)."""
    stream = np.random.Philox(key=(_stream(seed, name) << 64) | int(index))
    words = stream.random_raw(-(-count // 8)).astype("<u8")
    return words.view(np.uint8)[:count]


def _stream(seed: int, name: str) -> int:
    """Where the stream begins: the seed and the name, mixed to 64 bits."""
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")
    return int(_mix(np.array([(seed + key) & _WORD], dtype=np.uint64))[0])


def _mix(words: np.ndarray) -> np.ndarray:
    """The finaliser of SplitMix64, on an array of 64-bit words."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))
