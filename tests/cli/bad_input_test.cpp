// Each gets one clear line and the right exit code, and nothing is written.
#include <diabolo/data/png.h>

#include "cli/command.h"

namespace diabolo {
namespace {

TEST(WrongUsage, of_fit_ends_with_2_before_anything_is_read) {
  const Workplace w;
  const std::pair<const char*, const char*> cases[] = {
      {"", "expected DATA, got none; usage: diabolo fit DATA -o RUN"},
      {"nothing.npy", "expected -o RUN"},
      {"nothing.npy -o run more", "got 'more'"},
      {"nothing.npy -o run --epocs 3", "got '--epocs'; did you mean '--epochs'?"},
      {"--epocs 3 nothing.npy -o run", "did you mean '--epochs'?"},
      {"nothing.npy -o run --resume --overwrite", "--resume or --overwrite, got both"},
      {"nothing.npy -o run --precision fp16", "one of its words, got 'fp16'"},
      {"nothing.npy -o run --precision bf16 --mode reproducible", "leave one of them out"},
      {"nothing.npy -o run --epochs", "expected a value after --epochs"},
      {"nothing.npy -o run --epochs abc", "a whole number from 1 for --epochs, got 'abc'"},
      {"nothing.npy -o run --epochs 3x", "got '3x'"},
      {"nothing.npy -o run --epochs 0", "got '0'"},
      {"nothing.npy -o run --epochs 99999999999999999999", "whole number"},
      {"nothing.npy -o run --epochs ''", "got ''"},
      {"nothing.npy -o run --latent -3", "got '-3'"},
      {"nothing.npy -o run --latent 2000000", "--latent between 1 and 1048576"},
      {"nothing.npy -o run --hidden 4,,5", "separated by commas for --hidden, got '4,,5'"},
      {"nothing.npy -o run --hidden 0", "from 1"},
      {"nothing.npy -o run --learning-rate nan", "a finite number for --learning-rate"},
      {"nothing.npy -o run --learning-rate 1e999", "got '1e999'"},
      {"nothing.npy -o run --learning-rate -1", "--learning-rate"},
      {"nothing.npy -o run --learning-rate fast", "a number for --learning-rate, got 'fast'"},
      {"nothing.npy -o run --beta inf", "finite"},
      {"nothing.npy -o run --valid 1.5", "--valid"},
      {"nothing.npy -o run --seed -1", "--seed, got '-1'"},
      {"nothing.npy -o run --threads -1", "--threads, got '-1'"},
      {"nothing.npy -o run --model beta-vea", "did you mean 'beta-vae'?"},
      {"nothing.npy -o run --activation rely", "got 'rely'"},
      {"nothing.npy -o run --likelihood bernouli", "did you mean 'bernoulli'?"},
      {"nothing.csv -o run --kind n=cuont",
       "column 'n' in --kind, got 'cuont'; did you mean 'count'"},
      {"nothing.csv -o run --csv delimeter=,", "got 'delimeter'; did you mean 'delimiter'?"},
      {"nothing.csv -o run --csv header=maybe", "expected true or false for the CSV option header"},
      {"nothing.csv -o run --csv skip=1 --csv skip=2", "expected 'skip' once for --csv"},
      {"nothing.csv -o run --likelihood x=studnt", "got 'studnt'; did you mean 'student'?"},
      {"nothing.npy -o run --optimizer adan", "did you mean 'adam'?"},
      {"nothing.npy -o run --prior mixtur", "did you mean 'mixture'?"},
      {"nothing.npy -o run --prior.component 3", "did you mean '--prior.components'?"},
      {"nothing.npy -o run --prior standard --prior.components 3", "components"},
      {"nothing.npy -o run --prior mixture --prior.components -3", "components"},
      {"nothing.npy -o run --beta 2 --kl-limit 3", "got both"},
      {"nothing.npy -o run --weight-decay 1 --optimizer adam", "adamw"},
      {"nothing.npy -o run --posterior deterministic", "choose --posterior gaussian"},
  };
  for (const auto& [arguments, part] : cases) w.refuse(2, "fit " + std::string(arguments), part);
}

TEST(WrongUsage, of_the_other_verbs_ends_with_2) {
  const Workplace w;
  const std::pair<const char*, const char*> cases[] = {
      {"", "expected a verb"},
      {"fti", "did you mean 'fit'? The verbs are fit, evaluate,"},
      {"compress model data", "the verbs are fit, evaluate,"},
      {"sample run", "expected -n N"},
      {"sample run -n 0", "for -n, got '0'"},
      {"sample run -n -5", "for -n, got '-5'"},
      {"sample run -n abc", "for -n, got 'abc'"},
      {"sample run -n 3 --json", "expected -o OUT together with --json"},
      {"sample run -n 3 -o a.xyz", "got 'a.xyz'"},
      {"sample run -n 3 -o a.csv --format csv", "got both"},
      {"sample run -n 3 --format xml", "expected csv, tsv, parquet, jsonl, npy"},
      {"encode run", "expected DATA"},
      {"encode run rows.npy --draws 0", "--draws, got '0'"},
      {"evaluate run rows.npy --samples 0", "--samples, got '0'"},
      {"evaluate run rows.csv --csv foo=1", "expected an option of the CSV reader, got 'foo'"},
      {"decode run", "expected LATENT"},
      {"info", "expected MODEL_OR_DATA"},
      {"info nothing.csv --likelihood a=b=binz", "got 'binz'; did you mean 'bins'?"},
      {"info rows.npy --jsn", "did you mean '--json'?"},
  };
  for (const auto& [arguments, part] : cases) w.refuse(2, arguments, part);
}

TEST(BadData, what_is_said_of_columns_is_refused_for_arrays) {
  const Workplace w;
  for (const std::string option : {"--kind a=count", "--drop a", "--likelihood a=normal"})
    for (const std::string verb : {"fit rows.npy -o run ", "info rows.npy "})
      w.refuse(1, verb + option, "expected a table for " + option.substr(0, option.find(' ')));
  w.refuse(1, "fit rows.npy -o run --csv header=true", "expected a table for --csv");
  w.refuse(1, "fit rows.npy -o run --missing nan,none", "expected --missing nan for the array");
  EXPECT_FALSE(std::filesystem::exists(w.path("run")));
}

TEST(BadData, is_said_by_fit_in_one_line_and_leaves_no_run) {
  const Workplace w;
  const std::string whole = bytes_of(w.path("rows.npy"));
  put(w, "empty.npy", "");
  put(w, "cut.npy", whole.substr(0, 500));
  std::string magic = whole;
  magic[0] = 'X';
  put(w, "magic.npy", magic);
  put(w, "cut.gz", gzipped(whole).substr(0, 300));
  put(w, "cut.idx", std::string("\0\0\x08\x02\0\0\0\x09\0\0\0\x09", 12) + "abc");
  put(w, "no.npz", std::string("PK\x03\x04") + "nothing more");
  put(w, "nan.npy", npy_of("<f4", "(2, 2)", raw<float>({1, 2, std::nanf(""), 4})));
  put(w, "none.npy", npy_of("<f4", "(0, 2)", ""));
  put(w, "table.csv", "a,b\n1,2\n");
  std::filesystem::copy_file(fixture("objects.npy"), w.path("objects.npy"));
  std::filesystem::create_directory(w.path("folder"));
  const std::pair<const char*, const char*> cases[] = {
      {"nothing.npy", "got nothing there"},
      {"empty.npy", "an empty file"},
      {"cut.npy", "cut.npy"},
      {"magic.npy", "magic.npy"},
      {"cut.gz", "cut.gz"},
      {"cut.idx", "cut.idx"},
      {"no.npz", "no.npz"},
      {"nan.npy", "row 1, column 0"},
      {"none.npy", "at least one row"},
      {"objects.npy", "objects"},
      {"table.csv", "'a': one value"},
      {"folder", "folder"},
      {"rows.npy:key", "key"},
      {"rows.npy --likelihood bernoulli", "row 0, column"},
      {"pictures.npy --likelihood bernoulli --scale none", "fit with --likelihood normal"},
      {"rows.npy --valid nothing.npy", "nothing.npy"},
      {"rows.npy --valid pictures.npy", "validation rows of 4 numbers, got 36"},
  };
  for (const auto& [arguments, part] : cases)
    w.refuse(1, "fit " + std::string(arguments) + " -o run", part);
}

TEST(BadData, pictures_must_be_of_one_size_and_other_files_are_named) {
  const Workplace w;
  std::filesystem::create_directory(w.path("folder"));
  const auto picture = [&](const std::string& name, int size) {
    write_png({size, size, 1, std::vector<std::uint8_t>(static_cast<std::size_t>(size * size), 9)},
              w.path("folder/" + name));
  };
  for (const char* name : {"a.png", "b.png", "c.png"}) picture(name, 4);
  put(w, "folder/notes.txt", "no picture");
  const Result r = w.succeed("fit folder -o run --epochs 1");
  EXPECT_NE(r.err.find("diabolo: warning: "), std::string::npos) << r.err;
  EXPECT_NE(r.err.find("notes.txt"), std::string::npos) << r.err;
  EXPECT_EQ(w.run("fit folder -o quiet --epochs 1 --quiet").err, "");
  std::filesystem::remove(w.path("folder/notes.txt"));
  picture("d.png", 5);
  w.refuse(1, "fit folder -o other", "d.png");
}

TEST(BadModel, is_said_in_one_line) {
  const Workplace w;
  w.make_model();
  const std::string whole = bytes_of(w.path("run/model.safetensors"));
  for (const std::size_t bytes : {0u, 1u, 7u, 8u, 9u, 200u, 4000u}) {
    put(w, "cut.safetensors", whole.substr(0, std::min<std::size_t>(bytes, whole.size() - 1)));
    w.refuse(1, "sample cut.safetensors -n 1", "cut.safetensors");
  }
  std::string lies = whole;
  lies[5] = 1;  // a header of a terabyte
  put(w, "lies.safetensors", lies);
  w.refuse(1, "info lies.safetensors", "lies.safetensors");
  w.refuse(1, "sample nothing -n 1", "nothing");
  w.refuse(1, "sample rows.npy -n 1", "expected a model file");
  std::filesystem::create_directory(w.path("folder"));
  w.refuse(1, "sample folder -n 1", "model.safetensors");
}

TEST(BadUse, of_a_model_on_other_data_is_said_in_one_line) {
  const Workplace w;
  w.make_model();
  for (const std::string verb : {"evaluate", "encode", "reconstruct"})
    w.refuse(1, verb + " run pictures.npy", "expected rows of 4 numbers");
  w.refuse(1, "decode run rows.npy", "expected codes of 2 numbers");
  w.refuse(1, "sample run -n 3 -o a.png", "rows that are pictures");
  w.refuse(1, "encode run rows.npy -o codes.png", "rows that are pictures");
  w.refuse(1, "sample run -n 3 -o no/such/a.csv", "'no/such'");
  w.refuse(1, "sample run -n 9223372036854775807 -o a.npy", "memory");
  std::filesystem::create_directory(w.path("full"));
  put(w, "full/file", "mine");
  w.refuse(1, "sample nothing -n 3 -o full/", "got one with files in it");
  put(w, "file", "in the way");
  w.refuse(1, "fit rows.npy -o file", "expected a folder for the run, got a file");
  w.refuse(1, "fit rows.npy -o file/run", "'file'");
}

TEST(BadUse, a_table_for_a_model_of_arrays_is_said_to_be_one) {
  const Workplace w;
  w.make_model();
  put(w, "table.csv", "a,b,c,d\n0.1,0.2,0.3,0.4\n0.2,0.1,0.7,0.5\n");
  for (const char* verb : {"score", "encode", "evaluate", "impute"})
    w.refuse(1, verb + std::string(" run table.csv"),
             "expected an array (.npy) of rows of 4 numbers, as the model was trained on, got a "
             "table in 'table.csv'; save its numbers as .npy, or fit a model to a table");
}

TEST(BadUse, control_characters_of_names_cannot_break_the_line) {
  const Workplace w;
  w.refuse(1, "info \"$(printf 'a\\033[2Jb\\nc')\"", "got nothing there");
  w.refuse(2, "info \"--a$(printf '\\033[2J\\nb')\"", "\\x1b[2J\\nb");
}

}  // namespace
}  // namespace diabolo
