#include <diabolo/train/constant_columns.h>

namespace diabolo {
namespace {

/// What has been seen of a column. NaN is no value.
struct Seen {
  double value = 0;
  std::int64_t rows = 0;
  bool is_constant = true;

  void add(double x) {
    if (x != x) return;
    if (rows++ == 0) value = x;
    is_constant &= x == value;
  }
};

template <class T>
void add_row(const Tensor& values, std::int64_t row, std::vector<Seen>& columns) {
  const std::size_t D = columns.size();
  const auto cells = values.as<T>().subspan(static_cast<std::size_t>(row) * D, D);
  for (std::size_t d = 0; d < D; ++d) columns[d].add(static_cast<double>(cells[d]));
}

std::vector<Seen> look_at_columns(const Dataset& data, std::span<const std::int64_t> rows) {
  std::vector<Seen> columns(static_cast<std::size_t>(data.dimensions()));
  for (const std::int64_t row : rows)
    if (data.values.dtype() == DType::u8)
      add_row<std::uint8_t>(data.values, row, columns);
    else
      add_row<float>(data.values, row, columns);
  return columns;
}

/// What a row's value is to the network, by the same operations (Transform::to_network).
double as_network(const Transform& transform, double value, std::int64_t column) {
  const auto x = static_cast<float>(value), shift = static_cast<float>(transform.shift_of(column)),
             inverse = static_cast<float>(1 / transform.scale_of(column));
  return static_cast<double>((x - shift) * inverse);
}

/// The places in the flat array of a likelihood's parameter that belong to `column`; none if there
/// is no such parameter.
template <class Use>
void for_each_place(const ModelData& model, std::string_view name, std::int64_t column, Use use) {
  for (const ParameterInfo& info : model.parameters.all()) {
    if (info.name != "likelihood." + std::string(name)) continue;
    for (std::int64_t i = column; i < info.shape.size(); i += model.dimensions)
      use(static_cast<std::size_t>(info.offset + i));
  }
}

}  // namespace

void begin_constant_columns(ModelData& model, const Components& components, const Dataset& data,
                            std::span<const std::int64_t> rows) {
  if (!model.composition.columns.empty()) return;
  const bool is_drawn = model.transform.binarize != "none";  // but for black and white
  const auto likelihood = components.likelihoods.make(model.composition.likelihood);
  const std::vector<Seen> columns = look_at_columns(data, rows);
  const std::span<float> values = model.values.as<float>();
  for (std::int64_t column = 0; column < model.dimensions; ++column) {
    const Seen& seen = columns[static_cast<std::size_t>(column)];
    if (!seen.is_constant || seen.rows < 2) continue;
    const double value = as_network(model.transform, seen.value, column);
    if (is_drawn && value != 0 && value != 1) continue;
    for (const Likelihood::ColumnStart& start : likelihood->start_of_constant(value, seen.rows))
      for_each_place(model, start.name, column,
                     [&](std::size_t place) { values[place] = static_cast<float>(start.value); });
  }
}

bool is_known_constant(const ModelData& model, const Likelihood& likelihood, std::int64_t column) {
  const auto values = model.values.as<float>();
  bool has_weights = false, is_known = true;
  for (const Likelihood::ColumnStart& start : likelihood.start_of_constant(0, 2))
    if (start.name.ends_with("weight"))
      for_each_place(model, start.name, column, [&](std::size_t place) {
        has_weights = true;
        is_known &= values[place] == 0;
      });
  return has_weights && is_known;
}

}  // namespace diabolo
