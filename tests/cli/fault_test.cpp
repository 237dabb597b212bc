// The command on a system that fails: no memory, no room, clocks that jump, places that cannot be
// written to, readers and writers that are gone, kills. One line, the right exit code, nothing left
// behind, and what was there stays.
#include <sys/mount.h>

#include <functional>
#include <map>
#include <set>

#include "cli/command.h"
#include "cli/table_command.h"

namespace diabolo {
namespace {

namespace fs = std::filesystem;

/// Every file below a folder, by its path in it, with its bytes.
std::map<std::string, std::string> files_below(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    files[fs::relative(entry.path(), folder).string()] =
        entry.is_regular_file() ? bytes_of(entry.path().string()) : "";
  return files;
}

/// Runs a line with a folder for temporary files, DuckDB's too, that can be looked at: `tmp`.
Result run_with_tmp(const Workplace& w, const std::string& line) {
  return w.shell("export TMPDIR=\"$PWD/tmp\"; " + line);
}

/// A failure is one line and leaves nothing, but for the run `begun`, which has a checkpoint then;
/// true if the command was done.
bool ends_well(const Workplace& w, const std::string& line, const std::string& begun = "") {
  fs::create_directories(w.path("tmp"));
  const auto before = files_below(w.path());
  const Result r = run_with_tmp(w, line);
  SCOPED_TRACE(line);
  if (r.code == 0) return true;
  EXPECT_EQ(r.code, 1) << r.err;
  EXPECT_EQ(r.error_lines(), 1) << r.err;
  EXPECT_TRUE(r.err.starts_with("diabolo: ")) << r.err;
  if (!begun.empty() && w.has(begun)) {
    EXPECT_EQ(w.run("info " + begun + "/checkpoint.safetensors").code, 0);
    for (const auto& entry : fs::directory_iterator(w.path(begun)))
      EXPECT_FALSE(entry.path().filename().string().starts_with(".")) << entry.path();
    fs::remove_all(w.path(begun));
  }
  EXPECT_TRUE(files_below(w.path()) == before) << "other files than before: " << r.err;
  return false;
}

// --- what a loaded library can do ---------------------------------------------------------------

class Faults : public ::testing::Test {
 protected:
  void SetUp() override {
#ifndef DIABOLO_FAULTS
    GTEST_SKIP() << "no library can be loaded before the command's own";
#endif
  }
  static std::string under(const std::string& fault, const std::string& arguments) {
#ifdef DIABOLO_FAULTS
    return fault + " LD_PRELOAD='" DIABOLO_FAULTS "' \"$D\" " + arguments;
#else
    return fault + arguments;
#endif
  }
};

TEST_F(Faults, no_memory_at_any_moment_is_one_line_and_leaves_nothing) {
#ifdef DIABOLO_SANITIZED
  GTEST_SKIP() << "a sanitizer's allocator does not ask the library";
#endif
  const Workplace w;
  w.make_model();
  put(w, "codes.npy", "old");
  put(w, "rows.csv", "old");
  for (const std::string arguments :
       {"fit rows.npy -o new --epochs 2 --quiet", "encode run rows.npy -o codes.npy",
        "sample run -n 3 -o rows.csv", "score run rows.npy", "info run"}) {
    int failures = 0;
    // Whether a moment is met is a matter of chance here: all of them in turn take minutes.
    for (long n = 0;; n += 1 + n / 5) {
      const std::string line = under(fmt::format("FAULT_MEMORY={}", n), arguments);
      if (ends_well(w, line, "new")) break;
      ++failures;
      ASSERT_FALSE(HasFailure()) << "after " << n << " allocations";
    }
    EXPECT_GT(failures, 20) << arguments;
    fs::remove_all(w.path("new"));
    put(w, "codes.npy", "old");
    put(w, "rows.csv", "old");
  }
}

TEST_F(Faults, clocks_that_jump_change_no_number_but_times) {
  const Workplace w;
  const std::string fit =
      "fit rows.npy --epochs 20 --threads 2 --mode reproducible --patience 0 --quiet "
      "--checkpoint-every 1s -o ";
  w.succeed(fit + "honest");
  const std::string expected = bytes_of(w.path("honest/model.safetensors"));
  for (const std::string how : {"wall", "forward", "backward"}) {
    const Result r = w.shell(under("FAULT_CLOCK=" + how, fit + how));
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_EQ(r.err, "");
    EXPECT_TRUE(bytes_of(w.path(how + "/model.safetensors")) == expected) << how;
    const auto rows = cells_of(bytes_of(w.path(how + "/metrics.csv")));
    ASSERT_EQ(rows.size(), 21u);
    double before = 0;
    for (std::size_t i = 1; i < rows.size(); ++i) {
      const double train = std::stod(rows[i][2]), all = std::stod(rows[i][3]),
                   rate = std::stod(rows[i][4]);
      EXPECT_TRUE(std::isfinite(train) && std::isfinite(all) && std::isfinite(rate)) << how;
      if (how == "backward") continue;  // a clock that is said to be monotonic, and is not
      EXPECT_GE(train, 0);
      EXPECT_GE(all, std::max(before, train)) << how;
      EXPECT_GE(rate, 0);
      if (how == "wall") {
        EXPECT_LT(all, 600);
      }
      before = all;
    }
    w.succeed("fit --resume " + how + " --epochs 21 --quiet");
  }
}

TEST_F(Faults, the_library_does_make_clocks_jump) {
  const Workplace w;
  w.succeed("fit rows.npy -o run --epochs 2 --quiet");
  w.shell(under("FAULT_CLOCK=forward", "fit rows.npy -o jumped --epochs 20 --quiet"));
  EXPECT_GT(std::stod(cells_of(bytes_of(w.path("jumped/metrics.csv"))).back()[3]), 3600);
}

// --- files that are cut or removed once they are open ------------------------------------------

/// Changes `file` after each time that it is opened, one after another: the command is done, or
/// ends with one line. How often it is opened.
int change_while_read(const Workplace& w, const std::string& fault, const std::string& line,
                      const std::string& file) {
  const std::string content = bytes_of(w.path(file));
  for (int n = 0;; ++n) {
    fs::remove_all(w.path("new"));
    const Result r = w.shell(fault + fmt::format(" FAULT_FILE={} FAULT_AFTER={} ", file, n) + line);
    if (w.has(file) && bytes_of(w.path(file)) == content) return n;
    SCOPED_TRACE(line + fmt::format(": {} after {}", file, n));
    EXPECT_TRUE(r.code == 0 || r.code == 1 || r.code == 2) << r.code << r.err;
    if (r.code != 0) {
      EXPECT_EQ(r.error_lines(), 1) << r.err;
      EXPECT_TRUE(r.err.starts_with("diabolo: ")) << r.err;
    }
    put(w, file, content);
    EXPECT_LT(n, 50);
  }
}

TEST_F(Faults, files_that_vanish_or_shrink_while_they_are_read_are_one_line_or_as_they_were) {
  const TableWorkplace w;
  w.make_model();
  ASSERT_EQ(w.shell("python3 -c \"import zipfile; zipfile.ZipFile('rows.npz', "
                    "'w').write('rows.npy')\"")
                .code,
            0);
  put(w, "c.toml", "epochs = 1\nhidden = 8\n");
  write_npy(Tensor(DType::u8, {60}), {60}, w.path("labels.npy"));
  fs::copy_file(w.path("rows.npy"), w.path("valid.npy"));
  std::vector<std::pair<std::string, std::string>> reads{
      {"encode run rows.npz", "rows.npz"},
      {"encode run rows.npy", "run/model.safetensors"},
      {"info run", "run/model.safetensors"},
      {"fit rows.npy -o new --epochs 1 --quiet --init run", "run/model.safetensors"},
      {"fit rows.npy -o new --quiet --config c.toml", "c.toml"},
      {"fit rows.npy -o new --epochs 1 --quiet --valid valid.npy", "valid.npy"},
      {"fit rows.npy -o new --epochs 1 --quiet --labels labels.npy", "labels.npy"},
      {"fit rows.npy -o new --epochs 1 --quiet", "rows.npy"},
      {"fit --resume run --quiet", "run/checkpoint.safetensors"}};
  if (have_tables()) {
    w.succeed("fit t.csv -o table --epochs 1 --quiet");
    reads.emplace_back("fit t.csv -o new --epochs 1 --quiet --schema table/schema.json",
                       "table/schema.json");
    reads.emplace_back("fit t.csv -o new --epochs 1 --quiet", "t.csv");
  }
  for (const auto& [line, file] : reads)
    for (const std::string how : {"FAULT_VANISH=1", ""})
      EXPECT_GT(change_while_read(w, how, under("", line), file), 0) << line;
}

// --- a disk without room ------------------------------------------------------------------------

/// A line that limits how far files may grow, to the byte; stderr, which the tests keep in a file,
/// goes through a pipe.
std::string limited(std::size_t bytes, const std::string& arguments) {
  return fmt::format(
      "C=$(mktemp); {{ {{ prlimit --fsize={} \"$D\" {}; echo $? >&3; }} 2>&1 >/dev/null | cat >&2; "
      "}} 3>$C; c=$(cat $C); rm $C; exit $c",
      bytes, arguments);
}

// The thread sanitizer writes a file of its own before the command starts.
#ifdef __SANITIZE_THREAD__
constexpr std::size_t kLeastRoom = 1;
#else
constexpr std::size_t kLeastRoom = 0;
#endif

class FullDisk : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::system("prlimit --fsize=100 true 2>/dev/null") != 0)
      GTEST_SKIP() << "no prlimit (util-linux)";
  }
};

