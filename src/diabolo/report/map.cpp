#include <diabolo/base/parallel.h>
#include <diabolo/models/model_data.h>
#include <diabolo/report/picture_range.h>
#include <diabolo/report/sections.h>
#include <diabolo/report/sheet.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>

namespace diabolo {
namespace {

constexpr std::size_t kSheet = 10'000;        // pictures in one PNG, which are decoded together
constexpr std::size_t kMapBytes = 4'000'000;  // of the columns that a map can be coloured by

Json thumbnails(const ReportInput& input, const Dataset& data) {
  const GridOptions range = picture_range(input.model->data());
  const int side = data.row_shape.rank() == 3 && data.row_shape[2] == 3 ? 10 : 14;
  const auto count = static_cast<std::size_t>(data.size());
  const std::size_t sheets = (count + kSheet - 1) / kSheet,
                    across = std::min<std::size_t>(100, count);
  std::vector<std::string> addresses(sheets);
  std::vector<std::exception_ptr> errors(sheets);
  ThreadPool pool(input.threads);
  pool.run(static_cast<int>(sheets), [&](int s) noexcept {
    const auto place = static_cast<std::size_t>(s);
    try {
      const std::size_t first = place * kSheet, n = std::min(kSheet, count - first);
      const Dataset part =
          data.rows(static_cast<std::int64_t>(first), static_cast<std::int64_t>(n));
      addresses[place] =
          png_address(sheet_of(as_floats(part.values), data.row_shape, range, across, side, 17),
                      PngSearch::quick);
    } catch (...) {
      errors[place] = std::current_exception();
    }
  });
  for (const std::exception_ptr& error : errors)
    if (error) std::rethrow_exception(error);
  const auto [width, height] = shrunk_size(data.row_shape, side);
  return {{"sheets", addresses},
          {"each", kSheet},
          {"across", across},
          {"width", width},
          {"height", height}};
}

Json axis(const std::string& name, std::span<const double> values) {
  return {{"name", name}, {"values", packed_places(values)}};
}

Json axes(const ReportRows& rows) {
  const std::int64_t Z = rows.codes.row_size();
  Json list = Json::array();
  std::vector<double> values(rows.numbers.size());
  for (std::int64_t z = 0; z < std::min<std::int64_t>(Z, 2); ++z) {
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = static_cast<double>(
          rows.codes.as<float>()[i * static_cast<std::size_t>(Z) + static_cast<std::size_t>(z)]);
    list.push_back(axis(fmt::format("z{}", z), values));
  }
  if (Z == 1) {
    std::copy(rows.numbers.begin(), rows.numbers.end(), values.begin());
    list.push_back(axis("place in the data", values));
  }
  if (Z > 2) {
    const auto name = [](int i, double share) {
      return fmt::format("principal {} ({:.0f} % of the variance)", i, 100 * share);
    };
    list.push_back(axis(name(1, rows.principal.x_share), rows.principal.x));
    list.push_back(axis(name(2, rows.principal.y_share), rows.principal.y));
  }
  return list;
}

ReportColumn score_column(const ReportRows& rows) {
  ReportColumn column;
  column.name = "score";
  column.values.assign(rows.numbers.size(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t i = 0; i < rows.examined_places.size(); ++i)
    column.values[rows.examined_places[i]] = rows.scores->score[i];
  return column;
}

}  // namespace

Json map_section(const ReportInput& input, const ReportRows& rows) {
  Json columns = Json::array();
  std::size_t bytes = 0;
  const auto add = [&](const ReportColumn& column) {
    columns.push_back(packed_column(column));
    bytes += 4 * column.values.size();
  };
  if (rows.labels) add(*rows.labels);
  std::size_t shown = 0;
  for (const ReportColumn& column : rows.columns) {
    if (bytes >= kMapBytes) break;
    if (!rows.labels || column.name != rows.labels->name) add(column);
    ++shown;
  }
  if (rows.scores) add(score_column(rows));
  return {{"axes", axes(rows)},
          {"numbers", packed_numbers(rows.numbers)},
          {"count", rows.numbers.size()},
          {"total", rows.total},
          {"latent", rows.codes.row_size()},
          {"columns", columns},
          {"columns_shown", shown},
          {"columns_total", column_count(rows.map)},
          {"has_labels", rows.labels.has_value()},
          {"scored", rows.scores ? rows.scores->score.size() : 0},
          {"pictures", rows.map.is_image ? thumbnails(input, rows.map) : Json()}};
}

}  // namespace diabolo
