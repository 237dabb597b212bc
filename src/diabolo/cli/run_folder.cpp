#include <diabolo/cli/console.h>
#include <diabolo/cli/output.h>
#include <diabolo/cli/run_folder.h>
#include <diabolo/data/atomic_file.h>
#include <diabolo/data/grid.h>
#include <diabolo/data/png.h>
#include <diabolo/data/source.h>
#include <diabolo/io/schema_file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <system_error>

namespace diabolo::cli {
namespace {

namespace fs = std::filesystem;

/// Everything that a run may hold, also of other versions.
constexpr const char* kFiles[] = {"model.safetensors",
                                  "checkpoint.safetensors",
                                  "metrics.csv",
                                  "config.toml",
                                  "schema.json",
                                  "pictures/samples.png",
                                  "pictures/reconstructions.png",
                                  "report.html"};

constexpr std::string_view kMetricsHeader =
    "epoch,step,train_seconds,seconds,rows_per_second,learning_rate,beta,loss,log_px,kl,valid_loss,"
    "valid_log_px,valid_kl,active_units\n";

/// Where the metrics of an earlier run wait until its model is replaced.
constexpr const char* kOldMetrics = "metrics.csv.old";

std::string cell(double x) { return std::isnan(x) ? "" : fmt::format("{}", x); }

std::string metrics_line(const EpochReport& report) {
  const EpochRecord& r = report.record;
  return fmt::format("{},{},{:.3f},{:.3f},{:.1f},{},{},{},{},{},{},{},{},{}\n", r.epoch, r.step,
                     report.train_seconds, report.seconds, report.rows_per_second,
                     cell(r.learning_rate), cell(r.beta), cell(r.loss), cell(r.log_px), cell(r.kl),
                     cell(r.valid_loss), cell(r.valid_log_px), cell(r.valid_kl), r.active_units);
}

Json schema_of(const ModelData& model) {
  return {{"kind", model.is_image ? "images" : "array"},
          {"shape",
           std::vector<std::int64_t>(model.row_shape.dims().begin(), model.row_shape.dims().end())},
          {"dtype", name(model.dtype)},
          {"transform",
           {{"shift", model.transform.shift},
            {"scale", model.transform.scale},
            {"binarize", model.transform.binarize}}}};
}

void write_text(const std::string& path, std::string_view text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

[[noreturn]] void refuse(const std::string& path, int code) {
  fail(ErrorCode::io, "run", "expected to write {}, got '{}'; check the path and the disk",
       in_quotes(path), std::generic_category().message(code));
}

}  // namespace

RunFolder::RunFolder(std::string path, bool overwrite)
    : path_(fs::path(path).lexically_normal().string()), metrics_(nullptr, std::fclose) {
  if (path_.size() > 1 && path_.ends_with('/')) path_.pop_back();
  std::error_code ignored;
  const bool exists = fs::exists(path_, ignored);
  check(!exists || fs::is_directory(path_, ignored), ErrorCode::io, "run",
        "expected a folder for the run, got a file at {}; choose another name", in_quotes(path_));
  const bool empty = !exists || fs::is_empty(path_, ignored);
  check(empty || overwrite, ErrorCode::io, "run",
        "expected a new or an empty folder for the run, got one with files in it at {}; choose "
        "another, or --overwrite an earlier run",
        in_quotes(path_));
  // What stands beside a model or its metrics is a run's; a folder without them is somebody else's.
  check(empty || fs::exists(file("model.safetensors"), ignored) ||
            fs::exists(file("metrics.csv"), ignored),
        ErrorCode::io, "run",
        "expected an earlier run to overwrite, got a folder of other files at {}; choose another",
        in_quotes(path_));
  replaces_model_ = !empty && fs::exists(file("model.safetensors"), ignored);
  fs::path nearest = path_;  // the innermost folder that is there
  while (!nearest.empty() && !fs::exists(nearest, ignored)) {
    made_.insert(made_.begin(), nearest.string());
    nearest = nearest.parent_path();
  }
  if (nearest.empty()) nearest = ".";
  check(fs::is_directory(nearest, ignored) && ::access(nearest.c_str(), W_OK) == 0, ErrorCode::io,
        "run", "expected a folder that may be written to for the run {}, got {}; choose another",
        in_quotes(path_), in_quotes(nearest.string()));
}

RunFolder::~RunFolder() {
  if (!is_open_ || is_saved_) return;
  metrics_.reset();
  if (replaces_model_) {  // the earlier run stays, with its metrics
    std::error_code ignored;
    fs::rename(file(kOldMetrics), file("metrics.csv"), ignored);
    return;
  }
  remove_files();
  for (auto folder = made_.rbegin(); folder != made_.rend(); ++folder) ::rmdir(folder->c_str());
}

std::string RunFolder::file(const std::string& name) const { return path_ + "/" + name; }

void RunFolder::remove_files() {
  std::error_code ignored;
  for (const char* name : kFiles) fs::remove(file(name), ignored);
  ::rmdir(file("pictures").c_str());  // only an empty folder
}

void RunFolder::make() {
  std::error_code error;
  fs::create_directories(path_, error);
  if (error) refuse(path_, error.value());
  is_open_ = true;
  if (replaces_model_) {
    fs::rename(file("metrics.csv"), file(kOldMetrics), error);
  } else {
    remove_files();
  }
  metrics_.reset(std::fopen(file("metrics.csv").c_str(), "we"));
  if (!metrics_) refuse(file("metrics.csv"), errno);
  std::fwrite(kMetricsHeader.data(), 1, kMetricsHeader.size(), metrics_.get());
}

void RunFolder::append(const EpochReport& report) {
  if (!is_open_) make();
  const std::string line = metrics_line(report);
  const bool done = std::fwrite(line.data(), 1, line.size(), metrics_.get()) == line.size() &&
                    std::fflush(metrics_.get()) == 0;
  if (!done) refuse(file("metrics.csv"), errno);
}

void RunFolder::save(const Model& model, const std::string& config) {
  if (!is_open_) make();  // no epoch was over
  model.save(file("model.safetensors"));
  is_saved_ = true;
  // The rest of an earlier run goes only now: files of two runs must not stand side by side.
  std::error_code ignored;
  fs::remove(file(kOldMetrics), ignored);
  for (const char* name : kFiles)
    if (std::string_view(name) != "model.safetensors" && std::string_view(name) != "metrics.csv")
      fs::remove(file(name), ignored);
  write_text(file("config.toml"), config);
  if (!model.data().schema.empty()) return write_schema(file("schema.json"), model.data().schema);
  write_text(file("schema.json"), schema_of(model.data()).dump(2) + "\n");
}

void RunFolder::save_pictures(const Model& model, const Dataset& examples, std::uint64_t seed) {
  GridOptions options = picture_range(model.data());
  options.columns = 8;
  const Dataset samples = model.sample(64, {.seed = seed, .mean = true});
  std::error_code error;
  fs::create_directories(file("pictures"), error);
  if (error) refuse(file("pictures"), error.value());
  write_png(grid(samples.values, samples.row_shape, options), file("pictures/samples.png"));

  const Dataset originals = examples.rows(0, std::min<std::int64_t>(examples.size(), 32));
  const Dataset again = model.reconstruct(originals, seed);
  write_png(grid_of_pairs(as_floats(originals.values), again.values, again.row_shape, options),
            file("pictures/reconstructions.png"));
}

}  // namespace diabolo::cli
