// A table of mixed columns that all follow from one hidden number, so that each can be told from
// the others; with holes.
#pragma once

#include <diabolo/data/cells.h>
#include <diabolo/diabolo.h>

#include <cstring>

#include "data/tables.h"

namespace diabolo::testing {

/// A table in memory as rows of cells, by a schema.
inline Dataset dataset_of(const MemoryTable& table, std::shared_ptr<const Schema> schema) {
  CellEncoder encoder(*schema, table.fields);
  const auto N = static_cast<std::int64_t>(table.rows());
  Dataset data;
  data.values = Tensor(DType::f32, {N, encoder.cells()});
  data.log_slopes.resize(table.rows());
  encoder.encode(table.all(), data.values.as<float>(), data.log_slopes);
  data.row_shape = Shape{encoder.cells()};
  data.name = "table";
  for (const int column : cell_columns(*schema))
    data.columns.push_back(schema->columns[static_cast<std::size_t>(column)].field.name);
  data.schema = std::move(schema);
  return data;
}

/// t uniform in -2..2;  x = t + noise, weight = 50 + 10 t with one decimal, share: bins of t^2,
/// stars = 1, 2, 3 or 5 by t, zip = 700, 100 or 400 (names) and colour by the thirds of t, flag = t
/// > 0.
struct MixedTable {
  MemoryTable table;

  explicit MixedTable(std::size_t rows, std::uint64_t seed = 1) {
    RandomStream random({.seed = seed});
    std::vector<double> x, weight, share, stars, zip, flag;
    std::vector<std::optional<std::string>> colour;
    for (std::size_t i = 0; i < rows; ++i) {
      const double t = 4 * random.uniform() - 2;
      const double level[] = {1, 2, 3, 5}, code[] = {700, 100, 400};
      const char* const name[] = {"red", "green", "blue"};
      const auto third = std::min(static_cast<std::size_t>((t + 2) / 4 * 3), std::size_t{2});
      x.push_back(t + 0.05 * random.normal());
      weight.push_back(std::round(10 * (50 + 10 * t + 0.2 * random.normal())) / 10);
      share.push_back(t * t + 0.05 * random.normal());
      stars.push_back(level[std::min(static_cast<std::size_t>(t + 2), std::size_t{3})]);
      zip.push_back(code[third]);
      flag.push_back(t > 0);
      colour.push_back(name[third]);
    }
    table.add("x", ColumnType::real, x)
        .add("colour", colour)
        .add("weight", ColumnType::real, weight)
        .add("share", ColumnType::real, share)
        .add("stars", ColumnType::integer, stars)
        .add("zip", ColumnType::integer, zip)
        .add("flag", ColumnType::boolean, flag);
  }

  std::shared_ptr<const Schema> schema() const {
    return std::make_shared<const Schema>(
        infer(table, {.kinds = {{"zip", "categorical"}}, .likelihoods = {{"share", "bins"}}}));
  }
  Dataset data() const { return dataset_of(table, schema()); }
};

/// A share of the cells missing.
inline Dataset with_holes(Dataset data, double share, std::uint64_t seed = 1) {
  RandomStream random({.seed = seed, .stream = Stream::complete});
  const auto D = static_cast<std::size_t>(data.dimensions());
  CellHider hider(data);
  for (std::size_t i = 0; i < static_cast<std::size_t>(data.values.size()); ++i)
    if (random.uniform() < share) hider.hide(i / D, i % D);
  return data;
}

/// The same holes by another NaN.
inline Dataset with_other_nan(const Dataset& data) {
  Dataset other = data.rows(0, data.size());
  for (float& x : other.values.as<float>())
    if (x != x) {
      const std::uint32_t bits = 0xffc54321;
      std::memcpy(&x, &bits, sizeof bits);
    }
  return other;
}

/// The place of the cell of a column.
inline std::size_t cell_of(const Dataset& data, const std::string& name) {
  const auto at = std::find(data.columns.begin(), data.columns.end(), name);
  ensure(at != data.columns.end(), "test", name);
  return static_cast<std::size_t>(at - data.columns.begin());
}

inline bool same_bits(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && std::memcmp(a.data(), b.data(), a.bytes()) == 0;
}

}  // namespace diabolo::testing