TEST_F(FullDisk, of_a_result_at_any_byte_leaves_the_old_one) {
  const TableWorkplace w;
  w.make_model();
  w.make_picture_model();
  std::vector<std::string> lines{"encode run rows.npy -o out.npy", "sample run -n 9 -o out.csv",
                                 "sample pictures -n 4 -o out.png",
                                 "sample pictures -n 3 -o folder/"};
  if (have_tables())
    for (const char* ending : {"parquet", "jsonl"})
      lines.push_back(fmt::format("score run rows.npy -o out.{}", ending));
  for (const std::string& line : lines) {
    const std::string out = line.substr(line.rfind(' ') + 1);
    if (out != "folder/") put(w, out, "old");
    std::size_t room = kLeastRoom;
    while (!ends_well(w, limited(room, line))) {
      ASSERT_FALSE(HasFailure()) << room;
      room += 1 + room;
    }
    EXPECT_GT(room, 100u) << line;
  }
}

// The checkpoint grows with the history, so a later one does not fit where the first did.
TEST_F(FullDisk, at_a_later_checkpoint_ends_a_fit_that_goes_on_once_there_is_room) {
  const Workplace w;
  const std::string options = " --epochs 12 --patience 0 --threads 1 --checkpoint-every 0 --quiet";
  w.succeed("fit rows.npy -o whole" + options);
  w.succeed("fit rows.npy -o first --epochs 1 --patience 0 --threads 1 --quiet");
  const std::size_t least = fs::file_size(w.path("first/checkpoint.safetensors"));
  const std::size_t most = fs::file_size(w.path("whole/checkpoint.safetensors"));
  ASSERT_GT(most, least + 1000);
  int stopped = 0;
  for (std::size_t room = least; room < most; room += (most - least) / 4) {
    fs::remove_all(w.path("run"));
    const Result r = w.shell(limited(room, "fit rows.npy -o run" + options));
    if (r.code == 0) break;
    ++stopped;
    EXPECT_EQ(r.code, 1);
    EXPECT_EQ(r.error_lines(), 1) << r.err;
    EXPECT_NE(r.err.find("checkpoint.safetensors"), std::string::npos) << r.err;
    for (const auto& [name, bytes] : files_below(w.path("run")))
      EXPECT_FALSE(name.starts_with(".")) << name;
    const Result again = w.shell(limited(room, "fit --resume run --quiet"));
    EXPECT_EQ(again.code, 1) << again.err;
    w.succeed("fit --resume run --quiet");
    EXPECT_TRUE(bytes_of(w.path("run/model.safetensors")) ==
                bytes_of(w.path("whole/model.safetensors")));
  }
  EXPECT_GT(stopped, 2);
}

