#include <diabolo/base/random.h>
#include <diabolo/kernels/bf16.h>

#include "cli/command.h"
#include "cli/table_command.h"

namespace diabolo {
namespace {

using Names = std::vector<std::string>;

Names files_in(const std::string& folder) {
  Names names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      names.push_back(std::filesystem::relative(entry.path(), folder).string());
  std::sort(names.begin(), names.end());
  return names;
}

TEST(Fit, a_run_folder_has_model_metrics_config_and_schema) {
  const Workplace w;
  const Result r = w.succeed("fit rows.npy -o run --epochs 3 --trim 0 --no-report");
  EXPECT_EQ(files_in(w.path("run")), (Names{"checkpoint.safetensors", "config.toml", "metrics.csv",
                                            "model.safetensors", "schema.json"}));
  EXPECT_EQ(r.error_lines(), 4) << r.err;  // that it has started, and a line an epoch
  EXPECT_TRUE(r.err.starts_with("training has started\n")) << r.err;
  EXPECT_NE(r.out.find("run/model.safetensors"), std::string::npos) << r.out;
  const auto schema = nlohmann::json::parse(bytes_of(w.path("run/schema.json")));
  EXPECT_EQ(schema["kind"], "array");
  EXPECT_EQ(schema["shape"], nlohmann::json::array({4}));
  EXPECT_EQ(schema["dtype"], "f32");
  EXPECT_EQ(schema["transform"]["scale"].size(), 4u);
}

TEST(Fit, a_run_on_pictures_has_pictures_too) {
  const Workplace w;
  w.make_picture_model();
  EXPECT_TRUE(w.has("pictures/pictures/samples.png"));
  EXPECT_TRUE(w.has("pictures/pictures/reconstructions.png"));
}

TEST(Fit, metrics_have_a_line_an_epoch_and_leave_the_unknown_empty) {
  const Workplace w;
  w.succeed("fit rows.npy -o run --model ae --epochs 2 --valid 0 --quiet");
  std::istringstream lines(bytes_of(w.path("run/metrics.csv")));
  std::string header, line;
  std::getline(lines, header);
  EXPECT_EQ(header,
            "epoch,step,train_seconds,seconds,rows_per_second,learning_rate,beta,loss,log_px,kl,"
            "valid_loss,valid_log_px,valid_kl,active_units,findings");
  int count = 0;
  while (std::getline(lines, line)) {
    ++count;
    EXPECT_EQ(std::count(line.begin(), line.end(), ','), 14) << line;
    EXPECT_NE(line.find(",,,,"), std::string::npos) << line;  // kl and all of valid
    EXPECT_EQ(line.find("nan"), std::string::npos) << line;
  }
  EXPECT_EQ(count, 2);
}

TEST(Fit, what_seems_wrong_is_said_at_the_end_and_in_the_metrics) {
  const Workplace w;
  const Tensor same(DType::f32, {30, 2});
  write_npy(same, same.shape(), w.path("same.npy"));
  const Result r = w.succeed("fit same.npy -o run --epochs 2 --json");
  EXPECT_NE(r.err.find("warning: all training rows are the same: there is nothing to learn\n"),
            std::string::npos)
      << r.err;
  EXPECT_EQ(r.json()["findings"], nlohmann::json::array({"same-rows"}));
  const std::string metrics = bytes_of(w.path("run/metrics.csv"));
  EXPECT_TRUE(metrics.ends_with(",same-rows\n")) << metrics;
  EXPECT_EQ(w.succeed("fit rows.npy -o fine --epochs 2 --json").json()["findings"].size(), 0u);
}

void expect_healthy(const Workplace& w, const std::string& fit) {
  const Result r = w.succeed("fit " + fit + " -o run --overwrite --no-report --json --quiet");
  EXPECT_EQ(r.err, "") << fit;
  EXPECT_EQ(r.json()["findings"].size(), 0u) << fit << "\n" << r.out;
  std::istringstream lines(bytes_of(w.path("run/metrics.csv")));
  for (std::string line; std::getline(lines, line);)
    EXPECT_TRUE(line.ends_with(",") || line.ends_with(",findings")) << line;  // at no epoch
}

TEST(Fit, of_a_nonlinear_relation_seems_fine) {
  const Workplace w;
  Tensor rows(DType::f32, {2000, 3});
  RandomStream random({.seed = 1});
  for (std::size_t i = 0; i < 6000; i += 3) {
    const double a = random.normal(), b = random.normal();
    const double values[] = {a, b, (a * a + b * b) / 2 + 0.1 * random.normal()};
    std::copy_n(values, 3, rows.as<float>().begin() + static_cast<std::ptrdiff_t>(i));
  }
  write_npy(rows, rows.shape(), w.path("relation.npy"));
  expect_healthy(w, "relation.npy --epochs 60");
  expect_healthy(w, "relation.npy --epochs 100 --hidden 100 --latent 2 --batch-size 1000");
  expect_healthy(w, "relation.npy --epochs 60 --model constrained-vae");
}

// Fashion-MNIST as the demo learns it; fewer epochs.
TEST(Fit, of_sixty_thousand_pictures_seems_fine) {
  const std::string pictures = "/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz";
  if (!std::filesystem::exists(pictures)) GTEST_SKIP() << "without dataset-fashion-mnist";
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "takes ten minutes";
#endif
  expect_healthy(Workplace(), pictures +
                                  " --hidden 400 --latent 20 --binarize dynamic --batch-size 128 "
                                  "--epochs 4");
}

TEST(Fit, the_same_command_gives_the_same_model_byte_for_byte) {
  const Workplace w;
  w.succeed("fit rows.npy -o a --epochs 3 --quiet");
  w.succeed("fit rows.npy -o b --epochs 3 --quiet");
  w.succeed("fit rows.npy -o c --epochs 3 --quiet --seed 1");
  EXPECT_EQ(bytes_of(w.path("a/model.safetensors")), bytes_of(w.path("b/model.safetensors")));
  EXPECT_NE(bytes_of(w.path("a/model.safetensors")), bytes_of(w.path("c/model.safetensors")));
}

TEST(Fit, reproducible_is_the_same_for_every_number_of_threads) {
  const Workplace w;
  for (const std::string n : {"1", "2", "3"})
    w.succeed("fit rows.npy -o r" + n + " --epochs 2 --quiet --mode reproducible --threads " + n);
  EXPECT_EQ(bytes_of(w.path("r1/model.safetensors")), bytes_of(w.path("r2/model.safetensors")));
  EXPECT_EQ(bytes_of(w.path("r1/model.safetensors")), bytes_of(w.path("r3/model.safetensors")));
}

TEST(Fit, json_is_one_object_and_quiet_says_nothing) {
  const Workplace w;
  const Result r = w.succeed("fit rows.npy -o run --epochs 2 --json --quiet");
  EXPECT_EQ(r.err, "");
  const auto json = r.json();
  EXPECT_EQ(json["run"], "run");
  EXPECT_EQ(json["epochs"], 2);
  EXPECT_TRUE(json["best"]["valid_loss"].is_number());
  EXPECT_TRUE(json["stopped_by_signal"].is_null());
  const Result quiet = w.succeed("fit rows.npy -o other --epochs 2 --quiet");
  EXPECT_EQ(quiet.out + quiet.err, "");
}

TEST(Fit, every_preset_can_be_fitted_and_sampled) {
  const Workplace w;
  for (const std::string model : {"ae", "vae", "beta-vae", "constrained-vae"}) {
    w.succeed("fit rows.npy -o " + model + " --epochs 2 --quiet --model " + model);
    EXPECT_EQ(w.succeed("sample " + model + " -n 2").out.substr(0, 12), "c0,c1,c2,c3\n");
  }
}

TEST(Fit, all_options_of_training_are_taken) {
  const Workplace w;
  w.succeed(
      "fit pictures.npy -o run --epochs 2 --quiet --latent 3 --hidden 8,6 --decoder-hidden 7 "
      "--activation gelu --likelihood bernoulli --scale auto --binarize dynamic --beta 0.5 "
      "--beta-warmup 1 --patience 3 --valid 0.25 --batch-size 10 --learning-rate 1e-2 "
      "--optimizer adamw --weight-decay 0.1 --schedule cosine --clip-norm 5 --trim 0.1 --mode "
      "reproducible "
      "--seed 7 --threads 1");
  const auto info = w.succeed("info run --json").json();
  EXPECT_EQ(info["latent"], 3);
  EXPECT_EQ(info["composition"]["encoder"]["hidden"], "8,6");
  EXPECT_EQ(info["composition"]["decoder"]["hidden"], "7");
  EXPECT_EQ(info["composition"]["likelihood"]["type"], "bernoulli");
  EXPECT_EQ(info["composition"]["objective"]["beta"], 0.5);
  for (const auto& [name, value] : std::map<std::string, std::string>{{"binarize", "dynamic"},
                                                                      {"batch-size", "10"},
                                                                      {"learning-rate", "0.01"},
                                                                      {"weight-decay", "0.1"},
                                                                      {"schedule", "cosine"},
                                                                      {"trim", "0.1"},
                                                                      {"seed", "7"}})
    EXPECT_EQ(info["settings"][name], value);
}

TEST(Fit, precision_bf16_is_a_setting_that_repeats) {
  if (!kernels::have_bf16()) GTEST_SKIP() << "this processor or this build has no bfloat16";
  const Workplace w;
  const std::string wide = "--epochs 2 --quiet --valid 0 --hidden 400 --batch-size 40 --threads 1";
  w.succeed("fit pictures.npy -o a --precision bf16 " + wide);
  w.succeed("fit pictures.npy -o b --precision bf16 " + wide);
  w.succeed("fit pictures.npy -o c --quiet --config a/config.toml");
  w.succeed("fit pictures.npy -o f32 " + wide);
  const std::string bytes = bytes_of(w.path("a/model.safetensors"));
  EXPECT_EQ(bytes_of(w.path("b/model.safetensors")), bytes);
  EXPECT_EQ(bytes_of(w.path("c/model.safetensors")), bytes);
  EXPECT_NE(bytes_of(w.path("a/config.toml")).find("\nprecision = \"bf16\"\n"), std::string::npos);
  EXPECT_EQ(w.succeed("info a --json").json()["settings"]["precision"], "bf16");
  EXPECT_EQ(w.succeed("info f32 --json").json()["settings"]["precision"], "f32");
  const auto loss = [&](const std::string& run) {
    return w.succeed("evaluate " + run + " pictures.npy --json").json()["loss"].get<double>();
  };
  EXPECT_NE(loss("a"), loss("f32"));
  EXPECT_NEAR(loss("a"), loss("f32"), 0.01 * std::abs(loss("f32")));
}

TEST(Fit, precision_bf16_is_refused_where_the_processor_has_none) {
  const Workplace w;
  const std::string arguments = "fit rows.npy -o run --precision bf16";
  const Result r = w.shell("ONEDNN_MAX_CPU_ISA=AVX2 \"$D\" " + arguments);  // as if it had none
  EXPECT_EQ(r.code, 1);
  EXPECT_EQ(r.error_lines(), 1) << r.err;
  const std::string hindrance(kernels::bf16_hindrance());  // of this build, if it is the build
  const std::string expected =
      "for --precision bf16, got a " +
      (hindrance.starts_with("a build") ? hindrance.substr(2) : "processor without");
  EXPECT_NE(r.err.find(expected), std::string::npos) << r.err;
  EXPECT_FALSE(w.has("run"));
}

TEST(Fit, components_have_settings_by_dotted_names) {
  const Workplace w;
  w.succeed(
      "fit rows.npy -o run --epochs 2 --quiet --likelihood normal --likelihood.scale 0.1 --model "
      "ae --prior mixture --prior.components=3");
  const auto parts = w.succeed("info run --json").json()["composition"];
  EXPECT_EQ(parts["likelihood"]["scale"], 0.1);
  EXPECT_EQ(parts["prior"]["components"], 3.0);
}

TEST(Fit, validation_rows_may_come_from_a_file) {
  const Workplace w;
  w.succeed("fit rows.npy -o run --epochs 2 --quiet --valid rows.npy");
  EXPECT_NE(bytes_of(w.path("run/config.toml")).find("valid = \"" + w.path("rows.npy") + "\""),
            std::string::npos);
}

TEST(Fit, one_row_few_rows_and_many_latents_work) {
  const Workplace w;
  Tensor row(DType::f32, {1, 4});
  write_npy(row, row.shape(), w.path("one.npy"));
  w.succeed("fit one.npy -o one --epochs 2 --quiet");
  w.succeed("fit rows.npy -o few --epochs 2 --quiet --batch-size 1000");
  const Result many = w.succeed("fit rows.npy -o many --epochs 2 --latent 9");
  EXPECT_NE(many.err.find("diabolo: warning: "), std::string::npos) << many.err;
  EXPECT_NE(many.err.find("latent dimensions (9)"), std::string::npos) << many.err;
}

TEST(Fit, profile_shows_the_steps) {
  const Workplace w;
  const Result r = w.succeed("fit rows.npy -o run --epochs 1 --profile");
  EXPECT_NE(r.err.find("GFLOP/s"), std::string::npos) << r.err;
}

TEST(Fit, a_folder_with_files_needs_overwrite_which_spares_what_is_not_of_a_run) {
  const Workplace w;
  w.make_picture_model();
  put(w, "pictures/mine.txt", "mine");
  const std::string before = bytes_of(w.path("pictures/model.safetensors"));
  w.refuse(1, "fit rows.npy -o pictures", "--overwrite");
  EXPECT_EQ(bytes_of(w.path("pictures/model.safetensors")), before);
  w.refuse(1, "fit rows.npy -o pictures --overwrite --likelihood bernoulli", "row 0, column");
  EXPECT_EQ(bytes_of(w.path("pictures/model.safetensors")), before);  // not before it trains
  w.succeed("fit rows.npy -o pictures --overwrite --epochs 2 --quiet --no-report");
  EXPECT_EQ(files_in(w.path("pictures")),
            (Names{"checkpoint.safetensors", "config.toml", "metrics.csv", "mine.txt",
                   "model.safetensors", "schema.json"}));
}

TEST(Fit, folders_above_the_run_are_made) {
  const Workplace w;
  w.succeed("fit rows.npy -o deep/er/run/ --epochs 1 --quiet");
  EXPECT_TRUE(w.has("deep/er/run/model.safetensors"));
}

TEST(Fit, a_full_disk_is_said_and_leaves_nothing) {
  const Workplace w;
  const Result r = w.shell("(ulimit -f 2; exec \"$D\" fit rows.npy -o a/run --epochs 2 --quiet)");
  EXPECT_EQ(r.code, 1);
  EXPECT_EQ(r.error_lines(), 1) << r.err;
  EXPECT_NE(r.err.find("checkpoint.safetensors"), std::string::npos) << r.err;
  EXPECT_FALSE(w.has("a"));
}

TEST(Fit, pictures_that_cannot_be_saved_do_not_cost_the_model) {
  const Workplace w;
  w.succeed("fit pictures.npy -o run --epochs 1 --quiet");
  std::filesystem::remove_all(w.path("run/pictures"));
  put(w, "run/pictures", "in the way");
  const Result r = w.run("fit pictures.npy -o run --overwrite --epochs 2");
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_NE(r.err.find("the model is saved, its pictures are not"), std::string::npos) << r.err;
  w.succeed("info run");
}

TEST(Fit, pictures_that_are_a_link_to_another_place_are_neither_removed_nor_written) {
  const Workplace w;
  w.succeed("fit pictures.npy -o run --epochs 1 --quiet");
  std::filesystem::rename(w.path("run/pictures"), w.path("mine"));
  put(w, "mine/samples.png", "mine");
  put(w, "mine/.diabolo-1-1.tmp", "mine");
  std::filesystem::create_directory_symlink("../mine", w.path("run/pictures"));
  const Result r = w.run("fit pictures.npy -o run --overwrite --epochs 2");
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_NE(r.err.find("pictures are not: expected a folder of the run"), std::string::npos)
      << r.err;
  EXPECT_EQ(bytes_of(w.path("mine/samples.png")), "mine");
  EXPECT_EQ(bytes_of(w.path("mine/.diabolo-1-1.tmp")), "mine");
}

TEST(Fit, data_in_the_run_that_is_overwritten_are_refused) {
  const TableWorkplace w;
  w.succeed("fit rows.npy -o run --epochs 2 --quiet");
  const std::string data = bytes_of(w.path("run/metrics.csv"));
  w.refuse(2, "fit run/metrics.csv -o run --overwrite --epochs 1", "beside the run");
  w.refuse(2, "fit new.csv --valid ./run/../run/metrics.csv -o run --overwrite", "beside the run");
  EXPECT_EQ(bytes_of(w.path("run/metrics.csv")), data);
  w.succeed("fit rows.npy -o run --overwrite --config run/config.toml --quiet");
}

TEST(Fit, a_folder_of_other_files_is_not_overwritten) {
  const Workplace w;
  std::filesystem::create_directory(w.path("mine"));
  put(w, "mine/config.toml", "mine");
  w.refuse(1, "fit rows.npy -o mine --overwrite --epochs 1", "an earlier run");
  EXPECT_EQ(bytes_of(w.path("mine/config.toml")), "mine");
}

TEST(Fit, a_run_is_not_overwritten_before_the_next_one_has_a_checkpoint) {
  const Workplace w;
  w.succeed("fit rows.npy -o run --epochs 2 --quiet");
  std::map<std::string, std::string> before;
  for (const std::string& name : files_in(w.path("run")))
    before[name] = bytes_of(w.path("run/" + name));
  const Result r =
      w.shell("(ulimit -f 2; exec \"$D\" fit rows.npy -o run --overwrite --epochs 3 --quiet)");
  EXPECT_EQ(r.code, 1);
  EXPECT_EQ(files_in(w.path("run")).size(), before.size());
  for (const auto& [name, bytes] : before) EXPECT_EQ(bytes_of(w.path("run/" + name)), bytes);
}

// Rows of four columns, one of which has a number that is beyond what can be squared.
void put_wild_rows(const Workplace& w, float wild, std::size_t from) {
  std::vector<float> x(80 * 4);
  for (std::size_t i = 0; i < x.size(); ++i)
    x[i] = i >= from * 4 ? wild : 0.1f * static_cast<float>(i % 7);
  write_npy(Tensor::of<float>({80, 4}, x), {80, 4}, w.path("wild.npy"));
}

TEST(Fit, a_training_without_a_finite_epoch_is_refused_in_one_line) {
  const Workplace w;
  put_wild_rows(w, 1e36f, 0);
  const Result r = w.run("fit wild.npy -o new --epochs 50 --scale none --quiet");
  EXPECT_EQ(r.code, 1);
  EXPECT_EQ(r.error_lines(), 1) << r.err;
  EXPECT_NE(r.err.find("lower --learning-rate"), std::string::npos) << r.err;
  EXPECT_FALSE(w.has("new/model.safetensors"));
  w.succeed("fit rows.npy -o new --overwrite --epochs 2 --quiet");
}

TEST(Fit, a_validation_row_that_cannot_be_is_named_and_does_not_cost_the_training) {
  const Workplace w;
  put_wild_rows(w, 1e36f, 79);
  const Result r = w.succeed("fit rows.npy -o run --valid wild.npy --epochs 3 --scale none");
  EXPECT_NE(r.err.find("for row 79 (column 0: 1e+36) of 'wild.npy'"), std::string::npos) << r.err;
  EXPECT_EQ(r.err.find("()"), std::string::npos) << r.err;
  w.succeed("evaluate run rows.npy");
}

// Before and after rows are left out, which changes their places twice.
TEST(Fit, a_row_of_a_part_for_validation_has_the_number_that_it_has_in_the_file) {
  const Workplace w;
  Tensor rows(DType::f32, {80, 3});
  for (std::size_t i = 0; i < 240; ++i) rows.as<float>()[i] = std::sin(static_cast<float>(i));
  for (std::size_t row = 0; row < 80; row += 10) rows.as<float>()[row * 3] = 1e36f;
  write_npy(rows, {80, 3}, w.path("some.npy"));
  const Result r = w.run("fit some.npy -o run --valid 0.4 --epochs 8 --scale none");
  std::size_t named = 0;
  for (std::size_t at = 0; (at = r.err.find("validation loss of epoch", at)) != std::string::npos;
       ++named) {
    at = r.err.find(", for row ", at) + 10;
    EXPECT_EQ(std::stoi(r.err.substr(at)) % 10, 0) << r.err;
  }
  EXPECT_GT(named, 2u) << r.err;
}

TEST(Fit, rows_for_validation_of_another_type_may_be_copies) {
  const Workplace w;
  Tensor bytes(DType::u8, {60, 2}), numbers(DType::f32, {60, 2});
  for (std::size_t i = 0; i < 120; ++i) {
    bytes.as<std::uint8_t>()[i] = static_cast<std::uint8_t>(i * 7 % 251);
    numbers.as<float>()[i] = bytes.as<std::uint8_t>()[i];
  }
  write_npy(bytes, {60, 2}, w.path("bytes.npy"));
  write_npy(numbers, {60, 2}, w.path("numbers.npy"));
  for (const std::string pair :
       {"bytes.npy --valid numbers.npy", "numbers.npy --valid bytes.npy"}) {
    const Result r = w.succeed("fit " + pair + " -o run --overwrite --epochs 2");
    EXPECT_NE(r.err.find("validation rows stand in the training rows"), std::string::npos) << r.err;
  }
}

TEST(Fit, a_batch_may_be_one_row_though_rows_are_left_out) {
  const Workplace w;
  for (const std::string more : {"", " --valid 0", " --mode reproducible --model beta-vae"})
    w.succeed("fit rows.npy -o run --overwrite --batch-size 1 --epochs 8 --trim 0.2" + more);
}

TEST(Fit, a_training_that_diverges_saves_its_best_model_and_fails) {
  const Workplace w;
  put_wild_rows(w, 1e36f, 79);
  const Result r = w.run(
      "fit wild.npy -o run --epochs 100 --scale none --quiet --trim 0 --valid rows.npy "
      "--batch-size 10");
  EXPECT_EQ(r.code, 1);
  EXPECT_NE(r.err.find("row 79 (column 0: 1e+36)"), std::string::npos) << r.err;
  EXPECT_NE(r.err.find("is saved; begin again (--overwrite): lower --learning-rate"),
            std::string::npos)
      << r.err;
  const auto loss = w.succeed("evaluate run rows.npy --json").json();
  EXPECT_TRUE(loss["elbo"].is_number());
  EXPECT_EQ(w.succeed("info run --json").json()["settings"]["clip-norm"], "auto");
  w.succeed("fit rows.npy -o again --epochs 2 --quiet --config run/config.toml --scale auto");
}

TEST(Fit, clip_norm_is_a_number_or_auto) {
  const Workplace w;
  w.succeed("fit rows.npy -o run --epochs 2 --quiet --clip-norm 3");
  const auto setting = [&](const char* run) {
    return w.succeed(std::string("info ") + run + " --json").json()["settings"]["clip-norm"];
  };
  EXPECT_EQ(setting("run"), "3");
  w.succeed("fit rows.npy -o auto --quiet --epochs 2 --config run/config.toml --clip-norm auto");
  EXPECT_EQ(setting("auto"), "auto");
  w.succeed("fit rows.npy -o again --quiet --epochs 2 --config auto/config.toml");
  EXPECT_EQ(setting("again"), "auto");
  w.refuse(2, "fit rows.npy -o bad --clip-norm much", "a number or auto for --clip-norm");
}

TEST(Fit, a_stderr_that_cannot_be_written_does_not_end_it) {
  const Workplace w;
  EXPECT_EQ(w.run("fit rows.npy -o run --epochs 2 2>/dev/full").code, 0);
  EXPECT_TRUE(w.has("run/model.safetensors"));
  EXPECT_EQ(w.run("info nowhere 2>/dev/full").code, 1);
}

// Else metrics.csv would be opened as stdout, and the summary would go into it. What is saved is
// done, so that a scheduler does not begin again.
TEST(Fit, a_closed_stdout_is_not_mistaken_for_a_file) {
  const Workplace w;
  w.succeed("fit rows.npy -o run --epochs 2 >&-");
  w.succeed("fit rows.npy -o run --epochs 2 --resume >&-");
  w.succeed("fit rows.npy -o run --epochs 2 --resume >/dev/full");
  EXPECT_EQ(w.run("fit rows.npy -o run --epochs 2 --resume --json >/dev/full").code, 1);
  const std::string metrics = bytes_of(w.path("run/metrics.csv"));
  EXPECT_EQ(std::count(metrics.begin(), metrics.end(), '\n'), 3) << metrics;
}

std::string stop_by(const std::string& signal) {
  return "\"$D\" fit rows.npy -o run --epochs 100000 --patience 0 --threads 1 & p=$!\n"
         "while [ ! -s run/metrics.csv ]; do sleep 0.01; done; kill -" +
         signal + " $p; wait $p";
}

TEST(Fit, a_signal_ends_the_training_and_keeps_the_model) {
  const Workplace w;
  const Result interrupted = w.shell(stop_by("INT"));
  EXPECT_EQ(interrupted.code, 130);
  EXPECT_NE(interrupted.err.find("stopped by SIGINT; the best model so far is saved"),
            std::string::npos);
  w.succeed("evaluate run rows.npy");
  EXPECT_TRUE(w.has("run/config.toml"));
  std::filesystem::remove_all(w.path("run"));
  EXPECT_EQ(w.shell(stop_by("TERM")).code, 143);
  w.succeed("evaluate run rows.npy");
}

TEST(Fit, a_signal_within_the_first_epoch_is_obeyed_too) {
  const Workplace w;
  const std::string fit = "\"$D\" fit pictures.npy -o run --hidden 3000,3000 --batch-size 1 ";
  const Result r = w.shell(fit + "--threads 1 --json & p=$!; sleep 0.7; kill -INT $p; wait $p");
  EXPECT_EQ(r.code, 130) << r.err;
  if (r.out.empty() || r.json()["epochs"] != 0)
    GTEST_SKIP() << "this machine had not begun with the first epoch, or was through with it";
  EXPECT_TRUE(r.json()["best"].is_null());
  EXPECT_NE(r.err.find("stopped by SIGINT"), std::string::npos) << r.err;
  w.succeed("info run");
  w.succeed("evaluate run pictures.npy --quiet");
}

}  // namespace
}  // namespace diabolo
