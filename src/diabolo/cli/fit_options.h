// What `fit` can be told, on the command line and in a configuration file.
#pragma once

#include <diabolo/cli/input.h>
#include <diabolo/cli/options.h>
#include <diabolo/cli/schema_options.h>
#include <diabolo/models/vae.h>
#include <diabolo/train/options.h>

#include <string>

namespace diabolo::cli {

struct FitRequest {
  Input input;             // where the rows are
  std::string run;         // where the run goes
  std::string config;      // a configuration file, or empty
  std::string valid_file;  // rows for validation, or empty: then options.valid is the fraction
  std::string init;        // a trained model to begin with, or empty
  std::string labels;      // for the page: a column or a file, or empty
  bool overwrite = false, resume = false, profile = false, no_report = false;
  double checkpoint_every = 60;  // seconds
  SchemaOptions columns;         // of a table
  Values given;                  // settings that were said, in the file and on the command line
  FitOptions options;
  Common common;
};

/// The families of components, and what is known of each member.
struct Member {
  std::string name, summary;
  std::vector<SettingInfo> settings;
};
struct Family {
  std::string name;
  std::vector<Member> members;
};
std::vector<Family> families(const Components& components);

/// `request` must outlive the options.
Options fit_options(FitRequest& request, const Components& components);

/// Options that stand in several places go to `options`, which is checked as far as it can be
/// before the data are known. Throws UsageError.
void settle(FitRequest& request, const Components& components);

/// Answers `--model help` and `--FAMILY help` on stdout. False if none was asked.
bool list_choices(const FitOptions& options, const Components& components);

}  // namespace diabolo::cli
