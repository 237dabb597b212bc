// fit DATA -o RUN: from data to a run folder with a model.
#include <diabolo/cli/config.h>
#include <diabolo/cli/fit_run.h>
#include <diabolo/cli/verbs.h>
#include <diabolo/data/source.h>

#include <filesystem>

namespace diabolo::cli {
namespace {

/// Settings as a checkpoint keeps them: they are to mean the same wherever the run goes on.
Values as_kept(const Values& given, const Options& options) {
  Values kept;
  for (const std::string& name : options.settings())
    if (const auto known = given.find(name); known != given.end()) kept.insert(*known);
  for (const char* file :
       {"valid", "schema", "init"})  // labels: once it is known that they are one
    if (const auto known = kept.find(file); known != kept.end())
      if (!parse_number(file, known->second)) known->second = absolute_path(known->second);
  return kept;
}

bool is_run(const std::string& path) {
  return std::filesystem::exists(std::filesystem::path(path) / "checkpoint.safetensors");
}

/// What the configuration file and the command line say. False: there is nothing more to do.
bool take_options(Arguments arguments, const Options& options, FitRequest& request,
                  const Components& components) {
  const std::optional<Values> given = options.collect(arguments);
  if (!given) return false;
  if (const auto config = given->find("config"); config != given->end()) {
    Values file = read_config(config->second, options.settings());
    drop_overridden(file, *given);
    options.apply(file, config->second);
    request.given = std::move(file);
  }
  options.apply(*given);
  for (const auto& [name, text] : *given) request.given[name] = text;
  request.given = as_kept(request.given, options);
  if (list_choices(request.options, components)) return false;
  options.require_arguments();
  if (request.resume && request.overwrite)
    throw UsageError("expected --resume or --overwrite, got both; leave one of them out");
  if (request.resume && !request.run.empty() && is_run(request.input.path()))
    throw UsageError(
        fmt::format("expected fit DATA -o RUN --resume or fit --resume RUN, got the run "
                    "{} as DATA; leave out -o or give the data",
                    in_quotes(request.input.path())));
  if (request.resume && request.run.empty() &&
      std::filesystem::is_regular_file(request.input.path()))
    throw UsageError(
        fmt::format("expected a run folder for --resume, got the file {}; give -o RUN, "
                    "too",
                    in_quotes(request.input.path())));
  if (request.resume && request.run.empty()) {
    request.run = request.input.path();
    request.input.set_path("");
  }
  if (request.run.empty())
    throw UsageError("expected -o RUN, a folder for the run, got none; e.g. -o runs/first");
  settle(request, components);
  return true;
}

}  // namespace

int fit(Arguments arguments) {
  const Components components;
  FitRequest request;
  const Options options = fit_options(request, components);
  if (!take_options(arguments, options, request, components)) return 0;
  return FitRun(options, request, components).go();
}

}  // namespace diabolo::cli
