#include <diabolo/models/model_data.h>
#include <diabolo/report/sections.h>

#include <algorithm>
#include <cmath>

namespace diabolo {
namespace {

constexpr std::size_t kBins = 30, kBars = 20;

std::vector<double> known(const ReportColumn& column) {
  std::vector<double> values;
  for (const double x : column.values)
    if (!std::isnan(x)) values.push_back(x);
  std::sort(values.begin(), values.end());
  return values;
}

double missing_share(const ReportColumn& column) {
  const auto count = std::count_if(column.values.begin(), column.values.end(),
                                   [](double x) { return std::isnan(x); });
  return column.values.empty()
             ? 0
             : static_cast<double>(count) / static_cast<double>(column.values.size());
}

/// Edges of bins for a column of numbers: from one quantile to another, so that few far values do
/// not squeeze the rest; whole numbers of a small range have bins of their own.
std::vector<double> edges_of(const std::vector<double>& sorted) {
  const auto quantile = [&](double share) {
    return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
  };
  double low = quantile(0.005), high = quantile(0.995);
  const bool is_whole =
      std::all_of(sorted.begin(), sorted.end(), [](double x) { return x == std::floor(x); });
  std::size_t bins = kBins;
  if (is_whole) {
    const double step = std::max(1.0, std::ceil((high - low + 1) / static_cast<double>(kBins)));
    bins = static_cast<std::size_t>(std::ceil((high - low + 1) / step));
    low -= 0.5, high = low + step * static_cast<double>(bins);
  } else if (!(high > low)) {
    low -= 0.5, high += 0.5;
  }
  std::vector<double> edges;
  for (std::size_t i = 0; i <= bins; ++i)
    edges.push_back(low + (high - low) * static_cast<double>(i) / static_cast<double>(bins));
  return edges;
}

/// Shares of the values that are there; those beyond the edges are in the outer bins.
std::vector<double> shares(const ReportColumn& column, const std::vector<double>& edges) {
  std::vector<double> result(edges.size() - 1);
  double count = 0;
  for (const double x : column.values) {
    if (std::isnan(x)) continue;
    const auto bin = std::upper_bound(edges.begin() + 1, edges.end() - 1, x) - edges.begin() - 1;
    result[static_cast<std::size_t>(bin)] += 1;
    ++count;
  }
  for (double& share : result) share /= std::max(count, 1.0);
  return result;
}

/// The levels that are shown: the most frequent, in order where order means something.
std::vector<double> level_edges(std::size_t levels) {
  std::vector<double> edges;
  for (std::size_t i = 0; i <= levels; ++i) edges.push_back(static_cast<double>(i) - 0.5);
  return edges;
}

struct Bars {
  std::vector<std::string> names;
  std::vector<double> real, made;
};

Bars bars(const ReportColumn& real, const ReportColumn& made) {
  const std::vector<double> edges = level_edges(real.levels.size());
  const std::vector<double> r = shares(real, edges), m = shares(made, edges);
  std::vector<std::size_t> order(r.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return r[a] > r[b]; });
  const std::size_t shown = order.size() > kBars ? kBars - 1 : order.size();
  if (real.is_ordered) std::sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown));
  Bars result;
  double rest_real = 0, rest_made = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i < shown) {
      result.names.push_back(real.levels[order[i]]);
      result.real.push_back(r[order[i]]);
      result.made.push_back(m[order[i]]);
    } else {
      rest_real += r[order[i]], rest_made += m[order[i]];
    }
  }
  if (shown < order.size()) {
    result.names.push_back(fmt::format("{} others", order.size() - shown));
    result.real.push_back(rest_real);
    result.made.push_back(rest_made);
  }
  return result;
}

/// Half the sum of differences: 0 the same, 1 nothing in common.
double distance(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] - b[i]);
  return sum / 2;
}

Json column_json(const ReportColumn& real, const ReportColumn& made) {
  Json json{{"name", real.name},
            {"kind", std::string(name(real.type))},
            {"missing", missing_share(real)}};
  const std::vector<double> sorted = known(real);
  if (sorted.empty()) return json["kind"] = "empty", json;
  if (real.has_levels()) {
    const Bars b = bars(real, made);
    json["kind"] = "levels";
    json["levels"] = b.names;
    json["real"] = numbers(b.real);
    json["made"] = numbers(b.made);
    json["distance"] = distance(b.real, b.made);
    return json;
  }
  const std::vector<double> edges = edges_of(sorted);
  const std::vector<double> r = shares(real, edges), m = shares(made, edges);
  json["edges"] = numbers(edges);
  json["real"] = numbers(r);
  json["made"] = numbers(m);
  json["distance"] = distance(r, m);
  return json;
}

}  // namespace

Json columns_section(const ReportInput& input, const ReportRows& rows) {
  if (rows.map.is_image) return nullptr;
  std::vector<ReportColumn> real;
  for (const ReportColumn& column : report_columns(rows.examined, kReportColumns))
    real.push_back(column);
  const Dataset samples = input.model->sample(rows.examined.size(), {.seed = input.seed});
  const std::vector<ReportColumn> made = report_columns(samples, kReportColumns);
  Json columns = Json::array();
  for (std::size_t c = 0; c < real.size(); ++c) columns.push_back(column_json(real[c], made[c]));
  return {{"rows", rows.examined.size()},
          {"columns", columns},
          {"columns_total", column_count(rows.map)},
          {"correlations", correlation_section(real, made)}};
}

}  // namespace diabolo
