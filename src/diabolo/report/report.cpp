#include <diabolo/base/error.h>
#include <diabolo/models/model_data.h>
#include <diabolo/report/sections.h>

namespace diabolo {
namespace {

constexpr std::string_view kPlace = "@DIABOLO_DATA@";

}  // namespace

std::string report_data(const ReportInput& input) {
  Json json{{"summary", summary_section(input)},
            {"history", history_section(input)},
            {"schema", schema_section(input.model->data())}};
  if (input.data) {
    const ReportRows rows = report_rows(input);
    json["evaluation"] = evaluation_section(input, rows);
    json["map"] = map_section(input, rows);
    json["pictures"] = picture_section(input, rows);
    json["columns"] = columns_section(input, rows);
    json["missing"] = missing_section(rows);
    json["scores"] = scores_section(input, rows);
  }
  return script_text(json);
}

std::string make_report(std::string_view page, const ReportInput& input) {
  const std::size_t place = page.find(kPlace);
  check(place != std::string_view::npos, ErrorCode::internal, "report",
        "expected a page with a place for its numbers, got one without; run scripts/get_charts");
  std::string whole(page.substr(0, place));
  whole += report_data(input);
  whole += page.substr(place + kPlace.size());
  return whole;
}

}  // namespace diabolo
