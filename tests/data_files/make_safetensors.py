"""Makes reference.safetensors by the reference implementation (safetensors 0.8.0, NumPy).

    python tests/data_files/make_safetensors.py
"""

from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

save_file(
    {
        "bytes": np.array([0, 127, 255], "u1"),
        "integers": np.array([[-(2**31), -1], [0, 2**31 - 1]], "i4"),
        "counts": np.array([2**64 - 1], "u8"),
        "scalar": np.array(0.1, "f8"),
        "layer.weight": np.array([[0.5, -1.25, 3], [np.inf, -0.0, 1e-45]], "f4"),
        "none": np.zeros((0, 3), "f4"),
    },
    Path(__file__).parent / "reference.safetensors",
    metadata={"text": 'a "quoted" line\nand \u20ac'},
)
