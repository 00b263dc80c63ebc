"""Names for the array shapes that travel through the house.

Images are "batch 3 height width", one sensor, in [0, 1] as float32 or 0..255 as uint8.
"""

import numpy as np
from jaxtyping import Bool, Float, Float32, UInt8
from torch import Tensor

Bytes = UInt8[np.ndarray, "batch 3 height width"]  # images of one sensor, 0..255
Masks = Bool[np.ndarray, "batch height width"]
Images = Float32[Tensor, "batch 3 height width"]  # images of one sensor, [0, 1]
Features = Float32[Tensor, "batch dim"]
Embeddings = Float[Tensor, "batch dim"]  # unit rows
Scores = Float[Tensor, "batch prototypes"]  # cosine to each prototype
Codes = Float[Tensor, "batch prototypes"]  # rows sum to 1
Scalar = Float[Tensor, ""]
