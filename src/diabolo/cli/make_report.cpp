#include <diabolo/base/parallel.h>
#include <diabolo/cli/config.h>
#include <diabolo/cli/make_report.h>
#include <diabolo/cli/resume.h>
#include <diabolo/data/atomic_file.h>
#include <diabolo/data/read.h>
#include <diabolo/data/source.h>
#include <diabolo/data/table.h>
#include <diabolo/train/findings.h>
#include <diabolo/train/trainer.h>

#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace diabolo::cli {
namespace {

namespace fs = std::filesystem;

using Columns = std::map<std::string, std::vector<double>>;

double number_or_missing(const std::string& cell) {
  double x = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), x);
  return error == std::errc() && end == cell.data() + cell.size() ? x : kMissing;
}

/// A file of whole lines with an epoch in each, or nothing.
std::optional<Columns> read_metrics(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) return {};
  Columns columns;
  const std::vector<std::string> names = split_list(line, ',');
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = split_list(line, ',');
    if (cells.size() != names.size()) return {};
    for (std::size_t i = 0; i < names.size(); ++i)
      columns[names[i]].push_back(number_or_missing(cells[i]));
  }
  for (const char* needed : {"epoch", "loss", "log_px", "kl"})
    if (!columns.contains(needed)) return {};
  const std::vector<double>& epochs = columns["epoch"];
  return std::ranges::any_of(epochs, [](double x) { return std::isnan(x); })
             ? std::nullopt
             : std::optional(std::move(columns));
}

/// metrics.csv as it stands; without it, or if it is damaged, what the model remembers.
void take_metrics(const std::string& run, const ModelData& model, ReportInput& input) {
  const std::string path = run + "/metrics.csv";
  if (auto columns = run.empty() ? std::nullopt : read_metrics(path)) {
    input.metrics = std::move(*columns);
    return;
  }
  input.metrics_name = "what the model remembers";
  std::error_code ignored;
  if (!run.empty() && fs::exists(path, ignored) && !model.history.empty())
    warn(fmt::format("{} is damaged: curves are what the model remembers, without times",
                     in_quotes(path)));
  for (const EpochRecord& r : model.history)
    for_each_number(r, [&](const char* name, auto x) {
      input.metrics[name].push_back(static_cast<double>(x));
    });
}

std::string last_part(const std::string& path) {
  const fs::path whole = fs::path(path).lexically_normal();
  return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

}  // namespace

std::string machine_in_words(int threads) {
  std::ifstream file("/proc/cpuinfo");
  std::string line, name = "this processor";
  while (std::getline(file, line))
    if (line.starts_with("model name") && line.find(": ") != std::string::npos) {
      name = line.substr(line.find(": ") + 2);
      break;
    }
  const int used = threads > 0 ? threads : available_cores();
  return fmt::format("{}, {}", name, counted(used, "thread"));
}

Examples examples_of(const Dataset& data, const Dataset* valid, double share, std::uint64_t seed,
                     const ReportColumn* labels) {
  constexpr std::int64_t kMost = 500;  // of which some of each label are shown
  if (valid)
    return {.rows = valid->rows(0, std::min(valid->size(), kMost)), .labels = {}, .held_out = true};
  const auto [trained, held_out] = split_rows(data.size(), share, seed);
  std::vector<std::int64_t> rows = held_out.empty() ? trained : held_out;
  rows.resize(std::min<std::size_t>(rows.size(), kMost));
  Examples examples{.rows = data.select(rows), .labels = {}, .held_out = !held_out.empty()};
  if (labels) examples.labels = select(*labels, rows);
  return examples;
}

bool shows_rows(const std::string& page) {
  std::ifstream file(page, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return text.find("\"map\":{") != std::string::npos;
}

void write_report(const ReportRequest& request, const std::string& path) {
  const ModelData& model = request.model->data();
  const std::string page = report_page();
  ReportInput input;
  input.model = request.model;
  input.data = request.data;
  if (const Examples* examples = request.examples) {
    if (examples->rows) input.examples = &*examples->rows;
    if (examples->labels) input.example_labels = &*examples->labels;
    input.held_out = examples->held_out;
  }
  input.labels = request.labels;
  input.title = request.run.empty() ? "model" : last_part(fs::absolute(request.run).string());
  input.data_name = last_part(request.data_path);
  input.machine = request.machine;
  input.version = DIABOLO_VERSION;
  input.settings = as_options(model.settings);
  take_metrics(request.run, model, input);
  input.findings = sentences(model, Components());
  input.points = request.points;
  input.seed = request.seed;
  input.threads = request.threads;
  write_whole(path, make_report(page, input));
}

namespace {

void expect_one_for_each(const Dataset& data, std::int64_t rows, std::int64_t columns,
                         const std::string& labels) {
  check(rows == data.size() && columns == 1, ErrorCode::invalid_argument, "labels",
        "expected a label for each of {} rows, got {}{} in {}; give the labels of these rows",
        data.size(), rows, columns == 1 ? "" : fmt::format(" rows of {} numbers", columns),
        in_quotes(labels));
}

/// The one column of a table of texts; nothing if it has numbers.
std::optional<std::vector<std::string>> texts_of_file(const std::string& labels) {
  if (!is_table(labels)) return {};
  const std::vector<Field> fields = TableReader(labels).fields();
  check(fields.size() == 1, ErrorCode::invalid_argument, "labels",
        "expected a table of one column for --labels, got {} in {}", fields.size(),
        in_quotes(labels));
  if (fields[0].type == ColumnType::integer || fields[0].type == ColumnType::real) return {};
  Input file;
  file.set_path(labels);
  return file.texts(fields[0].name);
}

}  // namespace

Labels read_labels(const std::string& labels, const Input& input, const Dataset& data) {
  if (std::optional<ReportColumn> column = report_column(data, labels)) return {*column, labels};
  if (const auto texts = input.texts(labels)) return {labels_of(labels, *texts), labels};
  std::error_code ignored;
  if (!fs::exists(labels, ignored))
    throw UsageError(fmt::format(
        "expected a column of the data or a file for --labels, got {}, which is neither",
        in_quotes(labels)));
  // The name of a column is that column's alone.
  const std::string name = report_column(data, "label") ? "label (file)" : "label",
                    path = absolute_path(labels);
  if (const auto texts = texts_of_file(labels)) {
    expect_one_for_each(data, std::ssize(*texts), 1, labels);
    return {labels_of(name, *texts), path};
  }
  const Tensor values = read_array(labels, {.allow_not_finite = true});  // NaN: no label
  expect_one_for_each(data, values.rows(), values.row_size(), labels);
  std::vector<double> numbers;
  for (std::size_t i = 0; i < static_cast<std::size_t>(values.size()); ++i)
    numbers.push_back(values.number(i));
  return {labels_of(name, numbers), path};
}

std::optional<ReportColumn> try_labels(const std::string& labels, const Input& input,
                                       const Dataset& data) {
  const auto lost = [&](std::string_view why) {
    warn(fmt::format("the labels of the run are not used: {}", why));
    return std::optional<ReportColumn>();
  };
  try {
    return read_labels(labels, input, data).values;
  } catch (const UsageError& error) {
    return lost(error.what());
  } catch (const Error& error) {
    return lost(error.message());
  }
}

}  // namespace diabolo::cli
