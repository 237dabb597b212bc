#include <diabolo/cli/console.h>
#include <diabolo/cli/run_folder.h>
#include <diabolo/data/atomic_file.h>
#include <diabolo/data/source.h>
#include <diabolo/io/model_file.h>
#include <diabolo/io/schema_file.h>
#include <diabolo/report/pictures.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <filesystem>
#include <limits>
#include <system_error>

namespace diabolo::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCheckpoint = "checkpoint.safetensors";

/// Everything that a run may hold, also of other versions.
constexpr const char* kFiles[] = {"model.safetensors",
                                  kCheckpoint,
                                  "metrics.csv",
                                  "config.toml",
                                  "schema.json",
                                  "pictures/samples.png",
                                  "pictures/reconstructions.png",
                                  "pictures/traversals.png",
                                  "pictures/interpolations.png",
                                  "report.html"};

constexpr std::string_view kMetricsHeader =
    "epoch,step,train_seconds,seconds,rows_per_second,learning_rate,beta,loss,log_px,kl,valid_loss,"
    "valid_log_px,valid_kl,active_units,findings\n";

// As a checkpoint keeps it.
std::string cell(double x) { return std::isfinite(x) ? fmt::format("{}", x) : ""; }

std::string metrics_line(const EpochReport& report) {
  const EpochRecord& r = report.record;
  return fmt::format("{},{},{:.3f},{:.3f},{:.1f},{},{},{},{},{},{},{},{},{},{}\n", r.epoch, r.step,
                     report.train_seconds, report.seconds, report.rows_per_second,
                     cell(r.learning_rate), cell(r.beta), cell(r.loss), cell(r.log_px), cell(r.kl),
                     cell(r.valid_loss), cell(r.valid_log_px), cell(r.valid_kl), r.active_units,
                     r.findings);
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

[[noreturn]] void cannot_write(const std::string& path, int code) {
  fail(ErrorCode::io, "run", "expected to write {}, got '{}'; check the path and the disk",
       in_quotes(path), std::generic_category().message(code));
}

/// Holds what a process that was killed has left, a file that nobody is writing (AtomicFile), and
/// calls `use` meanwhile. False if `path` is no such file.
bool with_left_over(const fs::path& path, void (*use)(const fs::path&)) {
  const std::string name = path.filename().string();
  if (!name.starts_with(".diabolo-") || !name.ends_with(".tmp")) return false;
  // A pipe is not waited for.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return false;
  struct stat here{};
  const bool is_free = ::fstat(descriptor, &here) == 0 && S_ISREG(here.st_mode) &&
                       ::flock(descriptor, LOCK_EX | LOCK_NB) == 0;
  if (is_free) use(path);
  ::close(descriptor);
  return is_free;
}

bool is_left_over(const fs::path& path) {
  return with_left_over(path, [](const fs::path&) {});
}

bool is_metrics(const std::string& path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return false;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> metrics(std::fopen(path.c_str(), "re"),
                                                                std::fclose);
  constexpr std::string_view kBegin = kMetricsHeader.substr(0, kMetricsHeader.find(",loss"));
  std::string head(kBegin.size(), ' ');
  return metrics && std::fread(head.data(), 1, head.size(), metrics.get()) == head.size() &&
         head == kBegin;
}

std::size_t lines_in(const std::string& path) {
  return static_cast<std::size_t>(
      std::ranges::count(read_file(path, std::numeric_limits<std::uint64_t>::max()), '\n'));
}

void remove_left_overs(const std::string& folder) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored))
    with_left_over(entry.path(), [](const fs::path& path) { ::unlink(path.c_str()); });
}

}  // namespace

RunFolder::RunFolder(const std::string& path, RunUse use)
    : path_(fs::path(path).lexically_normal().string()), metrics_(nullptr, std::fclose) {
  if (path_.size() > 1 && path_.ends_with('/')) path_.pop_back();
  std::error_code ignored;
  check(!fs::exists(path_, ignored) || fs::is_directory(path_, ignored), ErrorCode::io, "run",
        "expected a folder for the run, got a file at {}; choose another name", in_quotes(path_));
  fs::path nearest = path_;  // the innermost folder that is there
  while (!nearest.empty() && !fs::exists(nearest, ignored)) nearest = nearest.parent_path();
  if (nearest.empty()) nearest = ".";
  if (nearest == path_)
    check_content(use);  // before it is locked: the clearer line
  else
    expect_to_write(nearest.string());
  lock_.emplace(path_);
  remove_left_overs(path_);
  if (!has_linked_pictures()) remove_left_overs(file("pictures"));
  check_content(use);
}

void RunFolder::expect_to_write() const { expect_to_write(path_); }

void RunFolder::expect_to_write(const std::string& folder) const {
  std::error_code ignored;
  check(fs::is_directory(folder, ignored) && ::access(folder.c_str(), W_OK) == 0, ErrorCode::io,
        "run",
        "expected a folder that may be written to for the run {}, got no permission for {}; choose "
        "another",
        in_quotes(path_), in_quotes(folder));
}

