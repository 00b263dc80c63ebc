"""A process writes rows where they belong, and says why one could not be read."""

import io
import json

import numpy as np
from PIL import Image

from plantedu.own.decode_rows import main


def test_rows_are_written_and_said(tmp_path):
    np.lib.format.open_memmap(tmp_path / "a.npy", "w+", np.uint8, (1, 3, 3, 16, 16)).flush()
    Image.new("RGB", (20, 30), (10, 20, 30)).save(tmp_path / "fine.png")
    (tmp_path / "odd.png").write_bytes(b"x")
    rows = [[2, [str(tmp_path / "fine.png")]], [0, [str(tmp_path / "odd.png")]]]
    out = io.StringIO()
    main({"file": str(tmp_path / "a.npy"), "rows": rows, "size": 16, "crop": "centre"}, out)
    (fine, reason, held), (odd, why, _) = (json.loads(line) for line in out.getvalue().splitlines())
    assert (fine, reason, held, odd) == (2, "", "", 0)
    assert "odd.png" in why
    whole = np.load(tmp_path / "a.npy")
    assert (whole[0, 2, :, 3, 3] == [10, 20, 30]).all()
    assert not whole[0, :2].any()
