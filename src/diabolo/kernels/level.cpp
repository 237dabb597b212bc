#include <diabolo/base/error.h>
#include <diabolo/kernels/level.h>

#include <cstdlib>
#include <utility>

namespace diabolo::kernels {

#if defined(__x86_64__)

std::string_view name(Level level) {
  switch (level) {
    case Level::v2:
      return "v2";
    case Level::v3:
      return "v3";
    case Level::v4:
      return "v4";
    case Level::v4w:
      return "v4w";
  }
  return "?";
}

namespace {

// Zen 4 does 512 bits in two halves, and then a broadcast costs more than it saves.
bool prefers_256_bits() { return __builtin_cpu_is("amdfam19h"); }

}  // namespace

std::vector<Level> available_levels() {
  std::vector<Level> levels;
  if (__builtin_cpu_supports("x86-64-v2")) levels.push_back(Level::v2);
  if (__builtin_cpu_supports("x86-64-v3")) levels.push_back(Level::v3);
  if (__builtin_cpu_supports("x86-64-v4"))
    levels.push_back(Level::v4), levels.push_back(Level::v4w);
  if (levels.size() > 3 && prefers_256_bits()) std::swap(levels[2], levels[3]);
  check(
      !levels.empty(), ErrorCode::unsupported, "processor",
      "expected an x86-64 processor with SSE4.2, got an older one; use a machine made after 2009");
  return levels;
}

#else

std::string_view name(Level) { return "generic"; }
std::vector<Level> available_levels() { return {Level::v2}; }

#endif

Level choose_level(const char* wanted) {
  const std::vector<Level> levels = available_levels();
  const std::string_view text = wanted ? wanted : "";
  if (text.empty()) return levels.back();
  for (const Level level : levels)
    if (text == name(level)) return level;
  check(text == "v2" || text == "v3" || text == "v4" || text == "v4w", ErrorCode::invalid_argument,
        "DIABOLO_LEVEL",
        "expected DIABOLO_LEVEL to be v2, v3, v4 or v4w, got '{}'; unset it to use the best level",
        text);
  fail(ErrorCode::unsupported, "DIABOLO_LEVEL",
       "expected DIABOLO_LEVEL to be a level of this processor, at best {}, got {}; unset it",
       name(levels.back()), text);
}

Level best_level() {
  static const Level level = choose_level(std::getenv("DIABOLO_LEVEL"));
  return level;
}

}  // namespace diabolo::kernels
