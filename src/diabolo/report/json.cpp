#include <diabolo/report/json.h>

#include <algorithm>
#include <bit>
#include <cmath>

namespace diabolo {
namespace {

static_assert(std::endian::native == std::endian::little);

template <class T>
std::string packed(const std::vector<T>& values) {
  return base64({reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(T)});
}

template <class T>
std::vector<T> levels_as(std::span<const double> values) {
  std::vector<T> result;
  for (const double x : values)
    result.push_back(std::isnan(x) ? std::numeric_limits<T>::max() : static_cast<T>(x));
  return result;
}

}  // namespace

std::string base64(std::span<const std::uint8_t> bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t word = 0;
    for (std::size_t j = 0; j < 3; ++j) word = word << 8 | (j < n ? bytes[i + j] : 0u);
    for (std::size_t j = 0; j < 4; ++j) text += j <= n ? kDigits[word >> (18 - 6 * j) & 63] : '=';
  }
  return text;
}

Json packed_floats(std::span<const double> values) {
  return {{"f32", packed(std::vector<float>(values.begin(), values.end()))}};
}

Json packed_doubles(std::span<const double> values) {
  return {{"f64", packed(std::vector<double>(values.begin(), values.end()))}};
}

Json packed_places(std::span<const double> values) {
  double low = 0, high = 1;
  if (!values.empty()) {
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    low = *least, high = *most > low ? *most : low + 1;
  }
  std::vector<std::uint16_t> steps;
  for (const double x : values)
    steps.push_back(static_cast<std::uint16_t>(std::lround((x - low) / (high - low) * 65535)));
  return {{"u16", packed(steps)}, {"low", low}, {"high", high}};
}

Json packed_levels(std::span<const double> values, std::size_t levels) {
  if (levels < 255) return {{"u8", packed(levels_as<std::uint8_t>(values))}};
  return {{"u16", packed(levels_as<std::uint16_t>(values))}};
}

Json packed_numbers(std::span<const std::int64_t> values) {
  return {{"u32", packed(std::vector<std::uint32_t>(values.begin(), values.end()))}};
}

std::string png_address(const Picture& picture, PngSearch search) {
  return "data:image/png;base64," + base64(encode_png(picture, search));
}

Json number(double x) { return std::isfinite(x) ? Json(x) : Json(nullptr); }

Json numbers(std::span<const double> values) {
  Json list = Json::array();
  for (const double x : values) list.push_back(number(x));
  return list;
}

std::string script_text(const Json& json) {
  const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string safe;
  safe.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest(text.data() + i, std::min<std::size_t>(3, text.size() - i));
    if (text[i] == '<')
      safe += "\\u003c";
    else if (text[i] == '>')
      safe += "\\u003e";
    else if (text[i] == '&')
      safe += "\\u0026";
    else if (rest == "\xe2\x80\xa8" || rest == "\xe2\x80\xa9")
      safe += rest[2] == '\xa8' ? "\\u2028" : "\\u2029", i += 2;
    else
      safe += text[i];
  }
  return safe;
}

}  // namespace diabolo
