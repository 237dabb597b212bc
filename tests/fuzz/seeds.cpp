// Writes whole files of models, checkpoints, schemas and JPEG pictures: fuzz_seeds FOLDER, with a
// folder for each target below it. Other formats are simple enough for make_corpus.py.

// clang-format off
#include <cstddef>
#include <cstdio>  // jpeglib.h needs both before it
#include <jpeglib.h>
// clang-format on
#include <diabolo/base/random.h>
#include <diabolo/data/png.h>
#include <diabolo/io/model_file.h>
#include <diabolo/io/schema_file.h>
#include <diabolo/train/checkpoint.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <vector>

namespace diabolo::fuzz {
namespace {

std::string folder;

std::string place(const std::string& target, const std::string& name) {
  const std::filesystem::path path = std::filesystem::path(folder) / target;
  std::filesystem::create_directories(path);
  return (path / name).string();
}

// --- tables -------------------------------------------------------------------------------------

/// A column of each kind of code, with holes.
Schema every_column() {
  const std::vector<Field> fields = {
      {.name = "real"},
      {.name = "town", .type = ColumnType::text, .sql_type = "VARCHAR"},
      {.name = "cents"},
      {.name = "sum"},
      {.name = "flag", .type = ColumnType::boolean},
      {.name = "stars", .type = ColumnType::integer},
      {.name = "day", .type = ColumnType::date, .format = "%d/%m/%Y"},
      {.name = "same"}};
  constexpr std::size_t kRows = 400;
  static const char* const towns[] = {"Bonn",
                                      "Gr\xc3\xb6\xc3\x9f"
                                      "e",
                                      "a \"b\"\n"};
  RandomStream random({.seed = 1});
  TableChunk chunk{.rows = kRows, .columns = std::vector<ColumnValues>(fields.size())};
  for (std::size_t i = 0; i < kRows; ++i) {
    const double place = static_cast<double>(i);
    const double numbers[] = {random.normal(),
                              0,
                              std::floor(1e5 * random.uniform()) / 100,
                              std::exp(2 * random.normal()),
                              static_cast<double>(i % 2),
                              static_cast<double>(i % 5),
                              86400 * (18000 + place),
                              7};
    for (std::size_t c = 0; c < fields.size(); ++c) {
      ColumnValues& column = chunk.columns[c];
      if (fields[c].type == ColumnType::text)
        column.text.emplace_back(towns[i % 3]);
      else
        column.numbers.push_back(i % 9 == 8 ? std::nan("") : numbers[c]);
    }
  }
  SchemaBuilder builder(fields);
  builder.add(chunk);
  return builder.finish();
}

std::vector<ColumnGroup> groups_of(const Schema& schema, const Components& components) {
  std::vector<ColumnGroup> groups;
  for (const CellGroup& group : cell_groups(schema))
    groups.push_back(
        {components.likelihoods.complete(group.likelihood), std::ssize(group.columns)});
  return groups;
}

// --- models -------------------------------------------------------------------------------------

ModelData model_of(Composition c, const Shape& row, const Transform& transform = {}) {
  c.encoder.settings = {{"hidden", "4"}};
  c.decoder.settings = {{"hidden", "3"}};
  ModelData model = make_model(c, {}, transform, row, 7);
  model.settings = {{"epochs", "3"}, {"mode", "fast"}};
  model.fingerprint = "0123456789abcdef";
  model.history = {{.epoch = 1, .step = 10, .loss = 2.5, .valid_loss = NAN}};
  model.best_epoch = 1;
  return model;
}

std::vector<std::pair<std::string, ModelData>> models() {
  const Transform plain{.shift = {0}, .scale = {1}};
  std::vector<std::pair<std::string, ModelData>> list;
  list.emplace_back("normal", model_of({}, {3}, {.shift = {1, 2, 3}, .scale = {2, 2, 0.5}}));
  list.emplace_back("picture", model_of({.likelihood = {"bernoulli", {}}}, {2, 2}, plain));
  list.back().second.is_image = true;
  list.back().second.dtype = DType::u8;
  list.emplace_back("ae", model_of({.posterior = {"deterministic", {}},
                                    .prior = {"mixture", {{"components", 2.0}}},
                                    .objective = {"reconstruction", {}}},
                                   {3}, plain));
  list.emplace_back("limited",
                    model_of({.objective = {"constrained", {{"limit", 2.0}}}}, {3}, plain));
  Composition holes{.prior = {"mixture", {{"components", 2.0}}}, .objective = {"iwae", {}}};
  holes.missing = holes.partial = true;
  list.emplace_back("holes", model_of(holes, {3}, plain));
  list.back().second.holes = {{std::string(1, '\x05'), 3}, {std::string(1, '\0'), 9}};
  Schema schema = every_column();
  Composition table = holes;
  table.columns = groups_of(schema, {});
  std::int64_t columns = 0;
  for (const ColumnGroup& group : table.columns) columns += group.columns;
  list.emplace_back("table", model_of(table, {columns}, plain));
  ModelData& last = list.back().second;
  last.schema = std::move(schema);
  const auto D = static_cast<std::size_t>(columns);
  last.score_reference = {.quantiles = {-1, 0, 1},
                          .column_means = std::vector<double>(D, 0.5),
                          .missing_costs = std::vector<double>(D + 1, 0.1)};
  return list;
}

TrainingState state_of(const ModelData& model) {
  TrainingState state;
  state.data_rows = 20;
  state.times.resize(model.history.size());
  const Shape all{model.parameters.size()};
  for (PhaseState* phase : {&state.model, &state.partial}) {
    phase->shards = 2;
    phase->optimizer.moment1 = Tensor(DType::f32, all);
    phase->optimizer.moment2 = Tensor(DType::f32, all);
    phase->sums.mean = phase->sums.square = std::vector<double>(2, 0.5);
  }
  state.model.best.values = Tensor(DType::f32, all);
  state.rows = {0, 3, 5};
  state.valid_rows = {0, 1};
  return state;
}

// --- pictures -----------------------------------------------------------------------------------

void write_jpeg(const std::string& name, int side, J_COLOR_SPACE space, int channels,
                bool progressive, bool arithmetic) {
  jpeg_compress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  std::FILE* file = std::fopen(place("jpeg", name).c_str(), "wb");
  jpeg_stdio_dest(&jpeg, file);
  jpeg.image_width = jpeg.image_height = static_cast<JDIMENSION>(side);
  jpeg.input_components = channels;
  jpeg.in_color_space = space;
  jpeg_set_defaults(&jpeg);
  jpeg.arith_code = arithmetic;
  if (progressive) jpeg_simple_progression(&jpeg);
  jpeg.restart_interval = progressive ? 0 : 2;
  jpeg_start_compress(&jpeg, TRUE);
  std::vector<std::uint8_t> row(static_cast<std::size_t>(side * channels));
  for (int y = 0; y < side; ++y) {
    for (std::size_t x = 0; x < row.size(); ++x)
      row[x] = static_cast<std::uint8_t>(x * 7 + static_cast<std::size_t>(y) * 13);
    JSAMPROW pointer = row.data();
    jpeg_write_scanlines(&jpeg, &pointer, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  std::fclose(file);
}

void write_all() {
  for (const auto& [name, model] : models()) {
    write_model(place("model", name), model);
    write_checkpoint(
        place("checkpoint", name), model, state_of(model), name == "ae",
        R"({"data":"rows \u00ff.csv","given":{"epochs":"3","missing":"7","valid":"0.2"},)"
        R"("machine":"2 threads"})");
  }
  std::ofstream(place("schema", "pretty")) << schema_to_json(every_column());
  std::ofstream(place("schema", "line")) << schema_to_json(every_column(), false);
  write_jpeg("grey", 9, JCS_GRAYSCALE, 1, false, false);
  write_jpeg("colour", 20, JCS_RGB, 3, false, false);
  write_jpeg("progressive", 20, JCS_RGB, 3, true, false);
  write_jpeg("arithmetic", 12, JCS_RGB, 3, false, true);
  write_jpeg("cmyk", 8, JCS_CMYK, 4, false, false);
  write_png({5, 4, 3, std::vector<std::uint8_t>(60, 9)}, place("png", "ours"));
}

}  // namespace
}  // namespace diabolo::fuzz

// libFuzzer has it; here is no fuzzer.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t*, std::size_t size, std::size_t) {
  return size;
}

int main(int count, char** arguments) {
  if (count != 2) return 2;
  diabolo::fuzz::folder = arguments[1];
  diabolo::fuzz::write_all();
}
