#include <diabolo/report/sections.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace diabolo {

Json missing_section(const ReportRows& rows) {
  constexpr std::size_t kPatterns = 15;
  const auto [columns, with_holes] = columns_with_holes(rows.map, kReportColumns);
  if (columns.empty()) return nullptr;
  std::map<std::string, std::int64_t> patterns;  // a character for each column
  std::vector<double> share(columns.size());
  for (std::size_t i = 0; i < rows.numbers.size(); ++i) {
    std::string pattern;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const bool missing = std::isnan(columns[c].values[i]);
      pattern += missing ? '1' : '0';
      share[c] += missing ? 1.0 / static_cast<double>(rows.numbers.size()) : 0;
    }
    ++patterns[pattern];
  }
  std::vector<std::pair<std::string, std::int64_t>> order(patterns.begin(), patterns.end());
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  Json names = Json::array(), list = Json::array();
  for (const ReportColumn& column : columns) names.push_back(column.name);
  for (std::size_t i = 0; i < std::min(order.size(), kPatterns); ++i)
    list.push_back({{"missing", order[i].first}, {"rows", order[i].second}});
  return {{"names", names},
          {"share", numbers(share)},
          {"patterns", list},
          {"patterns_total", order.size()},
          {"with_holes", with_holes},
          {"columns_total", column_count(rows.map)},
          {"rows", rows.numbers.size()}};
}

}  // namespace diabolo
