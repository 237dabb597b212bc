// Finds and opens DuckDB's library: once, at the first table, and never closed again.
#include <diabolo/base/error.h>
#include <diabolo/data/duckdb/api.h>
#include <diabolo/data/source.h>
#include <diabolo/data/table.h>
#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <system_error>

namespace diabolo {
namespace duckdb {
namespace {

namespace fs = std::filesystem;

#ifdef __APPLE__
constexpr const char* kFile = "libduckdb.dylib";
#else
constexpr const char* kFile = "libduckdb.so";
#endif

/// The folder of the program or shared library that this function is linked into.
fs::path own_folder() {
  Dl_info info{};
  if (::dladdr(reinterpret_cast<void*>(&own_folder), &info) == 0 || info.dli_fname == nullptr)
    return {};
  std::error_code error;
  const fs::path file = fs::canonical(info.dli_fname, error);
  return error ? fs::path() : file.parent_path();
}

fs::path program_folder() {
  std::error_code error;
  const fs::path file = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::path() : file.parent_path();
}

/// Where the library may be, the first place first; a name without a folder: the system's.
std::vector<fs::path> places() {
  std::vector<fs::path> result;
  for (const fs::path& folder : {program_folder(), own_folder()}) {
    if (folder.empty()) continue;
    for (const char* inner : {".", "../lib/diabolo", "../lib", "diabolo"})
      result.push_back((folder / inner / kFile).lexically_normal());
  }
  result.emplace_back(fs::path(DIABOLO_DUCKDB_FOLDER) / kFile);  // what scripts/get_duckdb got
  result.emplace_back(kFile);
  return result;
}

struct Opened {
  Api api;
  std::string problem;  // empty: it works
};

/// Looks up every function; the name of the first that is missing, or null.
const char* look_up(void* library, Api& api) {
#define DIABOLO_DUCKDB_LOOK_UP(result, name, parameters)                                \
  api.name = reinterpret_cast<result(*) parameters>(::dlsym(library, "duckdb_" #name)); \
  if (api.name == nullptr) return "duckdb_" #name;
  DIABOLO_DUCKDB_FUNCTIONS(DIABOLO_DUCKDB_LOOK_UP)
#undef DIABOLO_DUCKDB_LOOK_UP
  return nullptr;
}

/// Null, or what is wrong with the library at `path`.
std::optional<std::string> open_at(const fs::path& path, Api& api) {
  void* library = ::dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) {
    const char* why = ::dlerror();
    return why == nullptr ? "it cannot be opened" : why;
  }
  const char* missing = look_up(library, api);
  if (missing == nullptr) return {};
  return fmt::format("it has no function {}; it is too old or none", missing);
}

Opened open() {
  Opened opened;
  constexpr std::string_view kExpected = "expected DuckDB's library to read and write tables";
  const char* named = std::getenv("DIABOLO_DUCKDB");
  if (named != nullptr && *named != '\0') {
    if (const auto why = open_at(named, opened.api))
      opened.problem = fmt::format("{}, got {} from DIABOLO_DUCKDB ({}); correct its path",
                                   kExpected, in_quotes(named), *why);
    return opened;
  }
  for (const fs::path& path : places()) {
    std::error_code error;
    if (path.has_parent_path() && !fs::exists(path, error)) continue;
    if (!open_at(path, opened.api)) return opened;
  }
  opened.problem = fmt::format(
      "{}, got none; run './run setup' in diabolo's source, or set DIABOLO_DUCKDB to the path of "
      "{}",
      kExpected, kFile);
  return opened;
}

const Opened& opened() {
  static const Opened result = open();
  return result;
}

}  // namespace

const Api& api() {
  const Opened& library = opened();
  check(library.problem.empty(), ErrorCode::unsupported, "table", "{}", library.problem);
  return library.api;
}

}  // namespace duckdb

bool have_tables(std::string* why) {
  const std::string& problem = duckdb::opened().problem;
  if (why != nullptr) *why = problem;
  return problem.empty();
}

}  // namespace diabolo
