// report MODEL [DATA]: the page of a run, made again, or of other rows.
#include <diabolo/cli/make_report.h>
#include <diabolo/cli/resume.h>
#include <diabolo/data/source.h>
#include <diabolo/train/checkpoint.h>

#include <charconv>
#include <filesystem>

namespace diabolo::cli {
namespace {

namespace fs = std::filesystem;

/// The folder of a run, or empty for a model file that stands alone.
std::string run_of(const std::string& model_path) {
  std::error_code ignored;
  if (fs::is_directory(model_path, ignored)) return model_path;
  const fs::path folder = fs::path(model_path).parent_path();
  return fs::exists(folder / "metrics.csv", ignored) ? folder.string() : "";
}

/// Where the page goes: into the folder of the run, else beside the model file.
std::string page_of(const std::string& model_path, const std::string& run) {
  return run.empty() ? model_path + ".html" : (fs::path(run) / "report.html").string();
}

/// What the run was begun with, if its checkpoint says so. The page can do without.
std::optional<BegunWith> begun_with(const std::string& run) {
  const std::string path = run + "/checkpoint.safetensors";
  std::error_code ignored;
  if (run.empty() || !fs::exists(path, ignored)) return {};
  try {
    return from_note(read_checkpoint(path, Components()).note, path);
  } catch (const Error& error) {
    warn(fmt::format("what the run was begun with is not known: {}", error.message()));
    return {};
  }
}

/// The rows that the run learned from, unless others are given. They may be gone: then a page that
/// has them stays as it is, unless `may_replace`.
void take_rows(const std::optional<BegunWith>& begun, const std::string& page, bool may_replace,
               Input& input) {
  if (!input.path().empty()) return;
  std::error_code ignored;
  std::string gone;
  if (begun && begun->data != "-") {
    if (fs::exists(begun->data, ignored)) {
      input.set_path(begun->data);
      return input.take_reading(begun->given);
    }
    gone = fmt::format("the rows that the run learned from are not at {} any more",
                       in_quotes(begun->data));
  }
  check(may_replace || !shows_rows(page), ErrorCode::io, "report",
        "expected DATA, as {} shows rows, which a page without would replace, got none{}; give "
        "DATA, or -o FILE",
        in_quotes(page), gone.empty() ? "" : fmt::format(" ({})", gone));
  if (!gone.empty()) warn(gone);
}

/// The labels that are asked for, else those of the run, which may be gone.
std::optional<ReportColumn> labels_of(const std::string& asked,
                                      const std::optional<BegunWith>& begun, bool is_of_run,
                                      const Input& input, const Dataset& data) {
  if (!asked.empty()) return read_labels(asked, input, data).values;
  if (!begun || !is_of_run || !begun->given.contains("labels")) return {};
  return try_labels(begun->given.at("labels"), input, data);
}

/// The pictures that `fit` showed, if the data are those that the model learned from.
Examples examples_of_fit(const ModelData& model, const std::optional<BegunWith>& begun,
                         const Input& input, const Dataset& data, const ReportColumn* labels) {
  if (!data.is_image || data.fingerprint_text() != model.fingerprint) return {};
  const auto share = number_of_setting(model, "valid");
  const auto text = model.settings.find("seed");
  if (!share || text == model.settings.end()) return {};
  const std::string& digits = text->second;
  std::uint64_t seed = 0;  // no double holds each
  if (std::from_chars(digits.data(), digits.data() + digits.size(), seed).ec != std::errc())
    return {};
  std::optional<Dataset> valid;
  const std::string given =
      begun && begun->given.contains("valid") ? begun->given.at("valid") : "0";
  if (!parse_number("valid", given)) {
    std::error_code ignored;
    if (!fs::exists(given, ignored)) return {};
    valid = input.like(given).read(data.schema);
  }
  return examples_of(data, valid ? &*valid : nullptr, *share, seed, labels);
}

}  // namespace

int report(Arguments arguments) {
  std::string model_path, out, labels;
  Input input;
  Common common;
  ReportRequest request;
  Options options(
      {.verb = "report",
       .purpose = std::string(purpose("report")),
       .usage = "MODEL [DATA] [-o FILE] [options]",
       .details =
           "One HTML file that opens offline: training curves, what each latent carries, the map "
           "of the latent space,\npictures or columns, real beside generated, the most abnormal "
           "rows with their reasons. `fit` makes it, too.\nWithout DATA it shows the rows that "
           "the run learned from, and its labels, if they are still where they were, else no rows.",
       .example =
           "  diabolo report runs/first test.csv --labels city -o test.html\n"
           "  diabolo report runs/first                           # runs/first/report.html"});
  options.argument("MODEL", std::string(kModelHelp), model_path);
  input.add_to(options, true, "DATA", std::string(kDataHelp), true);
  options.option({.name = "output",
                  .placeholder = "FILE",
                  .help = "where the page goes",
                  .fallback = "report.html in the run",
                  .letter = 'o'},
                 into(out));
  options.option({.name = "labels", .placeholder = "FILE|COLUMN", .help = std::string(kLabelsHelp)},
                 into(labels));
  options.option({.name = "points",
                  .placeholder = "N",
                  .help = "rows on the map at most, drawn at random",
                  .fallback = "10000"},
                 into(request.points, 1, 1'000'000));
  options.common(common);
  if (!options.parse(arguments)) return 0;
  const std::string ending = fs::path(out).extension().string();
  if (!out.empty() && ending != ".html" && ending != ".htm")
    throw UsageError(
        fmt::format("expected a file that ends in .html for --output, got {}", in_quotes(out)));
  check(have_page(), ErrorCode::unsupported, "report", "{}", kNoPage);

  const Model model = load_model(model_path, common);
  request.model = &model;
  request.run = run_of(model_path);
  request.seed = common.seed;
  request.threads = common.threads;
  const bool is_own_place = out.empty();
  if (is_own_place) out = page_of(model_path, request.run);
  const std::optional<BegunWith> begun = begun_with(request.run);
  if (begun) request.machine = begun->machine;
  const bool is_of_run = input.path().empty();
  take_rows(begun, out, !is_own_place, input);
  if (input.path().empty() && !labels.empty())
    throw UsageError("expected DATA beside --labels, got none; give the rows that they are of");
  Dataset data;
  if (!input.path().empty()) {
    data = input.read(model.data());
    request.data = &data;
    request.data_path = input.path();
  }
  std::optional<ReportColumn> column;
  if (request.data) column = labels_of(labels, begun, is_of_run, input, data);
  if (column) request.labels = &*column;
  Examples examples;
  if (request.data) examples = examples_of_fit(model.data(), begun, input, data, request.labels);
  request.examples = &examples;
  write_report(request, out);
  if (common.json)
    print_json({{"output", out}, {"rows", request.data ? Json(data.size()) : Json(nullptr)}});
  else
    say(fmt::format("the page is {}{}", out,
                    request.data ? "" : ", without rows: give it DATA to see more"));
  return 0;
}

}  // namespace diabolo::cli
