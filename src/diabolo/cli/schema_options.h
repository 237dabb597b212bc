// What a user says of the columns of a table: --kind, --drop, --schema, --likelihood COLUMN=NAME.
#pragma once

#include <diabolo/cli/options.h>
#include <diabolo/data/schema.h>
#include <diabolo/prob/likelihood.h>

namespace diabolo::cli {

class SchemaOptions {
 public:
  /// Adds --kind, --drop and --schema.
  void add_to(Options& options);
  /// A setter for --likelihood: COLUMN=NAME is of a column, and NAME one of `known`, which must
  /// outlive it; a NAME alone goes to `of_all`, or is refused if that is null.
  Setter into_likelihood(const ComponentTable<Likelihood>& known, std::string* of_all);
  bool has_file() const { return !file_.empty(); }
  /// Reads the file, if one is given. What comes back refers to this object. Throws Error `io`,
  /// `invalid_argument`.
  SchemaRequest request();

 private:
  std::string file_;
  std::vector<std::string> drop_;
  std::map<std::string, std::string> kinds_, likelihoods_;
  Schema given_;
};

}  // namespace diabolo::cli
