// NumPy's .npy, versions 1, 2 and 3: every byte order, both memory orders, all real number types.
// Python objects (pickles) and structured types are refused; nothing is ever executed.
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include <diabolo/data/source.h>
#include <diabolo/tensor/tensor.h>

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace diabolo {

/// Whether a file that begins with `head` is .npy.
bool is_npy(std::span<const std::uint8_t> head);

/// The array with its shape: u8 as it is, all other types as f32.
/// Throws `corrupt_file`, `unsupported` (objects, texts, complex numbers, ...).
Tensor read_npy(ByteSource& source);
Tensor read_npy(const std::string& path);

/// Hands `tensor` as `shape` (of the same size) in version 1.0 to `sink`, piece by piece: the bytes
/// that NumPy itself writes. Throws `shape`.
void format_npy(const Tensor& tensor, const Shape& shape,
                const std::function<void(std::string_view)>& sink);

/// The same into a file; it appears whole or not at all. Throws `io`, `shape`.
void write_npy(const Tensor& tensor, const Shape& shape, const std::string& path);

}  // namespace diabolo
