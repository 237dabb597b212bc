// IDX, the format of MNIST (http://yann.lecun.com/exdb/mnist/): 0 0 type rank, the dimensions as
// big-endian 32-bit numbers, the elements big-endian and row-major. All element types are read.
#pragma once

#include <diabolo/data/source.h>
#include <diabolo/tensor/tensor.h>

#include <span>

namespace diabolo {

/// Whether a file that begins with `head` is IDX.
bool is_idx(std::span<const std::uint8_t> head);

/// The array: u8 as it is, all other types as f32. Throws `corrupt_file`.
Tensor read_idx(ByteSource& source);

}  // namespace diabolo
