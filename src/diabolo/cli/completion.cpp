#include <diabolo/cli/completion.h>
#include <diabolo/data/cells.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace diabolo::cli {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

const ColumnSchema& column_of(const ModelData& model, std::size_t d) {
  const auto place = static_cast<std::size_t>(cell_columns(model.schema)[d]);
  return model.schema.columns[place];
}

// A value as the column's type and range allow.
double typed(const ColumnSchema& column, double x) {
  x = std::clamp(x, column.low, column.high);
  const bool whole = column.field.type != ColumnType::real || column.decimals == 0;
  if (whole) return column.code.step > 1 ? column.code.on_lattice(x) : std::round(x);
  if (column.decimals < 0) return x;
  const double power = std::pow(10.0, column.decimals);
  return std::round(x * power) / power;
}

}  // namespace

void add_completion(Options& options, ImputeOptions& to) {
  options.option(
      {.name = "samples",
       .placeholder = "N",
       .help = "draws of the code for each row, weighted by importance; four times as many where "
               "few of them have the weight",
       .fallback = "1000"},
      into(to.samples, 1, 1000000));
  options.flag("uncertainty",
               "also columns uncertainty:COLUMN: the standard deviation of a filled number, the "
               "probability that a filled category is another one",
               to.uncertainty);
}

ColumnValues cells_of(const ModelData& model, std::span<const double> values, std::size_t d) {
  const ColumnSchema& column = column_of(model, d);
  const auto D = static_cast<std::size_t>(model.dimensions);
  ColumnValues cells;
  for (std::size_t at = d; at < values.size(); at += D) {
    const double x = values[at];
    if (column.field.type != ColumnType::text)
      cells.numbers.push_back(std::isnan(x) ? x : typed(column, x));
    else if (std::isnan(x))
      cells.text.push_back({});
    else
      cells.text.push_back(column.levels[static_cast<std::size_t>(x)]);
  }
  return cells;
}

std::vector<bool> holes_of(const Dataset& data, const CellNotes& notes) {
  const auto D = static_cast<std::size_t>(data.dimensions());
  std::vector<bool> holes(static_cast<std::size_t>(data.size()) * D);
  if (data.values.dtype() != DType::f32) return holes;
  const auto cells = data.values.as<float>();
  for (std::size_t i = 0; i < holes.size(); ++i) holes[i] = std::isnan(cells[i]);
  for (std::size_t d = 0; d < data.columns.size(); ++d) {
    const auto unseen = notes.unseen.find(data.columns[d]);
    if (unseen == notes.unseen.end()) continue;
    for (const std::int64_t row : unseen->second.rows)
      holes[static_cast<std::size_t>(row) * D + d] = false;
  }
  return holes;
}

std::vector<ResultColumn> filled_columns(const ModelData& model, const TableReader& table,
                                         const std::vector<bool>& holes,
                                         std::span<const double> values) {
  std::vector<ResultColumn> columns;
  for (std::size_t i = 0; i < table.fields().size(); ++i)
    columns.push_back({table.fields()[i], {}, static_cast<int>(i)});
  std::vector<double> filled(values.begin(), values.end());
  for (std::size_t i = 0; i < filled.size(); ++i)
    if (!holes[i]) filled[i] = kNone;
  const std::vector<int> of_cells = cell_columns(model.schema);
  for (std::size_t d = 0; d < of_cells.size(); ++d) {
    const std::string& name =
        model.schema.columns[static_cast<std::size_t>(of_cells[d])].field.name;
    const auto known = std::find_if(columns.begin(), columns.end(),
                                    [&](const ResultColumn& c) { return c.field.name == name; });
    if (known == columns.end())  // absent in the table: all of it is new
      columns.push_back({column_of(model, d).field, cells_of(model, values, d)});
    else
      known->cells = cells_of(model, filled, d);
  }
  return columns;
}

std::vector<ResultColumn> uncertainty_columns(const ModelData& model,
                                              const std::vector<bool>& holes,
                                              const Imputation& result) {
  std::vector<ResultColumn> columns;
  if (result.uncertainty.size() == 0) return columns;
  const auto D = static_cast<std::size_t>(model.dimensions), N = holes.size() / D;
  for (std::size_t d = 0; d < D; ++d) {
    std::vector<double> values(N, kNone);
    bool any = false;
    for (std::size_t row = 0; row < N; ++row) {
      if (!holes[row * D + d]) continue;
      values[row] = result.uncertainty.as<double>()[row * D + d];
      any = true;
    }
    const std::string name =
        model.schema.empty() ? fmt::format("c{}", d) : column_of(model, d).field.name;
    if (any) columns.push_back(real_numbers("uncertainty:" + name, std::move(values)));
  }
  return columns;
}

std::vector<ResultColumn> columns_of(const Dataset& rows, bool mean) {
  TableChunk chunk;
  decode_cells(*rows.schema, rows.values.as<float>(), mean, chunk);
  std::vector<ResultColumn> columns;
  for (const ColumnSchema& column : rows.schema->columns)
    if (column.used) columns.push_back({column.field, std::move(chunk.columns[columns.size()])});
  return columns;
}

std::vector<double> draw_of(const Tensor& draws, std::int64_t k) {
  const auto N = static_cast<std::size_t>(draws.shape()[0]),
             K = static_cast<std::size_t>(draws.shape()[1]),
             D = static_cast<std::size_t>(draws.shape()[2]);
  std::vector<double> one(N * D);
  for (std::size_t row = 0; row < N; ++row)
    std::copy_n(draws.as<double>().begin() +
                    static_cast<std::ptrdiff_t>((row * K + static_cast<std::size_t>(k)) * D),
                D, one.begin() + static_cast<std::ptrdiff_t>(row * D));
  return one;
}

Tensor as_f32(const Tensor& values) {
  Tensor floats(DType::f32, values.shape());
  std::transform(values.as<double>().begin(), values.as<double>().end(), floats.as<float>().begin(),
                 [](double x) { return static_cast<float>(x); });
  return floats;
}

void say_effective(const std::vector<bool>& holes, const Imputation& result) {
  const std::size_t D = holes.size() / std::max<std::size_t>(result.effective.size(), 1);
  std::vector<std::pair<double, std::size_t>> sizes;
  for (std::size_t row = 0; row < result.effective.size(); ++row)
    for (std::size_t d = 0; d < D; ++d)
      if (holes[row * D + d]) {
        sizes.emplace_back(result.effective[row], row);
        break;
      }
  if (sizes.empty()) return say("no value was missing");
  std::sort(sizes.begin(), sizes.end());
  say(
      fmt::format("{} had missing values; effective sample size: median {:.0f}, least {:.1f} in "
                  "row {} (from 0)",
                  sizes.size() == 1 ? "1 row" : grouped(std::ssize(sizes)) + " rows",
                  sizes[sizes.size() / 2].first, sizes[0].first, sizes[0].second));
}

}  // namespace diabolo::cli
