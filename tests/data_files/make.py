"""Makes the small files that the tests of the data layer read (NumPy and Pillow).

    python tests/data_files/make.py
"""

import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

here = Path(__file__).parent

rows = np.arange(6).reshape(2, 3)  # every array holds 0..5 as two rows of three
np.save(here / "fortran_f64.npy", np.asfortranarray(rows.astype("<f8")))
np.save(here / "f32.npy", rows.astype("<f4"))
np.save(here / "objects.npy", np.array([{"a": 1}, None], dtype=object))
np.save(here / "records.npy", np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4")]))
np.savez(here / "two.npz", X=rows.astype("u1"), y=np.array([7, 8], "<i8"))
np.savez_compressed(here / "one.npz", pixels=np.zeros((4, 8, 8), "u1") + 9)

grey = np.full((8, 8), 100, "u1")
colour = np.zeros((8, 8, 3), "u1") + np.array([200, 100, 50], "u1")
Image.fromarray(grey).save(here / "grey.jpg", quality=95)
Image.fromarray(colour).save(here / "colour.jpg", quality=95)
Image.fromarray(colour).save(here / "progressive.jpg", quality=95, progressive=True)
Image.fromarray(colour).convert("CMYK").save(here / "cmyk.jpg")
Image.fromarray(colour).quantize(4).save(here / "palette.png", transparency=0)
Image.fromarray(grey.astype("<u2") * 257).save(here / "grey16.png")
Image.fromarray(np.dstack([colour, np.full((8, 8), 30, "u1")])).save(here / "alpha.png")


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


# 8 x 8 interlaced (Adam7), grey, pixel = 8 * row + column; Pillow reads such files but writes none.
ramp = np.arange(64, dtype="u1").reshape(8, 8)
passes = [(0, 8, 0, 8), (0, 8, 4, 8), (4, 8, 0, 4), (0, 4, 2, 4), (2, 4, 0, 2), (0, 2, 1, 2), (1, 2, 0, 1)]
lines = b"".join(
    b"\0" + line.tobytes() for y, dy, x, dx in passes for line in ramp[y::dy, x::dx]
)
(here / "interlaced.png").write_bytes(
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 1))
    + chunk(b"IDAT", zlib.compress(lines))
    + chunk(b"IEND", b"")
)
assert (np.array(Image.open(here / "interlaced.png")) == ramp).all()
