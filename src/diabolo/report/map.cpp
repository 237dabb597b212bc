#include <diabolo/base/parallel.h>
#include <diabolo/models/model_data.h>
#include <diabolo/report/picture_range.h>
#include <diabolo/report/sections.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>

namespace diabolo {
namespace {

constexpr std::size_t kSheet = 10'000;        // pictures in one PNG, which are decoded together
constexpr std::size_t kMapBytes = 4'000'000;  // of the columns that a map can be coloured by

/// A picture made small: means of its pixels, in 16 steps, which compress well.
Picture thumbnail(const Picture& picture, int side) {
  const double scale =
      std::min(1.0, static_cast<double>(side) /
                        static_cast<double>(std::max(picture.width, picture.height)));
  const auto fit = [&](int n) { return std::max(1, static_cast<int>(std::lround(n * scale))); };
  Picture small{.width = fit(picture.width),
                .height = fit(picture.height),
                .channels = picture.channels,
                .pixels = {}};
  small.pixels.resize(static_cast<std::size_t>(small.width * small.height * small.channels));
  for (int y = 0; y < small.height; ++y)
    for (int x = 0; x < small.width; ++x)
      for (int c = 0; c < small.channels; ++c) {
        const int top = y * picture.height / small.height, left = x * picture.width / small.width;
        const int bottom = std::max(top + 1, (y + 1) * picture.height / small.height);
        const int right = std::max(left + 1, (x + 1) * picture.width / small.width);
        int sum = 0;
        for (int i = top; i < bottom; ++i)
          for (int j = left; j < right; ++j)
            sum += picture.pixels[static_cast<std::size_t>(
                (i * picture.width + j) * picture.channels + c)];
        const int mean = sum / ((bottom - top) * (right - left));
        small.pixels[static_cast<std::size_t>((y * small.width + x) * small.channels + c)] =
            static_cast<std::uint8_t>((mean + 8) / 17 * 17);
      }
  return small;
}

void paste(const Picture& small, std::size_t at, std::size_t across, Picture& sheet) {
  const auto width = static_cast<std::size_t>(small.width * small.channels);
  const std::size_t stride = static_cast<std::size_t>(sheet.width * sheet.channels);
  const std::size_t top = at / across * static_cast<std::size_t>(small.height);
  for (std::size_t y = 0; y < static_cast<std::size_t>(small.height); ++y)
    std::copy_n(small.pixels.begin() + static_cast<std::ptrdiff_t>(y * width), width,
                sheet.pixels.begin() +
                    static_cast<std::ptrdiff_t>((top + y) * stride + at % across * width));
}

/// The pictures `first` to `first + n` in one, `across` in a line.
Picture sheet_of(const Dataset& data, const GridOptions& range, std::size_t first, std::size_t n,
                 std::size_t across) {
  const Tensor floats =
      as_floats(data.rows(static_cast<std::int64_t>(first), static_cast<std::int64_t>(n)).values);
  Picture sheet;
  for (std::size_t i = 0; i < n; ++i) {
    const Picture whole =
        picture_of_row(floats, static_cast<std::int64_t>(i), data.row_shape, range);
    const Picture small = thumbnail(whole, whole.channels == 1 ? 14 : 10);
    if (i == 0) {
      sheet = {.width = small.width * static_cast<int>(across),
               .height = small.height * static_cast<int>((n + across - 1) / across),
               .channels = small.channels,
               .pixels = {}};
      sheet.pixels.resize(static_cast<std::size_t>(sheet.width * sheet.height * sheet.channels));
    }
    paste(small, i, across, sheet);
  }
  return sheet;
}

Json thumbnails(const ReportInput& input, const Dataset& data) {
  const GridOptions range = picture_range(input.model->data());
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
      addresses[place] = png_address(sheet_of(data, range, first, n, across), PngSearch::quick);
    } catch (...) {
      errors[place] = std::current_exception();
    }
  });
  for (const std::exception_ptr& error : errors)
    if (error) std::rethrow_exception(error);
  const Picture one = thumbnail(picture_of_row(data.rows(0, 1).values, 0, data.row_shape, range),
                                data.row_shape.rank() == 3 && data.row_shape[2] == 3 ? 10 : 14);
  return {{"sheets", addresses},
          {"each", kSheet},
          {"across", across},
          {"width", one.width},
          {"height", one.height}};
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
