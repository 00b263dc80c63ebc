"""Leaks: pictures that stand twice, the same bytes or nearly, within the data and across splits.

Copies are found by `data/challenge/near_duplicates.py`. A copy under two labels is a mistake of one
of them; a copy in the training pictures makes every score on these pictures too good.

Lesson: 01_pairs.
"""

import hashlib

import numpy as np
from PIL import Image

from plantedu.data.challenge.near_duplicates import THUMBNAIL, DecodedImage, alike, equal
from plantedu.own.examination.asked import Asked
from plantedu.own.finding import Finding
from plantedu.own.images import Images
from plantedu.statistics.evidence import Evidence
from plantedu.statistics.intervals import count_interval


def copies(asked: Asked) -> Finding:
    """Share of pictures that have a copy here, or among those that were trained on.

    Args:
        asked: Pictures, and those of the training where they were given.
    """
    own = seen(asked.data, "here")
    parts = {"in these pictures": own}
    if asked.earlier is not None:
        parts["in the training pictures"] = own | seen(asked.earlier, "trained")
    lines, notes, pairs_found = [], [], set()
    for where, all_seen in parts.items():
        groups = [*equal(all_seen), *alike(all_seen)]
        if "training" in where:
            groups = [g for g in groups if len({one.partition("/")[0] for one in g}) > 1]
        twice = {one for group in groups for one in group if one.startswith("here/")}
        n = len(own)
        line = Evidence(
            question=f"What share of the pictures has a copy {where}?",
            value=len(twice) / n,
            null=0.0,
            control="pictures of different things: none of 300 is that close",
            n=n,
            interval=count_interval(len(twice), n),
        )
        lines.append((f"copy {where}", line))
        pairs_found |= {" = ".join(group) for group in groups[:3]}
    notes += [f"Copies: {one}." for one in sorted(pairs_found)]
    if asked.earlier is None:
        notes.append("Training pictures were not given, so leaks from them were not looked for.")
    return Finding(
        title="Do pictures stand twice?",
        unit="share of pictures",
        lines=tuple(lines),
        notes=tuple(notes),
        settings={"n": len(own)},
    )


def seen(data: Images, prefix: str) -> dict[str, DecodedImage]:
    """What is remembered of each picture, by name."""
    found = {}
    for k, (name, x) in enumerate(zip(data.names, np.asarray(data.pictures), strict=True)):
        pixels = np.ascontiguousarray(x.transpose(1, 2, 0))
        small = Image.fromarray(pixels).resize((THUMBNAIL, THUMBNAIL), Image.Resampling.BOX)
        key = hashlib.sha256(pixels.tobytes()).hexdigest()
        word = f"{prefix}/{k} {name}"
        thumbnail = np.asarray(small, dtype=np.float64).ravel()
        found[word] = DecodedImage(word, (x.shape[2], x.shape[1]), key, "", thumbnail)
    return found