/// A disk of its own of so many pages, where that is allowed.
class SmallDisk {
 public:
  SmallDisk(std::string at, int pages) : at_(std::move(at)) {
    fs::create_directory(at_);
    const std::string size = fmt::format("size={}", pages * ::sysconf(_SC_PAGESIZE));
    is_there_ = ::mount("tmpfs", at_.c_str(), "tmpfs", 0, size.c_str()) == 0;
  }
  ~SmallDisk() {
    if (is_there_) ::umount(at_.c_str());
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool is_there() const { return is_there_; }
  bool make_read_only() const {
    return ::mount(nullptr, at_.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0;
  }
  void grow() const { ::mount("tmpfs", at_.c_str(), "tmpfs", MS_REMOUNT, "size=16M"); }

 private:
  std::string at_;
  bool is_there_ = false;
};

// Whichever file it is that does not fit: metrics.csv, the model, a checkpoint, pictures.
TEST(SmallDisk, of_any_size_ends_a_fit_with_one_line_and_it_goes_on_once_there_is_room) {
  const Workplace w;
  const std::string options =
      " --epochs 20 --patience 0 --threads 1 --checkpoint-every 0 --hidden 4 --quiet";
  w.succeed("fit rows.npy -o whole" + options);
  std::set<std::string> named;
  for (int pages = 3; pages < 60; pages += 1 + pages / 8) {
    const SmallDisk disk(w.path("disk"), pages);
    if (!disk.is_there()) GTEST_SKIP() << "no file system may be mounted";
    const Result r = w.run("fit rows.npy -o disk/run" + options);
    if (r.code == 0) break;
    EXPECT_EQ(r.code, 1);
    EXPECT_EQ(r.error_lines(), 1) << r.err;
    EXPECT_NE(r.err.find("No space left"), std::string::npos) << r.err;
    const std::size_t at = r.err.find("disk/run/");
    if (at != std::string::npos) named.insert(r.err.substr(at + 9, r.err.find('\'', at) - at - 9));
    for (const auto& [name, bytes] : files_below(w.path("disk"))) {
      EXPECT_FALSE(fs::path(name).filename().string().starts_with(".")) << name;
    }
    disk.grow();
    const Result again = w.run("fit rows.npy --resume -o disk/run" + options);
    ASSERT_EQ(again.code, 0) << again.err << " after " << r.err;
    EXPECT_TRUE(bytes_of(w.path("disk/run/model.safetensors")) ==
                bytes_of(w.path("whole/model.safetensors")));
    EXPECT_EQ(cells_of(bytes_of(w.path("disk/run/metrics.csv"))).size(), 21u);
  }
  EXPECT_TRUE(named.contains("checkpoint.safetensors"));
  EXPECT_GE(named.size(), 2u);
}

// --- places and streams
// ---------------------------------------------------------------------------

TEST(NoPlace, that_cannot_be_written_to_is_one_line_for_every_verb) {
  const Workplace w;
  w.make_model();
  w.succeed("encode run rows.npy -o codes.npy");
  std::vector<std::string> places{"/proc/", "no/such/"};
  std::optional<SmallDisk> disk;
  disk.emplace(w.path("disk"), 4);
  if (disk->is_there() && disk->make_read_only()) places.emplace_back("disk/");
  for (const std::string& place : places) {
    const std::vector<std::string> lines{"sample run -n 3 -o ", "encode run rows.npy -o ",
                                         "decode run codes.npy -o ", "score run rows.npy -o ",
                                         "reconstruct run rows.npy -o "};
    for (const std::string& line : lines) w.refuse(1, line + place + "x.csv", "x.csv");
    w.refuse(1, "sample run -n 3 -o " + place + "x.npy", "x.npy");
    if (place != "no/such/")
      w.refuse(1, "fit rows.npy -o " + place + "run --epochs 1 --quiet", place);
  }
}

TEST(NoPlace, a_finished_run_may_be_where_nothing_can_be_written) {
  const Workplace w;
  const SmallDisk disk(w.path("disk"), 4000);
  if (!disk.is_there()) GTEST_SKIP() << "no file system may be mounted";
  const std::string line = "fit rows.npy -o disk/run --resume --epochs 2";
  w.succeed(line);
  ASSERT_TRUE(disk.make_read_only());
  w.succeed(line);
  w.refuse(1, line + "0", "expected a folder that may be written to");
}

TEST(NoPlace, pipes_in_a_folder_are_not_waited_for) {
  const Workplace w;
  w.make_model();
  EXPECT_EQ(w.shell("mkfifo run/.diabolo-1-1.tmp; timeout 60 \"$D\" fit rows.npy -o run "
                    "--overwrite --epochs 1 --quiet")
                .code,
            0);
  EXPECT_EQ(w.shell("mkdir other; mkfifo other/metrics.csv; timeout 60 \"$D\" fit rows.npy -o "
                    "other --overwrite --epochs 1 --quiet")
                .code,
            1);
}

class Streams : public TableCommand {
 protected:
  /// Every verb that writes rows, more of them than a pipe holds; or, of less work, a few.
  void each(bool many, const std::function<void(const std::string& arguments)>& f) const {
    w.make_table_model();
    fs::create_directories(w.path("tmp"));
    put(w, "rows.csv", many ? TableWorkplace::table(4000, 3) : TableWorkplace::table(20, 3));
    w.succeed("encode run rows.csv -o codes.csv");
    std::string wide = "id,x\n";  // of few rows that are copied
    for (int i = 0; i < 100; ++i)
      wide += fmt::format("k{}{},{}.5\n", i, std::string(many ? 1000 : 1, 'k'), i % 3);
    put(w, "wide.csv", wide);
    const std::string samples = many ? "sample run -n 9000" : "sample run -n 9";
    const std::string others = "--keep id --allow-missing-columns";
    for (const std::string& arguments :
         {samples, samples + " --format jsonl", std::string("encode run rows.csv"),
          std::string("encode run rows.csv --format npy"), std::string("decode run codes.csv"),
          std::string("reconstruct run rows.csv"), "score run wide.csv " + others,
          "score run wide.csv --format tsv " + others,
          std::string("impute run wide.csv --samples 8 --allow-missing-columns"),
          "predict run wide.csv --samples 8 --target colour " + others})
      f(arguments + " --quiet");
  }
  TableWorkplace w;
};

TEST_F(Streams, a_reader_that_goes_away_is_no_noise) {
  each(true, [&](const std::string& arguments) {
    const auto before = files_below(w.path());
    const Result r = run_with_tmp(w, "{ \"$D\" " + arguments + "; echo code $? >&2; } | head -c 9");
    EXPECT_EQ(r.out.size(), 9u) << arguments;
    EXPECT_EQ(r.err, "code 1\n") << arguments;
    EXPECT_TRUE(files_below(w.path()) == before);
  });
}

TEST_F(Streams, closed_and_full_ones_are_one_line) {
  const auto look_at = [&](const std::string& arguments) {
    for (const std::string where : {" >&-", " >/dev/full"}) {
      const auto before = files_below(w.path());
      const Result r = run_with_tmp(w, "\"$D\" " + arguments + where);
      EXPECT_EQ(r.code, 1) << arguments << where;
      EXPECT_EQ(r.error_lines(), 1) << arguments << where << "\n" << r.err;
      EXPECT_NE(r.err.find("standard output"), std::string::npos) << r.err;
      EXPECT_TRUE(files_below(w.path()) == before);
    }
    const Result r = w.run(arguments + " <&-");
    EXPECT_EQ(r.code, 0) << arguments << r.err;
    EXPECT_GT(r.out.size(), 9u) << arguments;
  };
  each(false, look_at);
  for (const char* arguments : {"--help", "--version", "fit --help", "info run", "info run --json",
                                "info rows.csv", "evaluate run rows.csv --quiet"})
    look_at(arguments);
}

TEST_F(Streams, a_closed_stdin_is_one_line_where_it_is_to_be_read) {
  w.make_table_model();
  const Result r = w.run("score run - <&-");
  EXPECT_EQ(r.code, 1);
  EXPECT_EQ(r.error_lines(), 1) << r.err;
}

// --- kills --------------------------------------------------------------------------------------

TEST(Killed, while_a_result_is_written_leaves_it_whole_or_as_it_was) {
  const TableWorkplace w;
  w.make_model();
  std::vector<std::string> endings{"npy", "csv"};
  if (have_tables()) endings.emplace_back("parquet");
  for (const std::string& ending : endings) {
    const std::string out = "out." + ending;
    const std::string line = "sample run -n 30000 --quiet -o " + out;
    fs::remove(w.path(out));
    w.succeed(line);
    const std::string whole = bytes_of(w.path(out));
    put(w, out, "old");
    fs::create_directories(w.path("tmp"));
    int killed = 0;
    for (int i = 0; i < 12; ++i) {
      const Result r =
          w.shell(fmt::format("timeout -s KILL 0.{:03} env TMPDIR=\"$PWD/tmp\" \"$D\" "
                              "{}",
                              5 + 12 * i, line));
      const std::string now = bytes_of(w.path(out));
      ASSERT_TRUE(now == "old" || now == whole) << ending << " after " << i;
      killed += r.code != 0;
    }
    EXPECT_GT(killed, 0) << "it was never killed";
    w.succeed(line);
    EXPECT_TRUE(bytes_of(w.path(out)) == whole);
  }
}

// --- signals
// ---------------------------------------------------------------------------------------

/// Starts `line` in the background as $p, and sends `signal` once the file or folder `sign` is
/// there.
Result stop(const Workplace& w, const std::string& line, const std::string& sign,
            const std::string& signal) {
  return w.shell("export TMPDIR=\"$PWD/tmp\"; mkdir -p tmp; " + line +
                 " & p=$!\nwhile kill -0 $p && [ -z \"$(ls -d " + sign +
                 ")\" ]; do sleep 0.01; done 2>/dev/null\nsleep 0.05; kill -" + signal +
                 " $p; wait $p");
}

TEST(Stopped, while_a_result_is_written_leaves_nothing) {
  const TableWorkplace w;
  w.make_model();
  std::vector<std::string> endings{"csv"};
  if (have_tables()) endings.emplace_back("parquet");
  for (const std::string& ending : endings)
    for (const auto& [signal, code] : {std::pair{"TERM", 143}, {"HUP", 129}}) {
      fs::create_directories(w.path("tmp"));
      const auto before = files_below(w.path());
      const Result r =
          stop(w, "\"$D\" sample run -n 1000000 --quiet -o out." + ending, ".diabolo-*", signal);
      EXPECT_EQ(r.code, code) << ending << r.err;
      EXPECT_TRUE(files_below(w.path()) == before) << ending;
    }
}

TEST(Stopped, while_a_folder_of_pictures_is_written_leaves_nothing) {
  const Workplace w;
  w.make_picture_model();
  fs::create_directories(w.path("tmp"));
  fs::create_directories(w.path("there"));
  const auto before = files_below(w.path());
  for (const auto& [out, sign] :
       {std::pair{"new/", "new.partial/0*9.png"}, {"there", "there/0*9.png"}}) {
    const Result r =
        stop(w, fmt::format("\"$D\" sample pictures -n 400000 --quiet -o {}", out), sign, "TERM");
    EXPECT_EQ(r.code, 143) << out << r.err;
    EXPECT_TRUE(files_below(w.path()) == before) << out;
  }
  fs::create_directories(w.path("new.partial"));
  put(w, "new.partial/mine", "mine");
  w.refuse(1, "sample pictures -n 2 -o new/", "remove it");
  EXPECT_TRUE(w.has("new.partial/mine"));
}

// The report of many pictures takes a while; the page of the stop may be there, or be made again.
TEST(Stopped, after_its_training_a_fit_ends_at_once_and_can_go_on) {
  const Workplace w;
  const Result r = stop(w, "\"$D\" fit pictures.npy -o run --epochs 2 --quiet --hidden 3000",
                        "run/model.safetensors", "TERM");
  EXPECT_TRUE(r.code == 143 || r.code == 0) << r.err;
  for (const auto& [name, bytes] : files_below(w.path("run")))
    EXPECT_EQ(name.find(".diabolo"), std::string::npos) << name;
  EXPECT_EQ(w.succeed("fit --resume run --json --quiet").json()["epochs"], 2);
}

class StoppedTable : public TableCommand {};

// Rows that never come: neither the folders of the run nor those of the table stay.
TEST_F(StoppedTable, before_its_training_a_fit_leaves_nothing) {
  const TableWorkplace w;
  fs::create_directories(w.path("tmp"));
  ASSERT_EQ(w.shell("mkfifo rows").code, 0);
  const auto before = files_below(w.path());
  const Result r =
      stop(w, "exec 3<>rows; \"$D\" fit - -o a/b/run <rows", "a/b/run tmp/diabolo-*", "TERM");
  EXPECT_EQ(r.code, 143) << r.err;
  EXPECT_TRUE(files_below(w.path()) == before);
}

// --- names
// -----------------------------------------------------------------------------------------

class AnyName : public TableCommand {};

TEST_F(AnyName, serves_for_tables_runs_and_results) {
  const TableWorkplace w;
  // Names, and what makes printf write them.
  const std::pair<std::string, std::string> names[] = {{"two\nlines", "two\\nlines"},
                                                       {"no\xffutf8", "no\\377utf8"},
                                                       {" a 'b\" $c", " a \\047b\" $c"}};
  for (const auto& [name, printed] : names) {
    fs::copy_file(w.path("t.csv"), w.path(name + ".csv"));
    const std::string set_name = "N=$(printf '" + printed + "'); ";
    const std::string fit = "\"$D\" fit \"$N.csv\" -o \"$N\" --epochs 2 --quiet --resume";
    for (const std::string& line :
         {fit, fit, std::string("\"$D\" fit --resume \"$N\" --quiet --epochs 3"),
          std::string("\"$D\" info \"$N.csv\""), std::string("\"$D\" evaluate \"$N\" \"$N.csv\""),
          std::string("\"$D\" sample \"$N\" -n 3 -o \"$N.out.csv\""),
          std::string("\"$D\" info \"$N.out.csv\"")}) {
      const Result r = w.shell(set_name + line);
      EXPECT_EQ(r.code, 0) << line << "\n" << r.err;
    }
    EXPECT_TRUE(w.has(name + "/model.safetensors"));
    EXPECT_TRUE(w.has(name + ".out.csv"));
  }
}

}  // namespace
}  // namespace diabolo
