#include <diabolo/base/error.h>
#include <diabolo/data/bin_edges.h>
#include <diabolo/data/column_rule.h>
#include <diabolo/data/modes.h>

#include <algorithm>
#include <cmath>

namespace diabolo {
namespace {

constexpr double kIdentifierShare = 0.95;     // of values that differ
constexpr std::int64_t kIdentifierRows = 20;  // with fewer rows nothing is an identifier
constexpr std::int64_t kFewValues = 12, kFewRowsEach = 5;
constexpr std::int64_t kManyRowsEach = 50;  // with up to as many values as there may be levels
constexpr std::int64_t kBinRows = 2000;     // for bins of what one bell can stand for
constexpr std::int64_t kFewBinRows = 100;   // for bins of what it cannot
constexpr double kLargeAtomShare = 0.05;    // of fewer rows at one value,
constexpr double kStandsOut = 4;            // so many times as many as at any other
constexpr std::int64_t kRowsPerBin = 20;
constexpr std::int64_t kMostNumberLevels = 128, kFewestNumberLevels = 16;  // of a column
constexpr double kAtomShare = 0.01;                                        // of rows at one value
constexpr double kVeryHeavyTails = 20;                                     // excess kurtosis: bins
constexpr double kHeavyTails = 10;                                         // scaled by quartiles
constexpr double kTails = 3;                                               // Student-t
constexpr std::int64_t kFewForTails = 750;  // rows, too few to tell that tails are not heavy
constexpr double kManyMissing = 0.2;        // share of rows: a spread for each of them
constexpr double kSkewed = 2;               // skewness
constexpr std::int64_t kCoarseRows = 1000;  // whole numbers have a step above 1
constexpr double kQuartiles = 1.349;        // of a normal distribution, in standard deviations

using Statistics = ColumnStatistics;

/// Mean, scale and tails of what a linear or log code has before it is shifted and scaled.
struct Spread {
  double mean, deviation, skewness, kurtosis;
  double median, quartiles;  // the middle, and the distance of the outer two
};

double quantile(std::span<const double> sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto i = static_cast<std::size_t>(place);
  const std::size_t j = std::min(i + 1, sorted.size() - 1);
  return sorted[i] + (place - static_cast<double>(i)) * (sorted[j] - sorted[i]);
}

Spread spread_of(const Statistics& s) {
  return {s.mean,
          s.deviation,
          s.skewness,
          s.kurtosis,
          quantile(s.sample, .5),
          quantile(s.sample, .75) - quantile(s.sample, .25)};
}

std::vector<double> logs_of(const Statistics& s) {
  std::vector<double> logs;
  logs.reserve(s.sample.size());
  for (const double x : s.sample) logs.push_back(std::log(x));
  return logs;
}

Spread log_spread_of(const Statistics& s) {
  const std::vector<double> logs = logs_of(s);
  Moments moments;
  moments.add(logs);
  return {moments.mean,       moments.standard_deviation(),
          moments.skewness(), moments.excess_kurtosis(),
          quantile(logs, .5), quantile(logs, .75) - quantile(logs, .25)};
}

bool whole(const Statistics& s) { return s.decimals == 0; }
bool is_time(const Statistics& s) {
  return s.field.type == ColumnType::date || s.field.type == ColumnType::time ||
         s.field.type == ColumnType::timestamp;
}

bool is_identifier(const Statistics& s) {
  if (s.observed() < kIdentifierRows || s.distinct_share < kIdentifierShare) return false;
  if (s.is_text()) return true;
  if (is_time(s) || !whole(s)) return false;
  const double range = s.high - s.low + 1;
  return s.increasing || range * kIdentifierShare <= static_cast<double>(s.observed());
}

bool few_values(const Statistics& s, std::int64_t most_levels) {
  if (!s.counted) return false;
  const auto fits = [&](std::int64_t values, std::int64_t rows_each) {
    return s.distinct <= values && s.observed() >= rows_each * s.distinct;
  };
  return fits(kFewValues, kFewRowsEach) || fits(most_levels, kManyRowsEach);
}

/// The value that most rows of the sample have, and shares of them: its own and the next one's.
struct MostFrequent {
  double value, share, next;
};

MostFrequent most_frequent(std::span<const double> sorted) {
  double value = sorted[0];
  std::size_t most = 0, next = 0;
  for (std::size_t i = 0; i < sorted.size();) {
    std::size_t end = i;
    while (end < sorted.size() && sorted[end] == sorted[i]) ++end;
    if (end - i > most) {
      next = most;
      most = end - i;
      value = sorted[i];
    } else {
      next = std::max(next, end - i);
    }
    i = end;
  }
  const auto rows = static_cast<double>(sorted.size());
  return {value, static_cast<double>(most) / rows, static_cast<double>(next) / rows};
}

bool many_missing(const Statistics& s) {
  const auto rows = static_cast<double>(s.missing + s.observed());
  return static_cast<double>(s.missing) >= kManyMissing * rows;
}

bool skewed(const Statistics& s) {
  return !is_time(s) && s.low > 0 && s.skewness > kSkewed &&
         std::abs(log_spread_of(s).skewness) < s.skewness;
}

/// Why a column has bins; empty if it has none.
std::string why_bins(const Statistics& s) {
  const bool many = s.observed() >= kBinRows;
  // Where many values are missing, a bell tells more of them than bins of few rows.
  if (!many && (s.observed() < kFewBinRows || many_missing(s))) return "";
  const auto [value, share, next] = most_frequent(s.sample);
  const bool is_spike = share > kLargeAtomShare && share > kStandsOut * next;
  if (many ? share > kAtomShare : is_spike)
    return fmt::format("{:.0f} % of rows at {:g}", 100 * share, value);
  if (has_several_modes(s.sample) || (s.low > 0 && has_several_modes(logs_of(s))))
    return "several modes";
  if (!many) return "";
  if (is_time(s) && s.step > 0) return "dates that repeat";
  if (s.step > 0) return whole(s) ? "whole numbers" : fmt::format("{} decimals", s.decimals);
  const double tails = skewed(s) ? log_spread_of(s).kurtosis : s.kurtosis;
  return tails > kVeryHeavyTails ? fmt::format("heavy tails (kurtosis {:.2g})", tails) : "";
}

Kind kind_of_numbers(const Statistics& s) {
  if (is_time(s)) return Kind::datetime;
  if (whole(s)) return Kind::count;
  if (s.low == 0 && (s.high == 1 || s.high == 100)) return Kind::bounded;
  return skewed(s) ? Kind::positive : Kind::continuous;
}

void leave_out(ColumnSchema& c, Kind kind, std::string why) {
  c.kind = kind;
  c.used = false;
  c.why = std::move(why);
}

void use_levels(ColumnSchema& c, const Statistics& s) {
  c.levels = s.levels;
  c.values = s.values;
  c.counts = s.counts;
  c.code = {.form = ColumnCode::levels};
}

void use_bernoulli(ColumnSchema& c, const Statistics& s) {
  use_levels(c, s);
  c.likelihood = {"bernoulli", {}};
}

void use_categorical(ColumnSchema& c, const Statistics& s) {
  use_levels(c, s);
  c.likelihood = {"categorical", {{"levels", std::to_string(c.level_count())}}};
}

double step_of(const Statistics& s) {
  if (is_time(s) || !whole(s)) return s.step;
  return s.observed() >= kCoarseRows && s.step > 1 ? s.step : 1;
}

void use_bins(ColumnSchema& c, const Statistics& s, std::int64_t most_levels) {
  const std::int64_t bins = std::clamp<std::int64_t>(s.observed() / kRowsPerBin, 2, most_levels);
  c.code = {.form = ColumnCode::bins, .step = step_of(s)};
  c.code.edges = bin_edges(s.sample, s.low, s.high, c.code.step, static_cast<int>(bins));
  c.likelihood = {"bins", {{"levels", std::to_string(c.level_count())}}};
}

/// A likelihood of numbers by its name. What many missing values are worth depends on how sure the
/// others make of them: its spread varies by row there. Elsewhere that would be a way to explain
/// rows without their codes.
ComponentChoice of_numbers(const std::string& name, const Statistics& s) {
  if (name != "student" || s.observed() < kFewForTails || !many_missing(s)) return {name, {}};
  return {name, {{"per", "row"}}};
}

/// A linear or log code and its likelihood; true if tails are heavy.
bool use_scale(ColumnSchema& c, const Statistics& s, bool logarithm) {
  const Spread spread = logarithm ? log_spread_of(s) : spread_of(s);
  c.code = {.form = logarithm ? ColumnCode::log : ColumnCode::linear,
            .shift = spread.mean,
            .scale = spread.deviation,
            .step = step_of(s)};
  if (spread.kurtosis > kHeavyTails && spread.quartiles > 0) {
    c.code.shift = spread.median;
    c.code.scale = spread.quartiles / kQuartiles;
  }
  if (!(c.code.scale > 0)) c.code.scale = s.high - s.low;  // too small for their squares
  const bool tails = spread.kurtosis > kTails;
  const bool student = tails || s.observed() < kFewForTails || many_missing(s);
  c.likelihood = of_numbers(student ? "student" : "normal", s);
  return tails;
}

void check_levels(const Statistics& s, const char* remedy) {
  check(s.counted && s.distinct <= kMostLevels, ErrorCode::invalid_argument, "schema",
        "expected at most {} different values in column '{}', got about {}; {}", kMostLevels,
        s.field.name, s.distinct, remedy);
}

/// By the rule for numbers; `plain`: neither levels nor logarithms.
void model_numbers(ColumnSchema& c, const Statistics& s, std::int64_t most_levels, bool plain) {
  if (!plain && few_values(s, most_levels)) {
    c.why = fmt::format("{} values", s.distinct);
    return use_categorical(c, s);
  }
  if (std::string why = why_bins(s); !why.empty()) {
    c.why = std::move(why);
    return use_bins(c, s, most_levels);
  }
  const bool logarithm = !plain && skewed(s);
  if (logarithm) c.why = fmt::format("skewed ({:.2g})", s.skewness);
  if (use_scale(c, s, logarithm)) {
    if (logarithm) c.why += ", ";
    c.why += "heavy tails";
  }
  if (c.why.empty()) c.why = whole(s) && !is_time(s) ? "whole numbers" : "numbers";
}

/// What was asked for, as far as it differs from the rule.
void model_as_asked(ColumnSchema& c, const Statistics& s, const ColumnWish& wish,
                    std::int64_t most_levels) {
  const std::string& likelihood = wish.likelihood;
  const bool two = wish.kind == Kind::binary || wish.kind == Kind::boolean;
  check(!(two || likelihood == "bernoulli") || s.distinct == 2, ErrorCode::invalid_argument,
        "schema", "expected two different values in column '{}', got {}; choose categorical",
        s.field.name, s.distinct);
  if (likelihood == "bernoulli" || (two && likelihood.empty())) return use_bernoulli(c, s);
  if (likelihood == "categorical" || wish.kind == Kind::categorical) {
    check_levels(s, "choose another kind, or --drop it");
    if (likelihood.empty() && s.distinct == 2) return use_bernoulli(c, s);
    return use_categorical(c, s);
  }
  check(wish.kind != Kind::positive || s.low > 0, ErrorCode::invalid_argument, "schema",
        "expected numbers above 0 in column '{}' of kind positive, got {}; choose continuous",
        s.field.name, s.low);
  check(wish.kind != Kind::count || whole(s), ErrorCode::invalid_argument, "schema",
        "expected whole numbers in column '{}' of kind count, got others; choose continuous",
        s.field.name);
  if (likelihood == "bins") return use_bins(c, s, most_levels);
  if (likelihood.empty() && wish.kind != Kind::positive) {
    model_numbers(c, s, most_levels, wish.kind == Kind::continuous);
    c.why = "as asked; " + c.why;
    return;
  }
  use_scale(c, s, wish.kind == Kind::positive || (wish.kind != Kind::continuous && skewed(s)));
  if (!likelihood.empty()) c.likelihood = of_numbers(likelihood, s);
}

void model_by_rule(ColumnSchema& c, const Statistics& s, std::int64_t most_levels) {
  if (s.distinct == 2 && s.counted) {
    c.kind = s.field.type == ColumnType::boolean ? Kind::boolean : Kind::binary;
    c.why = "two values";
    return use_bernoulli(c, s);
  }
  if (s.is_text()) {
    check_levels(s, "--drop it");
    c.kind = Kind::categorical;
    c.why = fmt::format("{} texts", s.distinct);
    return use_categorical(c, s);
  }
  c.kind = kind_of_numbers(s);
  model_numbers(c, s, most_levels, false);
}

}  // namespace

std::int64_t most_levels_of_numbers(std::size_t columns) {
  const auto each = static_cast<std::int64_t>(static_cast<std::size_t>(kMostLevels) / columns);
  return std::clamp(each, kFewestNumberLevels, kMostNumberLevels);
}

ColumnSchema model_column(const ColumnStatistics& s, const ColumnWish& wish,
                          std::int64_t most_levels) {
  ColumnSchema c{.field = s.field, .missing = s.missing};
  if (!s.is_text() && s.observed() > 0) {
    c.low = s.low;
    c.high = s.high;
    c.decimals = s.decimals;
  }
  if (s.observed() == 0) {
    leave_out(c, Kind::constant, "all missing");
  } else if (s.distinct == 1) {
    leave_out(c, Kind::constant, "one value");
  } else if (wish.kind == Kind::identifier) {
    leave_out(c, Kind::identifier, "as asked");
  } else if (!wish.kind && wish.likelihood.empty() && is_identifier(s)) {
    leave_out(c, Kind::identifier, "all values differ");
  } else if (!wish.kind && wish.likelihood.empty()) {
    model_by_rule(c, s, most_levels);
  } else {
    c.kind = wish.kind ? *wish.kind : s.is_text() ? Kind::categorical : kind_of_numbers(s);
    c.why = "as asked";
    model_as_asked(c, s, wish, most_levels);
  }
  return c;
}

}  // namespace diabolo