void RunFolder::check_content(RunUse use) const {
  std::error_code ignored;
  bool empty = true;
  for (const fs::directory_entry& entry : fs::directory_iterator(path_, ignored))
    empty &= is_left_over(entry.path());
  if (empty) return;
  const bool begun = fs::exists(file(kCheckpoint), ignored);
  check(use != RunUse::fresh, ErrorCode::io, "run",
        "expected a new or an empty folder for the run, got one with files in it at {}; choose "
        "another{}, or --overwrite an earlier run",
        in_quotes(path_), begun ? ", go on with it by --resume" : "");
  check(use != RunUse::resume || begun, ErrorCode::io, "run",
        "expected an empty folder or a run with its {} to go on from, got {} without one; choose "
        "another, or --overwrite an earlier run",
        kCheckpoint, in_quotes(path_));
  // What stands beside a model, its metrics or a checkpoint is a run's; a folder without them is
  // somebody else's.
  check(begun || fs::is_regular_file(file("model.safetensors"), ignored) ||
            is_metrics(file("metrics.csv")),
        ErrorCode::io, "run",
        "expected an earlier run to overwrite, got a folder of other files at {}; choose another",
        in_quotes(path_));
}

std::string RunFolder::file(const std::string& name) const { return path_ + "/" + name; }

bool RunFolder::holds(const std::string& path) const {
  std::error_code ignored;
  return std::ranges::any_of(
      kFiles, [&](const char* name) { return fs::equivalent(path, file(name), ignored); });
}

bool RunFolder::has_linked_pictures() const {
  std::error_code ignored;
  return fs::is_symlink(file("pictures"), ignored);
}

bool RunFolder::is_whole(const Checkpoint& finished, const Components& components) const {
  const std::size_t epochs = finished.model.history.size();
  std::error_code ignored;
  for (const char* name : {"config.toml", "schema.json", "metrics.csv"})
    if (!fs::is_regular_file(file(name), ignored)) return false;
  try {
    return lines_in(file("metrics.csv")) == epochs + 1 &&
           read_model(file("model.safetensors"), components).history.size() == epochs;
  } catch (const Error&) {
    return false;
  }
}

std::optional<Checkpoint> RunFolder::read_checkpoint(const Components& components) const {
  std::error_code ignored;
  if (!fs::exists(file(kCheckpoint), ignored)) return {};
  return diabolo::read_checkpoint(file(kCheckpoint), components);
}

void RunFolder::go_on_after(const Checkpoint& checkpoint) {
  const std::vector<EpochRecord>& history = checkpoint.model.history;
  lines_.clear();
  for (std::size_t i = 0; i < history.size(); ++i) {
    const EpochTimes& times = checkpoint.state.times[i];
    lines_ += metrics_line({.record = history[i],
                            .train_seconds = times.train_seconds,
                            .seconds = times.seconds,
                            .rows_per_second = times.rows_per_second});
  }
  // Killed before its first step: files of an earlier run may still be there.
  is_begun_ = checkpoint.state.model.steps > 0 || !history.empty();
}

bool RunFolder::keep(const ModelData& model, const TrainingState& state, bool is_finished,
                     const std::string& note, const std::string& config) {
  // What says that the run is finished is on the disk after all the rest.
  if (is_finished && metrics_ && ::fsync(::fileno(metrics_.get())) != 0)
    cannot_write(file("metrics.csv"), errno);
  write_checkpoint(file(kCheckpoint), model, state, is_finished, note);
  if (metrics_) return false;
  if (!is_begun_) {  // of an earlier run
    std::error_code ignored;
    for (const std::string_view name : kFiles)
      if (name != kCheckpoint && !(name.starts_with("pictures/") && has_linked_pictures()))
        fs::remove(file(std::string(name)), ignored);
    ::rmdir(file("pictures").c_str());  // only an empty folder
  }
  write_whole(file("config.toml"), config);
  open_metrics();
  return true;
}

void RunFolder::open_metrics() {
  write_whole(file("metrics.csv"), std::string(kMetricsHeader) + lines_);
  metrics_.reset(std::fopen(file("metrics.csv").c_str(), "ae"));
  if (!metrics_) cannot_write(file("metrics.csv"), errno);
}

void RunFolder::append(const EpochReport& report) {
  const std::string line = metrics_line(report);
  const bool done = std::fwrite(line.data(), 1, line.size(), metrics_.get()) == line.size() &&
                    std::fflush(metrics_.get()) == 0;
  if (!done) cannot_write(file("metrics.csv"), errno);
}

void RunFolder::save(const Model& model) {
  model.save(file("model.safetensors"));
  if (!model.data().schema.empty()) return write_schema(file("schema.json"), model.data().schema);
  write_whole(file("schema.json"), schema_of(model.data()).dump(2) + "\n");
}

void RunFolder::save_pictures(const Model& model, const Dataset& examples,
                              const ReportColumn* labels, std::uint64_t seed) {
  check(!has_linked_pictures(), ErrorCode::io, "run",
        "expected a folder of the run at {}, got a link; remove it", in_quotes(file("pictures")));
  std::error_code error;
  fs::create_directories(file("pictures"), error);
  if (error) cannot_write(file("pictures"), error.value());
  write_pictures(make_pictures(model, examples, labels, seed), model.data(), file("pictures"));
}

}  // namespace diabolo::cli
