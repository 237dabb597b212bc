#include <diabolo/base/error.h>
#include <diabolo/cli/config.h>
#include <diabolo/cli/resume.h>
#include <diabolo/data/source.h>
#include <diabolo/io/json_number.h>

#include <algorithm>
#include <filesystem>

namespace diabolo::cli {
namespace {

// Paths and names of columns may be no UTF-8, which JSON must be: each byte becomes a character.
std::string as_characters(const std::string& bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      text += c;
    } else {
      text += static_cast<char>(0xc0 | byte >> 6);
      text += static_cast<char>(0x80 | (byte & 0x3f));
    }
  }
  return text;
}

std::string as_bytes(const std::string& text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool is_pair = byte >= 0xc0 && i + 1 < text.size();
    bytes += is_pair ? static_cast<char>((byte & 0x03) << 6 | (text[++i] & 0x3f)) : text[i];
  }
  return bytes;
}

constexpr const char* kMayChange[] = {"threads", "checkpoint-every"};

// How the data are read and what is said of their columns: no settings of the model.
constexpr const char* kReading[] = {"csv", "query", "missing", "kind", "drop", "schema", "valid"};

}  // namespace

std::string absolute_path(const std::string& path) {
  return path == "-" ? path : std::filesystem::absolute(path).lexically_normal().string();
}

std::string to_note(const BegunWith& begun) {
  Json given = Json::object();
  for (const auto& [name, text] : begun.given) given[as_characters(name)] = as_characters(text);
  return Json{{"data", as_characters(begun.data)}, {"given", given}, {"machine", begun.machine}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

BegunWith from_note(const std::string& note, const std::string& path) {
  try {
    const nlohmann::json json = parse_json(note);
    BegunWith begun{.data = as_bytes(json.at("data").get<std::string>()),
                    .given = {},
                    .machine = json.value("machine", "")};
    for (const auto& [name, text] : json.at("given").items())
      begun.given[as_bytes(name)] = as_bytes(text.get<std::string>());
    return begun;
  } catch (const nlohmann::json::exception&) {
    fail(ErrorCode::corrupt_file, "resume",
         "expected a checkpoint that a fit of this command wrote, got another one at {}; choose "
         "another folder",
         in_quotes(path));
  }
}

std::optional<double> number_of_setting(const ModelData& model, const std::string& name) {
  const auto found = model.settings.find(name);
  return found == model.settings.end() ? std::nullopt : parse_number(name, found->second);
}

Values settings_in_force(const ModelData& model, const Values& given) {
  Values values = as_options(model.settings);
  const auto keep = [&](const char* name) {
    if (const auto known = given.find(name); known != given.end())
      values.insert_or_assign(name, known->second);
  };
  for (const char* name : kReading) keep(name);
  for (const char* of_the_run : {"init", "labels", "threads", "checkpoint-every"}) keep(of_the_run);
  if (!model.schema.empty()) keep("likelihood");
  values.emplace("threads", "0");
  values.emplace("checkpoint-every", kCheckpointEvery);
  return values;
}

std::string changed_reading(const Values& given, const Values& begun) {
  for (const char* name : kReading) {
    const auto now = given.find(name), before = begun.find(name);
    if (now == given.end() || (before != begun.end() && before->second == now->second)) continue;
    return fmt::format(
        "expected {} as the run began, got --{} {}; give what the run began with, or choose "
        "another folder",
        before == begun.end() ? fmt::format("no --{}", name)
                              : fmt::format("--{} {}", name, in_quotes(before->second)),
        name, in_quotes(now->second));
  }
  return "";
}

bool says_the_same(const Values& given, const Values& begun, const ModelData& model) {
  const auto planned = number_of_setting(model, "epochs");
  return std::ranges::all_of(given, [&](const auto& entry) {
    if (entry.first == "epochs" && planned) return parse_number("epochs", entry.second) <= planned;
    if (std::ranges::find(kMayChange, entry.first) != std::end(kMayChange)) return true;
    const auto before = begun.find(entry.first);
    if (before == begun.end()) return false;
    return before->second == entry.second ||
           (entry.first == "labels" && before->second == absolute_path(entry.second));
  });
}

}  // namespace diabolo::cli
