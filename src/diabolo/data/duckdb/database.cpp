#include <diabolo/base/error.h>
#include <diabolo/base/parallel.h>
#include <diabolo/data/duckdb/database.h>
#include <diabolo/data/duckdb/sql.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace diabolo::duckdb {
namespace {

/// For buffers and what is sorted or kept; beyond it DuckDB spills. Reading and writing a million
/// rows of 30 columns stays below 1 GiB with it.
constexpr std::size_t kMemoryMegabytes = 400;
constexpr int kMostThreads = 2;

std::string text_or(const char* text, std::string_view other) {
  return std::string(text == nullptr ? other : text);
}

}  // namespace

PrivateFolder::PrivateFolder() {
  std::error_code error;
  std::filesystem::path folder = std::filesystem::temp_directory_path(error);
  if (error) folder = "/tmp";
  path_ = (folder / "diabolo-XXXXXX").string();
  const bool made = ::mkdtemp(path_.data()) != nullptr;
  check(
      made, ErrorCode::io, "table",
      "expected to make a temporary folder in '{}', got '{}'; set TMPDIR to a folder that you may "
      "write to",
      folder.string(), std::generic_category().message(errno));
  removed_.emplace(path_, RemovedOnSignal::What::all);
}

PrivateFolder::~PrivateFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::shared_ptr<Database> Database::open() { return std::shared_ptr<Database>(new Database); }

Database::Database() {
  const Api& duck = api();
  const std::string threads = std::to_string(std::clamp(available_cores(), 1, kMostThreads));
  const std::string memory = fmt::format("{}MB", kMemoryMegabytes);
  const std::string spill = folder_.path("spill");
  const std::pair<const char*, const char*> settings[] = {
      {"threads", threads.c_str()},           {"memory_limit", memory.c_str()},
      {"temp_directory", spill.c_str()},      {"autoinstall_known_extensions", "false"},
      {"autoload_known_extensions", "false"}, {"allow_persistent_secrets", "false"},
      {"preserve_insertion_order", "true"},
  };
  ConfigHandle config = nullptr;
  bool good = duck.create_config(&config) == kOk;
  for (const auto& [name, value] : settings)
    good = good && duck.set_config(config, name, value) == kOk;
  char* why = nullptr;
  good = good && duck.open_ext(nullptr, &handle_, config, &why) == kOk;
  const std::string problem = text_or(why, "a setting that it does not know");
  if (why != nullptr) duck.free(why);
  duck.destroy_config(&config);
  check(good, ErrorCode::internal, "table", "expected DuckDB {} to start, got: {}",
        duck.library_version(), problem.substr(0, problem.find('\n')));
  try {
    Connection(borrowed()).run("SET TimeZone = 'UTC'");
  } catch (const Failure&) {
    return;  // a library without time zones has no columns that need one
  }
}

std::shared_ptr<Database> Database::borrowed() {
  return {this, [](Database*) {}};
}

Database::~Database() { api().close(&handle_); }

void Database::make_room(std::size_t columns) {
  constexpr std::size_t kMany = 300, kKilobytesEach = 250;
  if (columns <= kMany) return;
  Connection(borrowed())
      .run(fmt::format("SET memory_limit = '{}MB'; SET threads = 1",
                       kMemoryMegabytes + columns * kKilobytesEach / 1000));
}

void Database::confine(const std::string& allowed) {
  const Connection connection(borrowed());
  connection.run("SET " + allowed);
  connection.run("SET enable_external_access = false");
  connection.run("SET lock_configuration = true");
}

void Database::confine_to(const std::string& path) {
  // The pattern that stands for the path alone is compared as it is.
  confine(fmt::format("allowed_paths = [{}, {}]", literal(std::filesystem::absolute(path).string()),
                      path_literal(path)));
}

void Database::confine_to_folder() {
  confine(fmt::format("allowed_directories = [{}]", literal(folder_.path() + "/")));
}

Connection::Connection(std::shared_ptr<Database> database) : database_(std::move(database)) {
  ensure(api().connect(database_->handle_, &handle_) == kOk, "table", "a connection to DuckDB");
}

Connection::~Connection() { api().disconnect(&handle_); }

void Connection::run(const std::string& sql) const {
  ResultStruct result{};
  const bool good = api().query(handle_, sql.c_str(), &result) == kOk;
  const std::string problem = good ? "" : text_or(api().result_error(&result), "unknown error");
  api().destroy_result(&result);
  if (!good) throw Failure{problem};
}

std::vector<std::vector<Cell>> Connection::rows(const std::string& sql) const {
  Stream stream(*this, sql);
  std::vector<std::vector<Cell>> result;
  while (const Chunk chunk = stream.next()) {
    const std::size_t first = result.size();
    result.resize(first + chunk.rows(), std::vector<Cell>(stream.columns()));
    for (std::size_t j = 0; j < stream.columns(); ++j) {
      const auto* cells = chunk.values<StringCell>(j);
      const auto* validity = chunk.validity(j);
      for (std::size_t i = 0; i < chunk.rows(); ++i)
        if (is_valid(validity, i)) result[first + i][j] = std::string(text_of(cells[i]));
    }
  }
  return result;
}

Chunk::~Chunk() {
  if (handle_ != nullptr) api().destroy_data_chunk(&handle_);
}

Chunk::Chunk(Chunk&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}

Chunk& Chunk::operator=(Chunk&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}

std::size_t Chunk::rows() const { return api().data_chunk_get_size(handle_); }

const void* Chunk::data(std::size_t column) const {
  return api().vector_get_data(api().data_chunk_get_vector(handle_, column));
}

const std::uint64_t* Chunk::validity(std::size_t column) const {
  return api().vector_get_validity(api().data_chunk_get_vector(handle_, column));
}

Stream::Stream(const Connection& connection, const std::string& sql) : connection_(connection) {
  const Api& duck = api();
  std::string problem;
  if (duck.prepare(connection.handle(), sql.c_str(), &prepared_) != kOk)
    problem = text_or(duck.prepare_error(prepared_), "unknown error");
  else if (duck.pending_prepared_streaming(prepared_, &pending_) != kOk)
    problem = text_or(duck.pending_error(pending_), "unknown error");
  else if (duck.execute_pending(pending_, &result_) != kOk)
    problem = text_or(duck.result_error(&result_), "unknown error");
  ended_ = !problem.empty();
  if (!ended_) return;
  close();
  throw Failure{problem};
}

Stream::~Stream() { close(); }

void Stream::close() {
  // The last block comes when all threads have left the query, interrupted or not.
  if (!ended_) api().interrupt(connection_.handle());
  while (!ended_) ended_ = !Chunk(api().fetch_chunk(result_));
  api().destroy_result(&result_);
  api().destroy_pending(&pending_);
  api().destroy_prepare(&prepared_);
}

std::size_t Stream::columns() { return api().column_count(&result_); }

Chunk Stream::next() {
  while (!ended_) {
    Chunk chunk(api().fetch_chunk(result_));
    if (chunk && chunk.rows() > 0) return chunk;
    ended_ = !chunk;
    const char* problem = chunk ? nullptr : api().result_error(&result_);
    if (problem == nullptr || *problem == '\0') continue;
    // What went wrong comes after a line about the result.
    const std::string_view text(problem);
    constexpr std::string_view kCause = "\nError: ";
    const std::size_t cause = text.find(kCause);
    throw Failure{
        std::string(cause == std::string_view::npos ? text : text.substr(cause + kCause.size()))};
  }
  return {};
}

}  // namespace diabolo::duckdb
