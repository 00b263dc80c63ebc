"""Pictures in a chart: as many as fit, each map on its own scale."""

import base64
import io

import numpy as np
from PIL import Image

from plantedu.own.map_chart import SHOWN, maps_chart


def test_a_row_a_picture_a_column_a_map():
    pictures = np.full((SHOWN + 2, 3, 8, 8), 0.5)
    maps = {"map": np.ones((SHOWN + 2, 8, 8)), "random": np.zeros((SHOWN + 2, 8, 8))}
    drawn = maps_chart(pictures, maps, [f"c{k}" for k in range(SHOWN + 2)], says="Maps.")
    assert len(drawn.rows) == 3 * SHOWN
    assert drawn.alt == f"Maps. The first {SHOWN} of {SHOWN + 2}."
    url = drawn.rows.loc[0, "url"]
    image = Image.open(io.BytesIO(base64.b64decode(url.split(",")[1])))
    assert abs(int(np.asarray(image).mean()) - 128) <= 1
