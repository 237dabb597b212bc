#include <diabolo/base/nearest.h>
#include <diabolo/cli/input.h>
#include <diabolo/cli/keep.h>

#include <fmt/format.h>
#include <algorithm>

namespace diabolo::cli {
namespace {

/// Names with commas are those of several columns, unless there is one of that name.
std::vector<std::string> wanted(const std::vector<std::string>& names,
                                const std::vector<std::string>& known) {
  std::vector<std::string> all;
  for (const std::string& name : names) {
    const bool is_one = std::find(known.begin(), known.end(), name) != known.end();
    for (std::string& part : is_one ? std::vector{name} : split_list(name, ','))
      all.push_back(std::move(part));
  }
  return all;
}

}  // namespace

void Keep::add_to(Options& options) {
  options.option(
      {.name = "keep",
       .placeholder = "COLUMN,...|all",
       .help = "copy columns of DATA into the output, also those that are not modelled; may "
               "be repeated",
       .is_list = true},
      into_list(names_));
}

void Keep::check_usage(const Output& output) const {
  if (any() && output.is_npy())
    throw UsageError(
        "expected an output that is a table together with --keep, got .npy; write .csv or "
        ".parquet");
}

std::vector<ResultColumn> Keep::columns(const TableReader* input) const {
  if (names_.empty()) return {};
  if (!input) throw UsageError("expected a table for --keep, got an array; leave out --keep");
  const std::vector<Field>& fields = input->fields();
  const bool all = names_ == std::vector<std::string>{"all"};
  std::vector<std::string> known;
  for (const Field& field : fields) known.push_back(field.name);
  std::vector<ResultColumn> columns;
  for (const std::string& name : all ? known : wanted(names_, known)) {
    const auto at = std::find(known.begin(), known.end(), name);
    if (at == known.end())
      throw UsageError(fmt::format("expected a column of the input for --keep, got '{}'{}", name,
                                   suggestion(name, known)));
    const auto place = static_cast<std::size_t>(at - known.begin());
    columns.push_back({fields[place], {}, static_cast<int>(place)});
  }
  return columns;
}

}  // namespace diabolo::cli
