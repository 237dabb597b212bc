// The parts of the page, each a file. A part that a model or the data do not have is null.
#pragma once

#include <diabolo/report/pictures.h>
#include <diabolo/report/principal.h>
#include <diabolo/report/report.h>

#include <optional>

namespace diabolo {

/// Rows to look at: `map` for the map, of which some, drawn at random, are `examined` more closely.
struct ReportRows {
  std::vector<std::int64_t> numbers;  ///< of the rows of `map` in the data, from 0, rising
  Dataset map;
  std::vector<std::int64_t> examined_numbers;  ///< a part of the rows of `map`
  std::vector<std::size_t> examined_places;    ///< of these within `map`
  Dataset examined;
  std::int64_t total = 0;  ///< rows of the data

  Tensor codes;  ///< means, [map, Z]
  Principal principal;
  std::vector<ReportColumn> columns;  ///< of `map`
  std::optional<ReportColumn> labels;
  std::optional<Scores> scores;  ///< of `examined`; none for a model without a bound
};

ReportRows report_rows(const ReportInput& input);

/// Columns that are looked at, at most.
inline constexpr std::size_t kReportColumns = 30;

Json summary_section(const ReportInput& input);
Json history_section(const ReportInput& input);
Json schema_section(const ModelData& model);

Json evaluation_section(const ReportInput& input, const ReportRows& rows);
Json map_section(const ReportInput& input, const ReportRows& rows);
Json scores_section(const ReportInput& input, const ReportRows& rows);
Json picture_section(const ReportInput& input, const ReportRows& rows);
/// Real beside generated: histograms, and how columns depend on each other.
Json columns_section(const ReportInput& input, const ReportRows& rows);
Json correlation_section(const std::vector<ReportColumn>& real,
                         const std::vector<ReportColumn>& made);
Json missing_section(const ReportRows& rows);

/// Pictures of one size side by side: {"png", "width", "height", "across", "count"}.
Json sprite(const Tensor& rows, const Shape& row_shape, const ModelData& model, int across);

/// Places of scores, the highest first.
std::vector<std::size_t> worst_first(std::span<const double> scores);

}  // namespace diabolo
