#include <diabolo/apps/expectation.h>
#include <diabolo/data/cells.h>

#include <algorithm>
#include <cmath>

namespace diabolo {
namespace {

bool has_level_features(const ColumnSchema& column) {
  return column.likelihood.type == "categorical" || column.likelihood.type == "bins";
}

}  // namespace

// The decoder gives numbers first, then the levels of all columns that have any (prob/columns.h).
Expectation::Expectation(const ModelData& model) : model_(model) {
  const auto D = static_cast<std::size_t>(model.dimensions);
  places_.resize(D);
  if (model.schema.empty()) {
    for (std::size_t d = 0; d < D; ++d) places_[d].first = d;
    return;
  }
  const std::vector<int> columns = cell_columns(model.schema);
  std::size_t next = 0;
  for (const bool levels : {false, true})
    for (std::size_t d = 0; d < D; ++d) {
      const ColumnSchema& column = model.schema.columns[static_cast<std::size_t>(columns[d])];
      if (has_level_features(column) != levels) continue;
      Place& place = places_[d];
      place.column = &column;
      place.first = next;
      place.is_category = column.code.form == ColumnCode::levels &&
                          (column.values.empty() || is_of_names(column.kind));
      if (column.code.form == ColumnCode::levels) place.centres = column.values;
      if (levels) {
        place.levels = static_cast<std::size_t>(column.level_count());
        if (column.code.form == ColumnCode::bins)
          for (std::size_t b = 0; b < place.levels; ++b)
            place.centres.push_back(column.code.to_data(static_cast<double>(b) + 0.5, false));
      }
      next += levels ? place.levels : 1;
    }
}

std::size_t Expectation::likeliest(std::span<const float> features, const Place& place) {
  if (place.levels == 0) return features[place.first] > 0.5f ? 1 : 0;  // the second of two
  const auto shares = features.subspan(place.first, place.levels);
  return static_cast<std::size_t>(std::max_element(shares.begin(), shares.end()) - shares.begin());
}

double Expectation::mean(std::span<const float> features, std::size_t d) const {
  const Place& place = places_[d];
  const float first = features[place.first];
  if (place.is_category) return value(static_cast<float>(likeliest(features, place)), d);
  if (place.centres.empty()) return in_range(value(first, d, false), d);  // needs no lattice
  if (place.levels == 0)
    return place.centres[0] + static_cast<double>(first) * (place.centres[1] - place.centres[0]);
  const auto shares = features.subspan(place.first, place.levels);
  double mean = 0;
  for (std::size_t l = 0; l < shares.size(); ++l)
    mean += static_cast<double>(shares[l]) * place.centres[l];
  return mean;
}

float Expectation::mean_as_held(std::span<const float> features, std::size_t d) const {
  const Place& place = places_[d];
  if (place.is_category) return static_cast<float>(likeliest(features, place));
  const double x = mean(features, d);
  if (!place.column) return static_cast<float>(x);
  if (place.column->code.form != ColumnCode::levels)
    return static_cast<float>(place.column->code.to_cell(x));
  const std::vector<double>& levels = place.centres;
  const auto above = std::upper_bound(levels.begin() + 1, levels.end() - 1, x);
  const double high = *above, low = *(above - 1);
  return static_cast<float>(static_cast<double>(above - levels.begin()) -
                            (high - x) / (high - low));
}

double Expectation::value(float number, std::size_t d) const { return value(number, d, true); }

double Expectation::value(float number, std::size_t d, bool round) const {
  const Place& place = places_[d];
  const double x = static_cast<double>(number);
  if (!place.column) {
    const Transform& t = model_.transform;
    const auto column = static_cast<std::int64_t>(d);
    return x * t.scale_of(column) + t.shift_of(column);
  }
  if (place.column->code.form != ColumnCode::levels) return place.column->code.to_data(x, round);
  const auto last = static_cast<double>(place.column->level_count() - 1);
  const double level = std::clamp(std::round(x), 0.0, last);
  return place.centres.empty() ? level : place.centres[static_cast<std::size_t>(level)];
}

double Expectation::value_in_range(float number, std::size_t d) const {
  return in_range(value(number, d), d);
}

double Expectation::in_range(double x, std::size_t d) const {
  const ColumnSchema* const column = places_[d].column;
  if (column == nullptr || column->code.form == ColumnCode::levels) return x;
  return std::clamp(x, column->low, column->high);
}

bool Expectation::is_curved(std::size_t d) const {
  return places_[d].column != nullptr && places_[d].column->code.form == ColumnCode::log;
}

double Expectation::probability(std::span<const float> features, std::size_t d) const {
  const Place& place = places_[d];
  const double first = static_cast<double>(features[place.first]);
  if (place.levels == 0) return std::max(first, 1 - first);
  const auto shares = features.subspan(place.first, place.levels);
  return static_cast<double>(*std::max_element(shares.begin(), shares.end()));
}

}  // namespace diabolo
