// report MODEL [DATA]: the page of a run, made again, or of other rows.
#include <diabolo/cli/make_report.h>
#include <diabolo/cli/resume.h>
#include <diabolo/data/source.h>
#include <diabolo/train/checkpoint.h>

#include <filesystem>

namespace diabolo::cli {
namespace {

namespace fs = std::filesystem;

/// The folder of a run, or empty for a model file that stands alone.
std::string run_of(const std::string& model_path) {
  std::error_code ignored;
  const fs::path folder = fs::is_directory(model_path, ignored)
                              ? fs::path(model_path)
                              : fs::path(model_path).parent_path();
  return fs::exists(folder / "metrics.csv", ignored) ? folder.string() : "";
}

/// Where the page goes: into the folder of the run or of the model, else beside the model file.
std::string page_of(const std::string& model_path, const std::string& run) {
  std::error_code ignored;
  const std::string folder = fs::is_directory(model_path, ignored) ? model_path : run;
  return folder.empty() ? model_path + ".html" : (fs::path(folder) / "report.html").string();
}

/// What the run was begun with, if its checkpoint says so.
std::optional<BegunWith> begun_with(const std::string& run) {
  const std::string path = run + "/checkpoint.safetensors";
  std::error_code ignored;
  if (run.empty() || !fs::exists(path, ignored)) return {};
  return from_note(read_checkpoint(path, Components()).note, path);
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
           "the run learned from, if they are still where they were, else no rows.",
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
  std::error_code ignored;
  if (out.empty()) out = page_of(model_path, request.run);
  if (input.path().empty())
    if (const auto begun = begun_with(request.run);
        begun && begun->data != "-" && fs::exists(begun->data, ignored)) {
      input.set_path(begun->data);
      input.take_reading(begun->given);
    }
  if (input.path().empty() && !labels.empty())
    throw UsageError("expected DATA beside --labels, got none; give the rows that they are of");
  Dataset data;
  if (!input.path().empty()) {
    data = input.read(model.data());
    request.data = &data;
    request.data_path = input.path();
  }
  std::optional<ReportColumn> column;
  if (!labels.empty()) column = read_labels(labels, input, data);
  if (column) request.labels = &*column;
  write_report(request, out);
  if (common.json)
    print_json({{"output", out}, {"rows", request.data ? Json(data.size()) : Json(nullptr)}});
  else
    say(fmt::format("the page is {}{}", out,
                    request.data ? "" : ", without rows: give it DATA to see more"));
  return 0;
}

}  // namespace diabolo::cli
