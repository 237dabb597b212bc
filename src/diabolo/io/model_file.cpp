#include <diabolo/data/picture.h>
#include <diabolo/io/holes_json.h>
#include <diabolo/io/json_number.h>
#include <diabolo/io/model_file.h>
#include <diabolo/io/safetensors.h>
#include <diabolo/io/schema_file.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>

namespace diabolo {
namespace {

using Json = nlohmann::json;  // keys in alphabetical order

constexpr const char* kKey = "diabolo";
constexpr std::string_view kState = "state.";
constexpr std::int64_t kMostDimensions = std::int64_t{1} << 28;

// --- to JSON ------------------------------------------------------------------------------------

Json to_json(const Setting& value) {
  if (const double* x = std::get_if<double>(&value)) return *x;
  return std::get<std::string>(value);
}

Json to_json(const ComponentChoice& choice) {
  Json settings = Json::object();
  for (const auto& [name, value] : choice.settings) settings[name] = to_json(value);
  return {{"type", choice.type}, {"settings", settings}};
}

Json to_json(const std::vector<ColumnGroup>& groups) {
  Json list = Json::array();
  for (const ColumnGroup& group : groups) {
    list.push_back(to_json(group.likelihood));
    list.back()["columns"] = group.columns;
  }
  return list;
}

Json to_json(const EpochRecord& r) {
  Json json;
  for_each_number(r, [&](const char* name, auto x) {
    if constexpr (std::is_floating_point_v<decltype(x)>)
      json[name] = finite_or_null(x);
    else
      json[name] = x;
  });
  if (!r.findings.empty()) json["findings"] = r.findings;
  return json;
}

Json to_json(const ModelData& m) {
  Json history = Json::array();
  for (const EpochRecord& record : m.history) history.push_back(to_json(record));
  const Composition& c = m.composition;
  Json schema(nullptr);  // of arrays
  if (!m.schema.empty()) schema = Json::parse(schema_to_json(m.schema, false));
  return {{"format", kFormatVersion},
          {"numerics", kNumericsVersion},
          {"composition",
           {{"latent", c.latent},
            {"encoder", to_json(c.encoder)},
            {"posterior", to_json(c.posterior)},
            {"prior", to_json(c.prior)},
            {"decoder", to_json(c.decoder)},
            {"likelihood", to_json(c.likelihood)},
            {"objective", to_json(c.objective)},
            {"columns", to_json(c.columns)},
            {"missing", c.missing},
            {"partial", c.partial}}},
          {"data",
           {{"row_shape",
             std::vector<std::int64_t>(m.row_shape.dims().begin(), m.row_shape.dims().end())},
            {"is_image", m.is_image},
            {"dtype", name(m.dtype)},
            {"binarize", m.transform.binarize},
            {"fingerprint", m.fingerprint}}},
          {"schema", schema},
          {"scores",
           {{"quantiles", m.score_reference.quantiles},
            {"column_means", m.score_reference.column_means},
            {"missing_costs", m.score_reference.missing_costs}}},
          {"holes", to_json(m.holes)},
          {"settings", m.settings},
          {"history", history},
          {"best_epoch", m.best_epoch},
          {"findings", m.findings}};
}

// --- from JSON ----------------------------------------------------------------------------------
// A file is not to be trusted: nlohmann's `at` and `get` throw on what is missing or of another
// type, and read_model turns that into one `corrupt_file`.

// What scores are compared with; files from before tables have none.
ScoreReference score_reference_from(const Json& json, std::int64_t dimensions,
                                    const std::string& path) {
  if (json.is_null()) return {};
  const auto list = [&](const char* name, std::int64_t size) {
    auto numbers = json.at(name).get<std::vector<double>>();
    check(numbers.empty() || size < 0 || std::ssize(numbers) == size, ErrorCode::corrupt_file,
          "model", "expected {} numbers as {} of scores, got {} in '{}'", size, name,
          numbers.size(), path);
    return numbers;
  };
  ScoreReference reference{list("quantiles", -1), list("column_means", dimensions),
                           list("missing_costs", ScoreReference::count_of_costs(dimensions))};
  check(std::is_sorted(reference.quantiles.begin(), reference.quantiles.end()),
        ErrorCode::corrupt_file, "model", "expected quantiles of scores that do not fall in '{}'",
        path);
  return reference;
}

ComponentChoice choice_from(const Json& json) {
  ComponentChoice choice{json.at("type").get<std::string>(), {}};
  for (const auto& [name, value] : json.at("settings").items()) {
    if (value.is_number())
      choice.settings[name] = value.get<double>();
    else
      choice.settings[name] = value.get<std::string>();
  }
  return choice;
}

// Of files of format 1 without tables: empty.
std::vector<ColumnGroup> groups_from(const Json& json) {
  std::vector<ColumnGroup> groups;
  for (const Json& group : json.value("columns", Json::array()))
    groups.push_back({choice_from(group), whole_number(group.at("columns"))});
  return groups;
}

Composition composition_from(const Json& json) {
  return {.latent = whole_number(json.at("latent")),
          .encoder = choice_from(json.at("encoder")),
          .posterior = choice_from(json.at("posterior")),
          .prior = choice_from(json.at("prior")),
          .decoder = choice_from(json.at("decoder")),
          .likelihood = choice_from(json.at("likelihood")),
          .objective = choice_from(json.at("objective")),
          .columns = groups_from(json),
          .missing = json.value("missing", false),
          .partial = json.value("partial", false)};
}

EpochRecord record_from(const Json& json) {
  return {.epoch = whole_number(json.at("epoch")),
          .step = whole_number(json.at("step")),
          .learning_rate = json.at("learning_rate").get<double>(),
          .beta = number_or_nan(json.at("beta")),
          .loss = number_or_nan(json.at("loss")),
          .log_px = number_or_nan(json.at("log_px")),
          .kl = number_or_nan(json.at("kl")),
          .valid_loss = number_or_nan(json.at("valid_loss")),
          .valid_log_px = number_or_nan(json.at("valid_log_px")),
          .valid_kl = number_or_nan(json.at("valid_kl")),
          .active_units = whole_number(json.at("active_units")),
          .findings = json.value("findings", "")};
}

DType dtype_from(const std::string& text) {
  if (text == name(DType::u8)) return DType::u8;
  if (text == name(DType::f32)) return DType::f32;
  refuse_json("expected u8 or f32 as the type of the data");
}

// --- arrays -------------------------------------------------------------------------------------

template <class T>
void check_finite(const std::string& name, std::span<const T> numbers) {
  for (const T x : numbers)
    check(std::isfinite(x), ErrorCode::not_finite, "model",
          "expected finite numbers in '{}' of the model, got {}, which no file may have; train it "
          "again with a lower --learning-rate",
          name, x);
}

Tensor copy_of(const ParameterInfo& info, const Tensor& flat) {
  Tensor tensor(DType::f32, info.shape);
  std::memcpy(tensor.data(), flat.data() + static_cast<std::size_t>(info.offset) * sizeof(float),
              tensor.bytes());
  check_finite<float>(info.name, tensor.as<float>());
  return tensor;
}

const Tensor& find(const TensorFile& file, const std::string& name, DType dtype,
                   const std::string& path) {
  const auto known = std::find_if(file.tensors.begin(), file.tensors.end(),
                                  [&](const auto& entry) { return entry.first == name; });
  check(known != file.tensors.end(), ErrorCode::corrupt_file, "model",
        "expected a whole model, got '{}' without its array '{}'; copy or train it again", path,
        name);
  check(known->second.dtype() == dtype, ErrorCode::corrupt_file, "model",
        "expected array '{}' of type {}, got {} in '{}'", name, diabolo::name(dtype),
        diabolo::name(known->second.dtype()), path);
  return known->second;
}

// All arrays of a layout, gathered into one flat array, which is allocated only once the file is
// known to hold them all.
Tensor read_arrays(const TensorFile& file, const Parameters& layout, std::string_view prefix,
                   const std::string& path) {
  for (const ParameterInfo& info : layout.all()) {
    const Tensor& tensor = find(file, std::string(prefix) + info.name, DType::f32, path);
    check(tensor.shape() == info.shape, ErrorCode::corrupt_file, "model",
          "expected array '{}' of shape {}, got {} in '{}'", info.name, info.shape, tensor.shape(),
          path);
    for (const float x : tensor.as<float>())
      check(std::isfinite(x), ErrorCode::corrupt_file, "model",
            "expected finite numbers in array '{}', got {} in '{}'", info.name, x, path);
  }
  Tensor flat(DType::f32, {layout.size()});
  for (const ParameterInfo& info : layout.all()) {
    const Tensor& tensor = find(file, std::string(prefix) + info.name, DType::f32, path);
    std::memcpy(flat.data() + static_cast<std::size_t>(info.offset) * sizeof(float), tensor.data(),
                tensor.bytes());
  }
  return flat;
}

std::vector<double> numbers(const TensorFile& file, const std::string& name,
                            std::int64_t dimensions, const std::string& path) {
  const auto x = find(file, name, DType::f64, path).as<double>();
  const bool fits = x.size() == 1 || static_cast<std::int64_t>(x.size()) == dimensions;
  check(fits && std::all_of(x.begin(), x.end(), [](double v) { return std::isfinite(v); }),
        ErrorCode::corrupt_file, "model",
        "expected one finite number in '{}' or one per dimension, got {} in '{}'", name, x.size(),
        path);
  return {x.begin(), x.end()};
}

// A table's likelihoods stand in its schema and in the composition: they must be the same.
void check_schema(const Schema& schema, const Composition& composition,
                  const Components& components, const std::string& path) {
  std::vector<ColumnGroup> groups;
  for (const CellGroup& group : cell_groups(schema))
    groups.push_back(
        {components.likelihoods.complete(group.likelihood), std::ssize(group.columns)});
  check(groups == complete(composition, components).columns, ErrorCode::corrupt_file, "model",
        "expected a schema of the columns that the model is made of, got another in '{}'; copy or "
        "train it again",
        path);
}

std::int64_t numbers_in(const TensorFile& file) {
  std::int64_t count = 0;
  for (const auto& entry : file.tensors) count += entry.second.size();
  return count;
}

// Graphs have constants as long as a row, so a row is no longer than what the file holds, or than
// takes little memory.
Shape row_shape_from(const Json& json, std::int64_t numbers, const std::string& path) {
  constexpr std::int64_t kFew = 1 << 20;
  const std::int64_t most = std::min(kMostDimensions, std::max(numbers, kFew));
  std::vector<std::int64_t> dims;
  std::int64_t dimensions = 1;
  for (const Json& n : json) {
    dims.push_back(whole_number(n));
    check(dims.back() >= 1 && dims.back() <= most && (dimensions *= dims.back()) <= most,
          ErrorCode::corrupt_file, "model",
          "expected rows of a sane shape, got a dimension of {} in '{}'", dims.back(), path);
  }
  return Shape(dims);
}

ModelData model_from(const TensorFile& file, const Json& json, const Components& components,
                     const std::string& path) {
  const Json& data = json.at("data");
  const Shape row_shape = row_shape_from(data.at("row_shape"), numbers_in(file), path);
  const std::int64_t dimensions = row_shape.size();
  Transform transform{.shift = numbers(file, "data.shift", dimensions, path),
                      .scale = numbers(file, "data.scale", dimensions, path),
                      .binarize = data.at("binarize").get<std::string>()};
  for (const double s : transform.scale)
    check(s > 0, ErrorCode::corrupt_file, "model", "expected scales above 0, got {} in '{}'", s,
          path);
  check(is_binarization(transform.binarize), ErrorCode::corrupt_file, "model",
        "expected a known binarisation, got '{}' in '{}'", transform.binarize, path);
  const Composition composition = composition_from(json.at("composition"));
  std::int64_t columns = 0;
  for (const ColumnGroup& group : composition.columns)
    if (group.columns > 0 && columns <= dimensions)
      columns += std::min(group.columns, kMostDimensions);
  check(composition.columns.empty() || columns == dimensions, ErrorCode::corrupt_file, "model",
        "expected likelihoods of {} columns, got {} in '{}'", dimensions, columns, path);
  Schema schema;
  if (const Json given = json.value("schema", Json()); !given.is_null())
    schema = schema_from_json(given.dump(), path);
  check_schema(schema, composition, components, path);  // before anything is as large as it says
  ModelData model = lay_out_model(composition, components, transform, row_shape);
  model.schema = std::move(schema);
  model.score_reference = score_reference_from(json.value("scores", Json()), dimensions, path);
  model.holes = holes_from(json.value("holes", Json()), dimensions, path);
  model.is_image = data.at("is_image").get<bool>();
  model.dtype = dtype_from(data.at("dtype").get<std::string>());
  check(!model.is_image || is_image_shape(row_shape), ErrorCode::corrupt_file, "model",
        "expected rows of the shape of pictures, got {} in '{}'", row_shape, path);
  check(model.dtype == DType::f32 || (model.schema.empty() && model.holes.empty()),
        ErrorCode::corrupt_file, "model",
        "expected data of type f32 of a table or with missing values, got {} in '{}'",
        name(model.dtype), path);
  model.fingerprint = data.at("fingerprint").get<std::string>();
  model.settings = json.at("settings").get<std::map<std::string, std::string>>();
  for (const Json& record : json.at("history")) model.history.push_back(record_from(record));
  model.best_epoch = whole_number(json.at("best_epoch"));
  model.findings = json.value("findings", "");
  model.values = read_arrays(file, model.parameters, "", path);
  model.state_values = read_arrays(file, model.state, kState, path);
  const std::size_t known = model.parameters.all().size() + model.state.all().size() + 2;
  const auto found = static_cast<std::size_t>(std::ranges::count_if(
      file.tensors, [](const auto& entry) { return !entry.first.starts_with(kTraining); }));
  check(found == known, ErrorCode::corrupt_file, "model",
        "expected {} arrays for this composition, got {} in '{}'", known, found, path);
  return model;
}

}  // namespace

TensorFile to_tensors(const ModelData& model) {
  TensorFile file;
  const ScoreReference& scores = model.score_reference;
  check_finite<double>("scores.quantiles", scores.quantiles);
  check_finite<double>("scores.column_means", scores.column_means);
  check_finite<double>("scores.missing_costs", scores.missing_costs);
  check_finite<double>("data.shift", model.transform.shift);
  check_finite<double>("data.scale", model.transform.scale);
  file.metadata[kKey] = to_json(model).dump();
  file.metadata["format"] = "diabolo";
  for (const ParameterInfo& info : model.parameters.all())
    file.tensors.emplace_back(info.name, copy_of(info, model.values));
  for (const ParameterInfo& info : model.state.all())
    file.tensors.emplace_back(std::string(kState) + info.name, copy_of(info, model.state_values));
  const auto row = [](const std::vector<double>& x) {
    return Tensor::of<double>({static_cast<std::int64_t>(x.size())}, x);
  };
  file.tensors.emplace_back("data.shift", row(model.transform.shift));
  file.tensors.emplace_back("data.scale", row(model.transform.scale));
  return file;
}

void write_model(const std::string& path, const ModelData& model) {
  write_safetensors(path, to_tensors(model));
}

ModelData read_model(const std::string& path, const Components& components) {
  return from_tensors(read_safetensors(path), path, components);
}

ModelData from_tensors(const TensorFile& file, const std::string& path,
                       const Components& components) {
  const auto entry = file.metadata.find(kKey);
  check(entry != file.metadata.end(), ErrorCode::corrupt_file, "model",
        "expected a model of diabolo, got other tensors in '{}'; give a file that fit wrote", path);
  try {
    const Json json = parse_json(entry->second);
    const auto expect_version = [&](const char* name, std::int64_t most) {
      const std::int64_t version = whole_number(json.at(name));
      check(version <= most, ErrorCode::unsupported, "model",
            "expected a file of {0} {1} or older, got {0} {2} in '{3}'; update diabolo", name, most,
            version, path);
      check(version >= 1, ErrorCode::corrupt_file, "model", "expected a {} from 1, got {} in '{}'",
            name, version, path);
    };
    expect_version("format", kFormatVersion);
    expect_version("numerics", kNumericsVersion);
    return model_from(file, json, components, path);
  } catch (const Json::exception& error) {
    fail(ErrorCode::corrupt_file, "model",
         "expected a whole description of the model, got a damaged one in '{}' ({}); copy or train "
         "it again",
         path, error.what());
  } catch (const Error& error) {
    // A composition that cannot be is damage here, not wrong usage.
    if (error.code() != ErrorCode::invalid_argument && error.code() != ErrorCode::shape) throw;
    fail(ErrorCode::corrupt_file, "model", "{} (in '{}')", error.message(), path);
  }
}

}  // namespace diabolo
