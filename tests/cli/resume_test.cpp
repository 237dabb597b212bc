// Runs that were stopped, in any way, and go on: fit --resume, checkpoints, the lock of a folder.
#include <diabolo/io/safetensors.h>

#include "cli/command.h"
#include "cli/table_command.h"

namespace diabolo {
namespace {

// metrics.csv without what tells times.
std::string untimed(const std::string& csv) {
  std::istringstream lines(csv);
  std::string text, line;
  while (std::getline(lines, line)) {
    std::istringstream cells(line);
    std::string cell;
    for (int i = 0; std::getline(cells, cell, ','); ++i)
      if (i < 2 || i > 4) text += cell + ",";
    text += "\n";
  }
  return text;
}

void expect_same_runs(const Workplace& w, const std::string& a, const std::string& b) {
  EXPECT_EQ(bytes_of(w.path(a + "/model.safetensors")), bytes_of(w.path(b + "/model.safetensors")));
  EXPECT_EQ(untimed(bytes_of(w.path(a + "/metrics.csv"))),
            untimed(bytes_of(w.path(b + "/metrics.csv"))));
}

// Kills `fit` with `signal` again and again, a little later each time, until it ends by itself. The
// first file of a run is a checkpoint, and from then on there is always one that loads.
std::string killed_again_and_again(const std::string& fit, const std::string& signal) {
  return "for i in $(seq 1 90); do timeout -s " + signal + " 0.$(printf %02d $((i + 8))) \"$D\" " +
         fit +
         "; c=$?; [ $c -eq 0 ] && break; [ ! -e run ] || [ -z \"$(ls run)\" ] || \"$D\" info "
         "run/checkpoint.safetensors >/dev/null || exit 99; done; echo $i; exit $c";
}

constexpr const char* kOften = " --threads 1 --quiet --checkpoint-every 0s ";

TEST(Resume, a_line_that_is_killed_and_run_again_ends_as_if_it_had_not_been) {
  const Workplace w;
  const std::string line =
      "fit rows.npy -o run --resume --epochs 200 --patience 0" + std::string(kOften);
  w.succeed("fit rows.npy -o whole --epochs 200 --patience 0 --threads 1 --quiet");
  for (const char* signal : {"KILL", "TERM"}) {
    std::filesystem::remove_all(w.path("run"));
    const Result r = w.shell(killed_again_and_again(line, signal));
    ASSERT_EQ(r.code, 0) << signal << "\n" << r.err;
    EXPECT_GT(std::stoi(r.out), 1) << "it was never killed";
    expect_same_runs(w, "run", "whole");
  }
  for (const auto& entry : std::filesystem::directory_iterator(w.path("run")))
    EXPECT_NE(entry.path().extension(), ".tmp") << entry.path();
  const Result again = w.run(line);
  EXPECT_EQ(again.code, 0) << again.err;
  expect_same_runs(w, "run", "whole");
}

TEST(Resume, goes_on_from_the_stored_settings_wherever_it_is_called) {
  const Workplace w;
  const std::string options = " --latent 3 --hidden 7 --beta 0.5 --valid 0.2 --epochs ";
  w.succeed("fit rows.npy -o whole --threads 1 --quiet" + options + "60 --patience 0");
  const Result stopped = w.shell(
      "\"$D\" fit rows.npy -o run --threads 1 --checkpoint-every 0 --patience 0" + options +
      "60 & p=$!; while [ ! -s run/metrics.csv ]; do sleep 0.01; done; kill -INT $p; wait $p");
  if (stopped.code == 0) GTEST_SKIP() << "this machine was through with it";
  EXPECT_EQ(stopped.code, 130) << stopped.err;
  EXPECT_NE(stopped.err.find("to go on: diabolo fit --resume run\n"), std::string::npos)
      << stopped.err;
  w.succeed("evaluate run rows.npy");
  const Result r = w.shell("mkdir elsewhere; cd elsewhere; \"$D\" fit --resume ../run");
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_NE(r.err.find("training goes on after "), std::string::npos) << r.err;
  expect_same_runs(w, "run", "whole");
}

TEST(Resume, of_a_finished_run_does_nothing_unless_there_are_more_epochs) {
  const Workplace w;
  w.succeed("fit rows.npy -o run --resume --quiet --schedule constant --trim 0 --epochs 3");
  const auto written = std::filesystem::last_write_time(w.path("run/model.safetensors"));
  for (const std::string line :
       {"fit rows.npy -o run --resume --epochs 3", "fit --resume run",
        "fit rows.npy -o run --resume --epochs 2", "fit rows.npy -o run --resume --threads 2"}) {
    const Result r = w.succeed(line);
    EXPECT_NE(r.err.find("the training is finished"), std::string::npos) << r.err;
    EXPECT_NE(r.out.find("run/model.safetensors"), std::string::npos) << r.out;
    EXPECT_EQ(std::filesystem::last_write_time(w.path("run/model.safetensors")), written);
  }
  EXPECT_EQ(w.succeed("fit --resume run --quiet --json").json()["epochs"], 3);
  w.succeed("fit --resume run --quiet --epochs 5");
  w.succeed(
      "fit rows.npy -o whole --quiet --schedule constant --trim 0 --epochs 5 --beta-warmup 0 "
      "--patience 10");
  EXPECT_EQ(w.succeed("info run --json").json()["settings"]["epochs"], "5");
  expect_same_runs(w, "run", "whole");
}

TEST(Resume, of_a_finished_run_makes_files_again_that_are_gone) {
  const Workplace w;
  w.make_model();
  const std::string model = bytes_of(w.path("run/model.safetensors"));
  for (const char* name : {"model.safetensors", "config.toml", "schema.json", "metrics.csv"}) {
    const std::string path = w.path(std::string("run/") + name);
    std::filesystem::remove(path);
    w.succeed("fit --resume run --quiet");
    EXPECT_TRUE(std::filesystem::exists(path)) << name;
  }
  EXPECT_EQ(bytes_of(w.path("run/model.safetensors")), model);
  const std::string metrics = bytes_of(w.path("run/metrics.csv"));
  for (const char* name : {"model.safetensors", "metrics.csv"})  // as a power cut may leave them
    for (const std::size_t bytes : {0u, 400u}) {
      std::filesystem::resize_file(w.path(std::string("run/") + name), bytes);
      w.succeed("fit --resume run --quiet");
      EXPECT_EQ(bytes_of(w.path("run/model.safetensors")), model);
      EXPECT_EQ(bytes_of(w.path("run/metrics.csv")), metrics);
    }
}

TEST(Resume, of_settings_that_this_command_does_not_have_is_one_line) {
  const Workplace w;
  w.make_model();
  const std::string path = "run/checkpoint.safetensors";
  const std::string whole = bytes_of(w.path(path));
  for (const std::string name : {"patiencf", "no-report", "overwrite"}) {
    std::string file = whole;
    const std::string before = "\\\"patience\\\":", after = "\\\"" + name + "\\\":";
    const std::size_t at = file.find(before);
    ASSERT_NE(at, std::string::npos);
    file.replace(at, before.size(), after);
    // The length of the header is its first eight bytes.
    file[0] = static_cast<char>(file[0] + static_cast<char>(after.size() - before.size()));
    put(w, path, file);
    w.refuse(1, "fit --resume run --quiet --epochs 9", "got one with '" + name + "'");
  }
}

TEST(Resume, says_why_more_epochs_change_nothing) {
  const Workplace w;
  w.succeed(
      "fit rows.npy -o run --quiet --schedule constant --patience 1 --epochs 2000 "
      "--learning-rate 0.1");
  const Result r = w.succeed("fit --resume run --epochs 3000");
  EXPECT_NE(r.err.find("more --epochs change nothing"), std::string::npos) << r.err;
}

TEST(Resume, refuses_what_is_not_as_the_run_began) {
  const Workplace w;
  w.succeed("fit rows.npy -o run --quiet --epochs 3 --latent 2");
  w.refuse(2, "fit rows.npy -o run --resume --latent 3 --quiet", "--latent 2 as the run began");
  w.refuse(2, "fit --resume run --kl-limit 2 --quiet", "as the run began");
  w.refuse(1, "fit pictures.npy -o run --resume --quiet", "as the run began");
  w.refuse(2, "fit --resume run --valid pictures.npy", "expected no --valid as the run began");
  w.refuse(2, "fit --resume run --missing nan", "expected no --missing as the run began");
  w.refuse(2, "fit --resume run -o other", "got the run 'run' as DATA");
  w.refuse(2, "fit --resume rows.npy", "got the file 'rows.npy'; give -o RUN");
  w.refuse(2, "fit rows.npy --init run -o run --overwrite", "choose a new one");
  w.refuse(2, "fit --resume run --overwrite", "--resume or --overwrite, got both");
  w.refuse(2, "fit --resume", "DATA");
  w.refuse(1, "fit --resume nowhere", "got an empty folder at 'nowhere'");
  w.refuse(2, "fit rows.npy -o new --checkpoint-every soon", "a time like 60s");
  w.refuse(2, "fit rows.npy -o new --checkpoint-every=-1s", "a time like 60s");
  std::filesystem::create_directory(w.path("mine"));
  put(w, "mine/notes.txt", "mine");
  w.refuse(1, "fit rows.npy -o mine --resume", "checkpoint.safetensors");
}

TEST(Resume, of_a_table_tells_which_column_has_changed) {
  const TableWorkplace w;
  put(w, "a.csv", "x,c\n1,u\n2,v\n3,u\n4,v\n5,u\n6,w\n");
  put(w, "b.csv", "x,c\n1,u\n2,v\n3,u\n4,v\n5,u\n6,q\n");
  put(w, "c.csv", "x,c\n1,u\n2,v\n3,u\n4,v\n5,w\n6,u\n");
  w.succeed("fit a.csv -o run --quiet --epochs 2");
  w.succeed("fit a.csv -o run --resume --quiet --epochs 3");
  w.refuse(1, "fit b.csv -o run --resume --quiet --epochs 4", "expected column 'c' as the run");
  w.refuse(1, "fit c.csv -o run --resume --quiet --epochs 4", "the values as the run began");
}

TEST(Resume, of_rows_that_are_read_in_another_way_names_the_option) {
  const TableWorkplace w;
  const std::string fit = "fit t.csv -o run --quiet --resume ";
  w.succeed(fit + "--epochs 2 --valid new.csv --kind x=continuous");
  const auto refuse = [&](const std::string& options, const std::string& part) {
    w.refuse(2, fit + "--epochs 3 " + options, part);
  };
  refuse("--valid t.csv", "/new.csv' as the run began, got --valid");
  refuse("--valid 0.2", "/new.csv' as the run began, got --valid '0.2'");
  refuse("--drop fixed", "expected no --drop as the run began, got --drop 'fixed'");
  refuse("--missing 7", "expected no --missing as the run began");
  refuse("--kind x=categorical", "expected --kind 'x=continuous' as the run began");
  refuse("--query 'FROM data LIMIT 100'", "expected no --query as the run began");
  w.succeed(fit + "--epochs 3 --kind y=continuous");  // as it was without
}

// Of the second table the mean is another one in another order, and so is the schema.
TEST(Resume, with_rows_in_another_order_names_order_by) {
  const TableWorkplace w;
  const std::string fit = "fit t.csv -o run --quiet --query 'FROM data' ";
  for (const auto& [rows, other] :
       {std::pair{"1,u\n2,v\n3,u\n4,v\n5,u\n6,w\n", "6,w\n5,u\n4,v\n3,u\n2,v\n1,u\n"},
        {"0.1,u\n1e15,v\n0.3,v\n-1e15,u\n0.7,w\n", "0.7,w\n-1e15,u\n0.3,v\n1e15,v\n0.1,u\n"}}) {
    put(w, "t.csv", std::string("x,c\n") + rows);
    w.succeed(fit + "--overwrite --epochs 2");
    put(w, "t.csv", std::string("x,c\n") + other);
    w.refuse(1, fit + "--resume --epochs 3", "only with ORDER BY");
  }
}

TEST(Resume, goes_on_without_the_schema_file_that_it_began_with) {
  const TableWorkplace w;
  w.succeed("fit t.csv -o first --quiet --epochs 1");
  std::filesystem::copy(w.path("first/schema.json"), w.path("given.json"));
  w.succeed("fit t.csv -o run --quiet --epochs 1 --schema given.json");
  w.succeed("fit --resume run --quiet --epochs 2");
  std::filesystem::remove(w.path("given.json"));
  w.succeed("fit --resume run --quiet --epochs 3");
}

TEST(Resume, a_damaged_checkpoint_is_one_line) {
  const Workplace w;
  w.succeed("fit rows.npy -o run --quiet --epochs 2");
  const std::string whole = bytes_of(w.path("run/checkpoint.safetensors"));
  put(w, "run/checkpoint.safetensors", whole.substr(0, whole.size() / 2));
  w.refuse(1, "fit --resume run", "checkpoint.safetensors");
  put(w, "run/checkpoint.safetensors", bytes_of(w.path("run/model.safetensors")));
  w.refuse(1, "fit --resume run", "a checkpoint of a training");
  put(w, "run/checkpoint.safetensors", whole);
  TensorFile file = read_safetensors(w.path("run/checkpoint.safetensors"));
  for (const char* note : {"", "[]", "{\"data\": 3}", "no json"}) {
    file.metadata["note"] = note;
    write_safetensors(w.path("run/checkpoint.safetensors"), file);
    w.refuse(1, "fit --resume run", "a fit of this command");
  }
}

TEST(Resume, a_folder_in_use_is_refused_and_free_again_when_its_user_is_gone) {
  const Workplace w;
  const Result r = w.shell(
      "\"$D\" fit rows.npy -o run --quiet --epochs 100000 --patience 0 & p=$!\n"
      "while [ ! -s run/metrics.csv ]; do sleep 0.01; done\n"
      "\"$D\" fit rows.npy -o run --resume; echo $?; \"$D\" fit rows.npy -o run --overwrite; "
      "echo $?; kill -KILL $p; wait $p; \"$D\" fit rows.npy -o run --overwrite --epochs 2 --quiet; "
      "echo $?");
  EXPECT_EQ(r.out, "1\n1\n0\n") << r.err;
  const std::size_t first = r.err.find("in use at 'run'");
  EXPECT_NE(first, std::string::npos) << r.err;
  EXPECT_NE(r.err.find("in use at 'run'", first + 1), std::string::npos) << r.err;
}

TEST(Resume, a_run_without_a_model_yet_says_so_and_its_checkpoint_is_one) {
  const Workplace w;
  w.succeed("fit rows.npy -o run --quiet --epochs 2");
  std::filesystem::remove(w.path("run/model.safetensors"));
  w.refuse(1, "evaluate run rows.npy", "got a training that has not saved one yet");
  w.refuse(1, "info run", "got a training that has not saved one yet");
  w.succeed("evaluate run/checkpoint.safetensors rows.npy");
}

TEST(Resume, what_a_killed_process_was_writing_is_cleared_away_and_nothing_else) {
  const Workplace w;
  std::filesystem::create_directories(w.path("run/pictures"));
  for (const char* name : {"run/.diabolo-1-0.tmp", "run/pictures/.diabolo-7-3.tmp"})
    put(w, name, "half");
  const Result held =
      w.shell("flock run/.diabolo-1-0.tmp \"$D\" fit rows.npy -o run --epochs 1 --quiet");
  EXPECT_EQ(held.code, 1) << "another process is writing it";
  EXPECT_NE(held.err.find("an empty folder"), std::string::npos) << held.err;
  std::filesystem::remove(w.path("run/pictures/.diabolo-7-3.tmp"));
  std::filesystem::remove(w.path("run/pictures"));
  w.succeed("fit rows.npy -o run --resume --epochs 1 --quiet");
  EXPECT_FALSE(w.has("run/.diabolo-1-0.tmp"));
  std::filesystem::create_directory(w.path("run/pictures"));
  put(w, "run/pictures/.diabolo-7-3.tmp", "half");
  w.succeed("fit --resume run --quiet");
  EXPECT_FALSE(w.has("run/pictures/.diabolo-7-3.tmp"));
}

TEST(Resume, metrics_have_the_same_lines_where_a_loss_is_infinite) {
  const Workplace w;
  Tensor wild(DType::f32, {3, 4});
  wild.as<float>()[5] = 1e36f;
  write_npy(wild, wild.shape(), w.path("wild.npy"));
  const std::string line =
      "fit rows.npy --valid wild.npy --scale none --schedule constant "
      "--trim 0 --beta-warmup 0 --patience 10 --quiet --epochs ";
  w.succeed(line + "4 -o whole");
  w.succeed(line + "2 -o run");
  w.succeed("fit --resume run --epochs 4 --quiet");
  expect_same_runs(w, "run", "whole");
}

// As `fit --overwrite` leaves it if it is killed right after its first checkpoint.
TEST(Resume, files_of_an_overwritten_run_go_before_the_training_goes_on) {
  const Workplace w;
  w.make_picture_model();
  const std::string begin =
      "\"$D\" fit rows.npy -o next --quiet --epochs 100000 --patience 0 --hidden 2000,2000 & p=$!\n"
      "while [ ! -s next/metrics.csv ]; do sleep 0.005; done; kill -KILL $p; wait $p";
  w.shell(begin);
  std::filesystem::copy_file(w.path("next/checkpoint.safetensors"),
                             w.path("pictures/checkpoint.safetensors"),
                             std::filesystem::copy_options::overwrite_existing);
  w.shell(
      "\"$D\" fit --resume pictures --quiet & p=$!\n"
      "while [ -e pictures/pictures ]; do sleep 0.005; done; sleep 0.1; kill -KILL $p; wait $p");
  EXPECT_FALSE(w.has("pictures/model.safetensors"));
  EXPECT_TRUE(w.has("pictures/checkpoint.safetensors"));
}

// The lines of metrics.csv of a run, as numbers; NaN where there is none.
std::vector<std::vector<double>> epochs_of(const Workplace& w, const std::string& run) {
  std::istringstream lines(bytes_of(w.path(run + "/metrics.csv")));
  std::vector<std::vector<double>> epochs;
  std::string line, cell;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    epochs.emplace_back();
    std::istringstream cells(line);
    while (std::getline(cells, cell, ','))
      epochs.back().push_back(cell.empty() ? std::nan("") : std::stod(cell));
  }
  return epochs;
}

TEST(Init, begins_with_a_models_weights_and_composition) {
  constexpr std::size_t kValidLoss = 10;
  const Workplace w;
  w.succeed(
      "fit rows.npy -o first --epochs 100 --latent 3 --hidden 9,5 --activation tanh --trim 0 "
      "--quiet");
  const auto loss = [&](const std::string& run, const std::string& options) {
    w.succeed("fit rows.npy -o " + run + " --trim 0 --epochs 1 --learning-rate 1e-5 --quiet " +
              options);
    return epochs_of(w, run)[0][kValidLoss];
  };
  const double before = epochs_of(w, "first").back()[kValidLoss];
  EXPECT_NEAR(loss("next", "--init first"), before, 0.2);
  EXPECT_GT(loss("plain", "--latent 3 --hidden 9,5 --activation tanh"), before + 0.5);
  EXPECT_EQ(w.succeed("info next --json").json()["composition"],
            w.succeed("info first --json").json()["composition"]);
}

TEST(Init, takes_other_data_of_the_same_columns_and_no_others) {
  const TableWorkplace w;
  put(w, "a.csv", "x,c\n1,u\n2,v\n3,u\n4,v\n5,u\n6,w\n");
  put(w, "b.csv", "c,x\nu,11\nq,2\nu,3\n");
  put(w, "no.csv", "x,d\n1,u\n2,v\n");
  w.succeed("fit a.csv -o first --quiet --epochs 2");
  const Result r = w.succeed("fit b.csv -o next --init first --epochs 2");
  EXPECT_NE(r.err.find("'q'"), std::string::npos) << r.err;  // no category of the model
  const auto columns = [&](const std::string& run) {
    return bytes_of(w.path(run + "/schema.json"));
  };
  EXPECT_EQ(columns("next"), columns("first"));
  w.succeed("fit --resume next --epochs 3 --quiet");
  w.refuse(1, "fit no.csv -o bad --init first --quiet", "expected column 'c'");
  w.refuse(2, "fit a.csv -o bad --init first --latent 7 --quiet", "as the model to begin with has");
  w.refuse(2, "fit a.csv -o bad --init first --kind x=count --quiet", "leave it out");
  w.refuse(1, "fit a.csv -o bad --init nowhere --quiet", "nowhere");
  w.refuse(1, "fit rows.npy -o bad --init first --quiet", "expected a table");
  w.succeed("fit rows.npy -o rows --quiet --epochs 1");
  w.refuse(1, "fit pictures.npy -o bad --init rows --quiet", "the model to begin with");
}

TEST(Init, may_have_another_objective_and_keeps_its_model_when_it_is_resumed) {
  const Workplace w;
  w.succeed("fit rows.npy -o first --epochs 2 --latent 2 --quiet");
  w.succeed("fit rows.npy -o limit --init first --epochs 2 --kl-limit 1.5 --quiet");
  EXPECT_EQ(w.succeed("info limit --json").json()["composition"]["objective"]["limit"], 1.5);
  w.refuse(2, "fit --resume first --init limit --quiet", "no other --init than the run began");
  std::filesystem::remove_all(w.path("first"));
  w.succeed("fit --resume limit --epochs 3 --quiet");
  EXPECT_EQ(epochs_of(w, "limit").size(), 3u);
}

}  // namespace
}  // namespace diabolo
