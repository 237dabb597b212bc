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

}  // namespace

void begin_constant_columns(ModelData& model, const Components& components, const Dataset& data,
                            std::span<const std::int64_t> rows) {
  if (!model.composition.columns.empty()) return;
  const bool is_drawn = model.transform.binarize != "none";  // but for black and white
  const auto likelihood = components.likelihoods.make(model.composition.likelihood);
  const std::vector<Seen> columns = look_at_columns(data, rows);
  const std::span<float> values = model.values.as<float>();
  for (std::size_t d = 0; d < columns.size(); ++d) {
    if (!columns[d].is_constant || columns[d].rows < 2) continue;
    const auto column = static_cast<std::int64_t>(d);
    const double value =
        (columns[d].value - model.transform.shift_of(column)) / model.transform.scale_of(column);
    if (is_drawn && value != 0 && value != 1) continue;
    for (const Likelihood::ColumnStart& start :
         likelihood->start_of_constant(value, columns[d].rows))
      for (const ParameterInfo& info : model.parameters.all()) {
        if (info.name != "likelihood." + std::string(start.name)) continue;
        const auto begin = static_cast<std::size_t>(info.offset);
        for (std::size_t i = d; i < static_cast<std::size_t>(info.shape.size());
             i += columns.size())
          values[begin + i] = static_cast<float>(start.value);
      }
  }
}

}  // namespace diabolo
