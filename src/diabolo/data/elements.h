// Numbers as files have them (any width, sign and byte order, row-major or column-major), read
// into a tensor without a second copy. u8 stays u8; everything else becomes f32.
#pragma once

#include <diabolo/data/source.h>
#include <diabolo/tensor/tensor.h>

namespace diabolo {

/// How one number is stored.
struct ElementType {
  char kind = 'f';  ///< 'b' truth value (becomes f32 0 or 1), 'i' signed, 'u' unsigned, 'f' float
  int bytes = 4;    ///< 1, 2, 4 or 8; floats 2, 4 or 8
  bool big_endian = false;
};

/// Reads all elements of `shape`. What `source` can hold is compared with the shape before memory
/// is taken. Integers beyond 2^24 are rounded to f32, with a warning in the log.
/// Throws `corrupt_file`, `unsupported` (an unknown type), `out_of_memory`.
Tensor read_elements(ByteSource& source, ElementType type, const Shape& shape,
                     bool column_major = false);

}  // namespace diabolo
