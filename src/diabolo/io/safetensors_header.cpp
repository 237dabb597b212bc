#include <diabolo/base/error.h>
#include <diabolo/data/source.h>
#include <diabolo/io/safetensors_header.h>
#include <diabolo/tensor/shape.h>

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <utility>

namespace diabolo {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kMetadata = "__metadata__";

/// Receives the JSON piece by piece, so that nothing nests deeper than the format does:
/// {"__metadata__": {key: text, ...}, name: {"dtype": text, "shape": [n, ...],
/// "data_offsets": [begin, end]}, ...}. Anything else is refused where it begins.
class HeaderReader final : public Json::json_sax_t {
 public:
  explicit HeaderReader(std::string file) : file_(std::move(file)) {}

  SafetensorsHeader header;

  bool null() override { refuse("null"); }
  bool boolean(bool) override { refuse("a truth value"); }
  bool number_integer(number_integer_t) override { refuse("a negative number"); }
  bool number_float(number_float_t, const string_t&) override { refuse("a fraction"); }
  bool binary(binary_t&) override { refuse("binary data"); }

  bool number_unsigned(number_unsigned_t value) override {
    if (place_ != Place::list) refuse("a number");
    if (key_ == "data_offsets" && list_.size() == 2) refuse("a third offset");
    check(list_.size() < kMaxRank, ErrorCode::unsupported, kSafetensors,
          "expected at most {} dimensions of {} in {}, got more; reshape the tensor", kMaxRank,
          in_quotes(entry().name), file_);
    list_.push_back(value);
    return true;
  }

  bool string(string_t& text) override {
    if (place_ == Place::metadata) {
      if (!header.metadata.emplace(key_, std::move(text)).second) refuse_twice(key_);
    } else if (place_ == Place::tensor && key_ == "dtype") {
      entry().type = std::move(text);
    } else {
      refuse("a text");
    }
    return true;
  }

  bool start_object(std::size_t) override {
    if (place_ == Place::before) {
      place_ = Place::header;
    } else if (place_ == Place::header && key_ == kMetadata) {
      place_ = Place::metadata;
    } else if (place_ == Place::header) {
      place_ = Place::tensor;
      header.entries.push_back({.name = key_, .type = {}, .shape = {}});
      fields_.clear();
    } else {
      refuse("an object");
    }
    return true;
  }

  bool end_object() override {
    constexpr std::size_t kFields = 3;
    if (place_ == Place::tensor && fields_.size() != kFields) refuse("only a part of it");
    place_ = Place::header;
    return true;
  }

  bool key(string_t& text) override {
    key_ = std::move(text);
    if (place_ == Place::header && !names_.insert(key_).second) refuse_twice(key_);
    if (place_ != Place::tensor) return true;
    if (key_ != "dtype" && key_ != "shape" && key_ != "data_offsets") refuse(in_quotes(key_));
    if (!fields_.insert(key_).second) refuse_twice(key_);
    return true;
  }

  bool start_array(std::size_t) override {
    if (place_ != Place::tensor || key_ == "dtype") refuse("a list");
    place_ = Place::list;
    list_.clear();
    return true;
  }

  bool end_array() override {
    place_ = Place::tensor;
    if (key_ == "shape") {
      entry().shape = list_;
    } else {
      if (list_.size() != 2) refuse("fewer than two offsets");
      entry().begin = list_[0];
      entry().end = list_[1];
    }
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const Json::exception&) override {
    fail(ErrorCode::corrupt_file, kSafetensors,
         "expected JSON in the header of {}, got something else at its byte {}; copy the file "
         "again",
         file_, position);
  }

 private:
  enum class Place { before, header, metadata, tensor, list };

  TensorEntry& entry() { return header.entries.back(); }

  [[noreturn]] void refuse(std::string_view what) const {
    std::string wanted = "an object for each tensor", at;
    if (place_ == Place::metadata) wanted = "texts as metadata";
    if (place_ == Place::tensor || place_ == Place::list) {
      wanted = "dtype, shape and data_offsets of each tensor";
      at = " at " + in_quotes(header.entries.back().name);
    }
    fail(ErrorCode::corrupt_file, kSafetensors,
         "expected {} in the header of {}, got {}{}; copy the file again", wanted, file_, what, at);
  }
  [[noreturn]] void refuse_twice(std::string_view name) const {
    fail(ErrorCode::corrupt_file, kSafetensors,
         "expected each name once in the header of {}, got {} twice; make the file again", file_,
         in_quotes(name));
  }

  std::string file_;
  Place place_ = Place::before;
  std::string key_;
  std::vector<std::uint64_t> list_;
  std::set<std::string> fields_;  // of the tensor we are in
  std::set<std::string> names_;
};

std::string quoted(const std::string& text) {
  try {
    return Json(text).dump();
  } catch (const Json::exception&) {
    fail(ErrorCode::invalid_argument, kSafetensors,
         "expected names and metadata in UTF-8, got {}; use other characters", in_quotes(text));
  }
}

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view text, const std::string& file) {
  // The JSON library takes a zero byte for the end and would not look at what follows.
  const std::size_t zero = text.find('\0');
  check(zero == std::string_view::npos, ErrorCode::corrupt_file, kSafetensors,
        "expected JSON in the header of {}, got a zero byte at its byte {}; copy the file again",
        file, zero + 1);
  HeaderReader reader(file);
  Json::sax_parse(text.begin(), text.end(), &reader);
  return std::move(reader.header);
}

std::string format_safetensors_header(const SafetensorsHeader& header) {
  std::string text = "{";
  if (!header.metadata.empty()) {
    text += quoted(std::string(kMetadata)) + ":{";
    for (const auto& [key, value] : header.metadata)
      text += quoted(key) + ':' + quoted(value) + ',';
    text.back() = '}';
    text += ',';
  }
  for (const TensorEntry& entry : header.entries)
    text += fmt::format("{}:{{\"dtype\":\"{}\",\"shape\":[{}],\"data_offsets\":[{},{}]}},",
                        quoted(entry.name), entry.type, fmt::join(entry.shape, ","), entry.begin,
                        entry.end);
  if (text.back() == ',') text.pop_back();
  return text + '}';
}

}  // namespace diabolo
