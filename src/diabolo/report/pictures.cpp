#include <diabolo/data/grid.h>
#include <diabolo/data/png.h>
#include <diabolo/models/model_data.h>
#include <diabolo/report/picture_range.h>
#include <diabolo/report/pictures.h>
#include <diabolo/report/principal.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace diabolo {
namespace {

/// Rows to show, as many of each label as there can be; in the order of the labels.
std::vector<std::int64_t> chosen(std::int64_t rows, const ReportColumn* labels) {
  std::vector<std::int64_t> all(static_cast<std::size_t>(rows));
  std::iota(all.begin(), all.end(), 0);
  const auto most = static_cast<std::size_t>(ReportPictures::kExamples);
  const auto value = [&](std::int64_t row) {
    const double x = labels->values[static_cast<std::size_t>(row)];
    return std::isnan(x) ? HUGE_VAL : x;
  };
  if (labels && all.size() > most) {  // one of each, another of each, ...
    std::map<double, std::size_t> seen;
    std::vector<std::size_t> round(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) round[i] = seen[value(all[i])]++;
    std::stable_sort(all.begin(), all.end(), [&](std::int64_t a, std::int64_t b) {
      return round[static_cast<std::size_t>(a)] < round[static_cast<std::size_t>(b)];
    });
  }
  all.resize(std::min(all.size(), most));
  if (labels)
    std::stable_sort(all.begin(), all.end(),
                     [&](std::int64_t a, std::int64_t b) { return value(a) < value(b); });
  return all;
}

Tensor walks(const Model& model, const Tensor& codes, ReportPictures& to) {
  const Principal spread = principal_two(codes);
  const std::int64_t Z = codes.row_size(), S = ReportPictures::kSteps;
  to.units.resize(static_cast<std::size_t>(Z));
  std::iota(to.units.begin(), to.units.end(), 0);
  std::stable_sort(to.units.begin(), to.units.end(), [&](std::int64_t a, std::int64_t b) {
    return spread.deviation[static_cast<std::size_t>(a)] >
           spread.deviation[static_cast<std::size_t>(b)];
  });
  to.units.resize(static_cast<std::size_t>(std::min(Z, ReportPictures::kUnits)));
  // Codes of a model with a prior are about standard normal together; else they have a scale of
  // their own.
  const bool has_prior = model.data().composition.posterior.type != "deterministic";
  Tensor points(DType::f32, {std::ssize(to.units) * S, Z});
  for (std::size_t u = 0; u < to.units.size(); ++u) {
    const auto unit = static_cast<std::size_t>(to.units[u]);
    to.low.push_back(has_prior ? -3 : spread.mean[unit] - 2.5 * spread.deviation[unit]);
    to.high.push_back(has_prior ? 3 : spread.mean[unit] + 2.5 * spread.deviation[unit]);
    for (std::int64_t s = 0; s < S; ++s) {
      const auto at = (static_cast<std::int64_t>(u) * S + s) * Z;
      const std::span<float> point =
          points.as<float>().subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(Z));
      std::copy_n(codes.as<float>().begin(), Z, point.begin());
      const double part = static_cast<double>(s) / static_cast<double>(S - 1);
      point[unit] = static_cast<float>(to.low[u] + part * (to.high[u] - to.low[u]));
    }
  }
  return points;
}

/// Straight lines between the codes of rows that stand far from each other in the list.
Tensor lines(const Tensor& codes) {
  const std::int64_t n = codes.rows(), Z = codes.row_size(), S = ReportPictures::kSteps;
  const std::int64_t pairs = std::min(n / 2, ReportPictures::kPairs);
  Tensor points(DType::f32, {pairs * S, Z});
  const auto code = [&](std::int64_t row, std::int64_t z) {
    return static_cast<double>(codes.as<float>()[static_cast<std::size_t>(row * Z + z)]);
  };
  for (std::int64_t p = 0; p < pairs; ++p) {
    const std::int64_t from = p * (n / 2) / pairs, to = from + n / 2;
    for (std::int64_t s = 0; s < S; ++s)
      for (std::int64_t z = 0; z < Z; ++z) {
        const double part = static_cast<double>(s) / static_cast<double>(S - 1);
        points.as<float>()[static_cast<std::size_t>((p * S + s) * Z + z)] =
            static_cast<float>((1 - part) * code(from, z) + part * code(to, z));
      }
  }
  return points;
}

}  // namespace

ReportPictures make_pictures(const Model& model, const Dataset& examples,
                             const ReportColumn* labels, std::uint64_t seed) {
  const std::vector<std::int64_t> rows = chosen(examples.size(), labels);
  const Dataset shown = examples.select(rows);
  ReportPictures result;
  result.row_shape = shown.row_shape;
  result.originals = as_floats(shown.values);
  result.reconstructions = model.reconstruct(shown, seed).values;
  if (labels)
    for (const std::int64_t row : rows)
      result.labels.push_back(labels->text(labels->values[static_cast<std::size_t>(row)]));
  result.samples = model.sample(ReportPictures::kSamples, {.seed = seed, .mean = true}).values;
  const Tensor codes = model.encode(shown, seed);
  result.traversals = model.decode(walks(model, codes, result)).values;
  if (codes.rows() >= 2) result.interpolations = model.decode(lines(codes)).values;
  return result;
}

void write_pictures(const ReportPictures& pictures, const ModelData& model,
                    const std::string& folder) {
  GridOptions options = picture_range(model);
  const Shape& shape = pictures.row_shape;
  options.columns = 8;
  write_png(grid(pictures.samples, shape, options), folder + "/samples.png");
  write_png(grid_of_pairs(pictures.originals, pictures.reconstructions, shape, options),
            folder + "/reconstructions.png");
  options.columns = static_cast<int>(ReportPictures::kSteps);
  write_png(grid(pictures.traversals, shape, options), folder + "/traversals.png");
  if (pictures.interpolations.rows() > 0)
    write_png(grid(pictures.interpolations, shape, options), folder + "/interpolations.png");
}

}  // namespace diabolo
