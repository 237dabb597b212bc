// What a model is used for: evaluate, encode, decode, reconstruct, sample, info.
#include <diabolo/io/model_file.h>

#include "cli/command.h"

namespace diabolo {
namespace {

TEST(Evaluate, json_has_the_numbers_of_the_interface_and_null_for_the_undefined) {
  const Workplace w;
  w.make_model();
  const auto one = w.succeed("evaluate run rows.npy --json").json();
  std::vector<std::string> keys;
  for (const auto& [key, value] : one.items()) keys.push_back(key);
  EXPECT_EQ(keys, (std::vector<std::string>{"active_units", "bits_per_dim", "dimensions", "elbo",
                                            "kl", "kl_per_unit", "log_px", "loss", "mse", "nll",
                                            "nll_continuous", "nll_discrete", "nll_standard_error",
                                            "rows", "samples", "seed"}));
  EXPECT_TRUE(one["nll"].is_null());
  EXPECT_TRUE(one["bits_per_dim"].is_null());
  EXPECT_NEAR(one["elbo"].get<double>(), one["log_px"].get<double>() - one["kl"].get<double>(),
              1e-6);
  const auto many = w.succeed("evaluate run rows.npy --json --samples 20 --seed 3").json();
  EXPECT_TRUE(many["nll"].is_number());
  EXPECT_EQ(many["seed"], 3);
}

TEST(Evaluate, an_autoencoder_has_no_bound) {
  const Workplace w;
  w.succeed("fit rows.npy -o ae --model ae --epochs 2 --quiet");
  const auto e = w.succeed("evaluate ae rows.npy --json").json();
  for (const char* key : {"elbo", "kl", "kl_per_unit", "nll"}) EXPECT_TRUE(e[key].is_null()) << key;
  EXPECT_TRUE(e["mse"].is_number());
}

TEST(Evaluate, the_table_names_what_is_known) {
  const Workplace w;
  w.make_model();
  const Result r = w.succeed("evaluate run/model.safetensors rows.npy");
  for (const char* part : {"rows", "elbo", "kl", "mse", "active_units"})
    EXPECT_NE(r.out.find(part), std::string::npos) << part;
  EXPECT_EQ(r.out.find("nll"), std::string::npos);
}

TEST(Encode, a_file_and_stdout_hold_the_same_codes) {
  const Workplace w;
  w.make_model();
  w.succeed("encode run rows.npy -o codes.csv");
  EXPECT_EQ(w.succeed("encode run rows.npy").out, bytes_of(w.path("codes.csv")));
  w.succeed("encode run rows.npy -o codes.npy");
  EXPECT_EQ(w.succeed("encode run rows.npy --format npy").out, bytes_of(w.path("codes.npy")));
  EXPECT_EQ(w.array("codes.npy").shape(), Shape({60, 2}));
}

TEST(Encode, draws_have_an_axis_of_their_own_and_can_be_decoded) {
  const Workplace w;
  w.make_model();
  w.succeed("encode run rows.npy --draws 3 -o draws.npy");
  EXPECT_EQ(w.array("draws.npy").shape(), Shape({60, 3, 2}));
  EXPECT_TRUE(w.succeed("encode run rows.npy --draws 2")
                  .out.starts_with("draw0.z0,draw0.z1,draw1.z0,draw1.z1\n"));
  w.succeed("decode run draws.npy -o back.npy");
  EXPECT_EQ(w.array("back.npy").shape(), Shape({180, 4}));
}

TEST(Decode, of_mean_codes_is_the_reconstruction) {
  const Workplace w;
  w.make_model();
  w.succeed("encode run rows.npy -o codes.npy");
  w.succeed("decode run codes.npy -o back.npy");
  w.succeed("reconstruct run rows.npy -o seen.npy");
  const Tensor back = w.array("back.npy"), seen = w.array("seen.npy");
  ASSERT_EQ(back.shape(), seen.shape());
  for (std::size_t i = 0; i < 240; ++i) EXPECT_NEAR(back.as<float>()[i], seen.as<float>()[i], 1e-5);
  const Result means = w.succeed("decode run codes.npy");
  EXPECT_NE(w.succeed("decode run codes.npy --draw").out, means.out);
}

TEST(Sample, rows_come_from_the_seed_and_begin_alike) {
  const Workplace w;
  w.make_model();
  const std::string three = w.succeed("sample run -n 3").out;
  EXPECT_EQ(std::count(three.begin(), three.end(), '\n'), 4);
  EXPECT_TRUE(w.succeed("sample run -n 5").out.starts_with(three));
  EXPECT_NE(w.succeed("sample run -n 3 --seed 1").out, three);
  EXPECT_NE(w.succeed("sample run -n 3 --mean").out, three);
}

TEST(Sample, the_ending_chooses_npy_csv_a_grid_or_a_folder) {
  const Workplace w;
  w.make_picture_model();
  w.succeed("sample pictures -n 4 -o new.npy");
  EXPECT_EQ(w.array("new.npy").shape(), Shape({4, 6, 6}));
  EXPECT_EQ(w.array("new.npy").dtype(), DType::u8);
  w.succeed("sample pictures -n 4 -o new.csv");
  w.succeed("sample pictures -n 4 -o new.png --mean");
  w.succeed("sample pictures -n 4 -o new/");
  EXPECT_TRUE(bytes_of(w.path("new.png")).starts_with("\x89PNG"));
  EXPECT_TRUE(w.has("new/0003.png"));
  const Result r = w.succeed("sample pictures -n 4 -o other.npy --json");
  EXPECT_EQ(r.json()["rows"], 4);
  EXPECT_EQ(r.json()["output"], "other.npy");
}

// Means are floats in 0..255 for bytes; 0/1 bytes are drawn as black and white, not as two blacks.
TEST(Sample, pictures_use_the_range_of_the_data) {
  const Workplace w;
  Tensor bits(DType::u8, {30, 16});
  for (std::size_t i = 0; i < 480; ++i) bits.as<std::uint8_t>()[i] = i % 16 < 8;
  write_npy(bits, {30, 4, 4}, w.path("bits.npy"));
  w.succeed("fit bits.npy -o run --epochs 60 --quiet --learning-rate 0.05");
  w.succeed("sample run -n 1 -o one/");
  w.succeed("reconstruct run bits.npy -o seen/");
  for (const char* name : {"one", "seen/0000.png"}) {
    const auto info = w.succeed("info " + std::string(name) + " --json").json();
    EXPECT_GT(info["highest"].get<double>(), 200) << name;
    EXPECT_LT(info["lowest"].get<double>(), 50) << name;
  }
}

TEST(Info, tells_models_from_data) {
  const Workplace w;
  w.make_picture_model();
  EXPECT_EQ(w.succeed("info pictures --json").json()["kind"], "model");
  EXPECT_EQ(w.succeed("info pictures/model.safetensors --json").json()["kind"], "model");
  EXPECT_EQ(w.succeed("info rows.npy --json").json()["kind"], "array");
  const auto data = w.succeed("info pictures.npy --json").json();
  EXPECT_EQ(data["kind"], "images");
  EXPECT_EQ(data["rows"], 40);
  EXPECT_EQ(data["lowest"], 0.0);
  const std::string text = w.succeed("info pictures").out;
  for (const char* part : {"parameters", "encoder", "likelihood", "fingerprint", "last epoch"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  EXPECT_NE(w.succeed("info rows.npy").out.find("normal"), std::string::npos);
}

TEST(Output, a_reader_that_goes_away_ends_the_command_quietly) {
  const Workplace w;
  w.make_model();
  const Result r = w.shell("{ \"$D\" sample run -n 200000; echo code $? >&2; } | head -n 1");
  EXPECT_EQ(r.out, "c0,c1,c2,c3\n");
  EXPECT_EQ(r.err, "code 1\n");
}

TEST(Output, a_stdout_that_cannot_be_written_to_is_a_failure) {
  const Workplace w;
  w.make_model();
  for (const std::string where : {">/dev/full", ">&-"}) {
    const Result r = w.shell("\"$D\" encode run rows.npy " + where);
    EXPECT_EQ(r.code, 1) << where;
    EXPECT_EQ(r.error_lines(), 1) << r.err;
  }
}

TEST(Info, what_a_model_says_of_itself_cannot_break_the_page) {
  const Workplace w;
  w.make_model();
  const std::string file = w.path("run/model.safetensors");
  ModelData model = read_model(file, {});
  model.settings["model"] = "vae\nforged line\x1b[2J";
  model.settings["note"] = "a\nb";
  write_model(file, model);
  const std::string page = w.succeed("info run").out;
  EXPECT_NE(page.find("vae\\nforged line\\x1b[2J, 2 latent"), std::string::npos) << page;
  EXPECT_NE(page.find("note a\\nb"), std::string::npos) << page;
}

}  // namespace
}  // namespace diabolo
