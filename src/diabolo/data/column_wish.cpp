// What may be asked of a column: kinds by type, likelihoods by kind.
#include <diabolo/base/nearest.h>
#include <diabolo/data/column_rule.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace diabolo {
namespace {

using Kinds = std::vector<Kind>;

Kinds kinds_of(ColumnType type) {
  switch (type) {
    case ColumnType::boolean:
      return {Kind::boolean, Kind::binary, Kind::categorical, Kind::identifier};
    case ColumnType::integer:
    case ColumnType::real:
      return {Kind::continuous, Kind::positive, Kind::bounded,     Kind::count,
              Kind::binary,     Kind::boolean,  Kind::categorical, Kind::identifier};
    case ColumnType::text:
      return {Kind::categorical, Kind::binary, Kind::identifier};
    case ColumnType::date:
    case ColumnType::time:
    case ColumnType::timestamp:
      return {Kind::datetime, Kind::continuous, Kind::binary, Kind::categorical, Kind::identifier};
  }
  return {};
}

std::string list(const Kinds& kinds) {
  std::vector<std::string_view> names;
  for (const Kind kind : kinds) names.push_back(name(kind));
  return fmt::format("{}", fmt::join(names, ", "));
}

bool has_levels(const std::string& likelihood) {
  return likelihood == "categorical" || likelihood == "bernoulli";
}

}  // namespace

void check_wish(const Field& field, const ColumnWish& wish) {
  const std::string& likelihood = wish.likelihood;
  if (wish.kind) {
    const Kinds possible = kinds_of(field.type);
    const bool fits = std::find(possible.begin(), possible.end(), *wish.kind) != possible.end();
    check(fits || *wish.kind == Kind::constant, ErrorCode::invalid_argument, "schema",
          "expected a kind for column '{}' that {} values can have ({}), got {}; choose one of "
          "them, or --drop it",
          field.name, name(field.type), list(possible), name(*wish.kind));
    check(*wish.kind != Kind::constant, ErrorCode::invalid_argument, "schema",
          "expected a kind that can be modelled for column '{}', got constant; leave it out by "
          "--drop {}",
          field.name, field.name);
    check(!is_of_names(*wish.kind) || likelihood.empty() || has_levels(likelihood),
          ErrorCode::invalid_argument, "schema",
          "expected likelihood categorical or bernoulli for column '{}' of kind {}, got '{}'; "
          "choose another kind, or no likelihood",
          field.name, name(*wish.kind), likelihood);
    check(*wish.kind != Kind::identifier || likelihood.empty(), ErrorCode::invalid_argument,
          "schema",
          "expected no likelihood for column '{}' of kind identifier, which is left out, got '{}'; "
          "choose another kind",
          field.name, likelihood);
  }
  const bool names = field.type == ColumnType::text || field.type == ColumnType::boolean;
  check(!names || likelihood.empty() || has_levels(likelihood), ErrorCode::invalid_argument,
        "schema",
        "expected likelihood categorical or bernoulli for column '{}' of {} values, got '{}'; "
        "choose one of them",
        field.name, name(field.type), likelihood);
}

}  // namespace diabolo
