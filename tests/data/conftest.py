"""A small challenge folder, made by hand: 8 plants in Train, 4 in Test, of noise, all clean."""

import csv

import numpy as np
import pytest
from PIL import Image

LABELS = ("blast", "brown", "healthy")


@pytest.fixture
def challenge(tmp_path):
    """Path of a fresh clean folder that a test may damage."""
    path = tmp_path / "rice"
    (path / "images").mkdir(parents=True)
    generator = np.random.default_rng(0)
    rows = {"Train.csv": [["Image_id", "Label"]], "Test.csv": [["Image_id"]]}
    for k in range(12):
        for ending in ("", "_rgn"):
            name = f"id_{k}{ending}.jpg"
            coarse = generator.integers(0, 256, (6, 8, 3), dtype=np.uint8)
            picture = Image.fromarray(coarse).resize((40, 30), Image.Resampling.BICUBIC)
            picture.save(path / "images" / name, "JPEG", quality=95, subsampling=0)
            if k < 8:
                rows["Train.csv"].append([name, LABELS[k % 3]])
            else:
                rows["Test.csv"].append([name])
    asked = [[f"id_{k}.jpg", "0.3", "0.3", "0.4"] for k in range(8, 12)]
    rows["SampleSubmission.csv"] = [["Image_id", *LABELS], *asked]
    for name, lines in rows.items():
        with (path / name).open("w", newline="") as file:
            csv.writer(file).writerows(lines)
    return path
