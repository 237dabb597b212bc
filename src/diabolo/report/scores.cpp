#include <diabolo/apps/explain.h>
#include <diabolo/models/model_data.h>
#include <diabolo/report/picture_range.h>
#include <diabolo/report/sections.h>

#include <algorithm>
#include <cmath>

namespace diabolo {
namespace {

constexpr std::size_t kWorst = 20, kShownColumns = 10, kPictures = 16;

Json histogram(const std::vector<double>& scores) {
  constexpr std::size_t kBins = 50;
  const auto [least, most] = std::minmax_element(scores.begin(), scores.end());
  const double low = *least, width = std::max(*most - low, 1e-9) / kBins;
  std::vector<std::int64_t> counts(kBins);
  for (const double x : scores)
    ++counts[std::min(static_cast<std::size_t>((x - low) / width), kBins - 1)];
  return {{"low", low}, {"width", width}, {"counts", counts}};
}

bool has_validation(const ModelData& model) {
  return std::ranges::any_of(model.history,
                             [](const EpochRecord& r) { return !std::isnan(r.valid_loss); });
}

std::string reasons_of(const ReportRows& rows, std::size_t at) {
  if (rows.scores->excess.empty()) return "";
  const auto D = static_cast<std::size_t>(rows.examined.dimensions());
  std::vector<std::string> names = rows.examined.columns;
  for (std::size_t d = names.size(); d < D; ++d) names.push_back(fmt::format("c{}", d));
  return reasons(std::span(rows.scores->excess).subspan(at * D, D), names);
}

Json row(const ReportRows& rows, std::size_t at) {
  const Scores& scores = *rows.scores;
  Json values = Json::array();
  const std::size_t place = rows.examined_places[at];
  for (std::size_t c = 0; c < std::min(rows.columns.size(), kShownColumns); ++c)
    values.push_back(rows.columns[c].text(rows.columns[c].values[place]));
  return {{"row", rows.examined_numbers[at]},
          {"score", number(scores.score[at])},
          {"log_px", number(scores.log_px[at])},
          {"kl", number(scores.kl[at])},
          {"label", rows.labels ? rows.labels->text(rows.labels->values[place]) : ""},
          {"reasons", reasons_of(rows, at)},
          {"values", values}};
}

Json pictures(const ReportInput& input, const ReportRows& rows,
              std::span<const std::size_t> order) {
  std::vector<std::int64_t> chosen(order.begin(), order.end());
  const Dataset shown = rows.examined.select(chosen);
  const Dataset again = input.model->reconstruct(shown, input.seed);
  const ModelData& model = input.model->data();
  const int across = static_cast<int>(chosen.size());
  return {{"originals", sprite(as_floats(shown.values), shown.row_shape, model, across)},
          {"reconstructions", sprite(again.values, again.row_shape, model, across)}};
}

}  // namespace

Json scores_section(const ReportInput& input, const ReportRows& rows) {
  if (!rows.scores || rows.scores->score.empty()) return nullptr;
  const std::vector<std::size_t> order = worst_first(rows.scores->score);
  const bool is_image = rows.map.is_image;
  const std::size_t count = std::min(order.size(), is_image ? kPictures : kWorst);
  const std::span<const std::size_t> worst(order.data(), count);
  std::vector<std::size_t> best(order.rbegin(),
                                order.rbegin() + static_cast<std::ptrdiff_t>(count));
  Json json{{"examined", rows.scores->score.size()},
            {"total", rows.total},
            {"histogram", histogram(rows.scores->score)},
            {"worst", Json::array()},
            {"best", Json::array()},
            {"columns", Json::array()},
            {"columns_total", rows.columns.empty() ? 0 : column_count(rows.map)},
            {"threshold", nullptr},
            {"threshold_held_out", has_validation(input.model->data())},
            {"labels", rows.labels ? Json(rows.labels->name) : Json()}};
  for (const std::size_t at : worst) json["worst"].push_back(row(rows, at));
  for (const std::size_t at : best) json["best"].push_back(row(rows, at));
  for (std::size_t c = 0; c < std::min(rows.columns.size(), kShownColumns); ++c)
    json["columns"].push_back(rows.columns[c].name);
  if (!input.model->data().score_reference.quantiles.empty())
    json["threshold"] = number(input.model->score_threshold(0.01));
  if (is_image) {
    json["worst_pictures"] = pictures(input, rows, worst);
    json["best_pictures"] = pictures(input, rows, best);
  }
  return json;
}

}  // namespace diabolo
