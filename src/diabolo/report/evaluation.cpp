#include <diabolo/report/evaluation.h>
#include <diabolo/report/sections.h>

#include <cmath>

namespace diabolo {
namespace {

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

/// Rows with missing values have a number of cells on average.
Json whole_or_not(double x) {
  return x == std::floor(x) ? Json(static_cast<std::int64_t>(x)) : Json(x);
}

}  // namespace

Json as_json(const Evaluation& e) {
  return {{"rows", e.rows},
          {"dimensions", whole_or_not(e.dimensions)},
          {"elbo", or_null(e.elbo)},
          {"log_px", e.log_px},
          {"kl", or_null(e.kl)},
          {"loss", e.loss},
          {"nll", or_null(e.nll)},
          {"nll_standard_error", or_null(e.nll_standard_error)},
          {"nll_discrete", or_null(e.nll_discrete)},
          {"nll_continuous", or_null(e.nll_continuous)},
          {"samples", e.samples},
          {"bits_per_dim", or_null(e.bits_per_dim)},
          {"active_units", e.active_units},
          {"kl_per_unit", e.kl_per_unit.empty() ? Json(nullptr) : Json(e.kl_per_unit)},
          {"mse", or_null(e.mse)},
          {"seed", e.seed}};
}

Json evaluation_section(const ReportInput& input, const ReportRows& rows) {
  const bool is_whole = std::ssize(rows.examined_numbers) == rows.map.size();
  Json json = as_json(input.model->evaluate(is_whole ? rows.map : rows.examined,
                                            {.samples = 1, .seed = input.seed}));
  json["total"] = rows.total;
  // A model without a closed form of its KL still shows which units move.
  json["deviations"] = numbers(rows.principal.deviation);
  return json;
}

}  // namespace diabolo
