#include <diabolo/base/nearest.h>
#include <diabolo/cli/input.h>
#include <diabolo/cli/schema_options.h>
#include <diabolo/io/schema_file.h>
#include <fmt/format.h>

namespace diabolo::cli {

void SchemaOptions::add_to(Options& options) {
  options.option(
      {.name = "kind",
       .placeholder = "COLUMN=KIND",
       .help = "continuous, positive, count, categorical, datetime, ...; may be repeated",
       .fallback = "from the data",
       .is_setting = true,
       .is_list = true},
      [this](std::string_view label, const std::string& text) {
        into_pairs(kinds_)(label, text);
        for (const auto& [column, kind] : kinds_)
          if (Kind known{}; !kind_named(kind, known))
            throw UsageError(fmt::format("expected a kind for column '{}' in {}, got '{}'{}",
                                         column, label, kind, suggestion(kind, kind_names())));
      });
  options.option({.name = "drop",
                  .placeholder = "COLUMN",
                  .help = "leave a column out; may be repeated",
                  .is_setting = true,
                  .is_list = true},
                 into_list(drop_));
  options.option({.name = "schema",
                  .placeholder = "FILE",
                  .help = "kinds and likelihoods of columns, as a run's schema.json says them",
                  .is_setting = true},
                 into(file_));
}

Setter SchemaOptions::into_likelihood(const ComponentTable<Likelihood>& known,
                                      std::string* of_all) {
  return [this, &known, of_all](std::string_view label, const std::string& text) {
    likelihoods_.clear();
    for (const std::string& item : split_list(text)) {
      const std::size_t at = item.rfind('=');
      if (item.empty()) throw UsageError(fmt::format("expected a name for {}, got ''", label));
      if (at != std::string::npos) {
        const std::string name = item.substr(at + 1);
        as_usage([&] { known.find(name); });
        likelihoods_[item.substr(0, at)] = name;
      } else if (of_all != nullptr) {
        *of_all = item;
      } else {
        throw UsageError(fmt::format("expected COLUMN=NAME for {}, got '{}'", label, item));
      }
    }
  };
}

SchemaRequest SchemaOptions::request() {
  SchemaRequest request{
      .kinds = kinds_, .likelihoods = likelihoods_, .drop = {drop_.begin(), drop_.end()}};
  if (file_.empty()) return request;
  given_ = read_schema_request(file_);
  request.given = &given_;
  return request;
}

}  // namespace diabolo::cli
