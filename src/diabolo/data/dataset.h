// Rows of numbers in memory, as they came: u8 stays u8 (a quarter of the memory) until the batch.
#pragma once

#include <diabolo/tensor/tensor.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace diabolo {

struct Schema;

struct Dataset {
  Tensor values;                     ///< [N, D] u8 or f32
  Shape row_shape;                   ///< one row as the data have it: [28, 28], [28, 28, 3], [D]
  bool is_image = false;             ///< rows are pictures: [H, W], [H, W, 1] or [H, W, 3]
  std::string name;                  ///< where it came from; for messages only
  std::vector<std::string> columns;  ///< names of the D columns, or empty
  /// Of a table: what its columns are; then the values are cells (cells.h), NaN where one is
  /// missing.
  std::shared_ptr<const Schema> schema = {};
  /// Of rows of a table: what turns a log density of its cells into one of its values; or empty.
  std::vector<double> log_slopes = {};

  /// Takes an array [N, ...], u8 or f32; [N] is N rows of one column. Throws `shape` if it has no
  /// rows or no columns, `invalid_argument` for another type.
  static Dataset from(Tensor array, std::string name = "data");

  std::int64_t size() const noexcept { return values.rows(); }
  std::int64_t dimensions() const noexcept { return values.row_size(); }

  /// A copy of `count` rows from row `first`. Throws `invalid_argument` if there are not so many.
  Dataset rows(std::int64_t first, std::int64_t count) const;
  /// A copy of the rows at `indices`, in that order. Throws `invalid_argument` for no such row.
  Dataset select(std::span<const std::int64_t> indices) const;

  /// XXH3 over type, shape and values: the same for the same data, whatever file they came from.
  std::uint64_t fingerprint() const;
  /// The same in hexadecimal, as models and checkpoints keep it.
  std::string fingerprint_text() const;

 private:
  Dataset empty_copy(std::int64_t count) const;
};

/// Throws `not_finite`, naming row and column (from 0) of the first NaN or infinity of an array
/// [N, ...]; columns count along the flat row. `name` is for the message. With `allow_nan` NaN is a
/// missing value, and fine.
void check_finite(const Tensor& array, const std::string& name, bool allow_nan = false);

}  // namespace diabolo
