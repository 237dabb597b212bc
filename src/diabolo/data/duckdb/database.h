// A database in memory as all tables use it: few threads, bounded memory that spills into a private
// folder, no extensions from anywhere; and what runs in it.
#pragma once

#include <diabolo/base/removed_on_signal.h>
#include <diabolo/data/duckdb/api.h>

#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace diabolo::duckdb {

/// An error as DuckDB words it, of several lines. Whoever knows more makes an Error of it.
struct Failure {
  std::string text;
};

/// A folder of our own among the system's temporary ones; it goes away with all that is in it.
class PrivateFolder {
 public:
  /// Throws `io`.
  PrivateFolder();
  ~PrivateFolder();
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string path(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
  std::optional<RemovedOnSignal> removed_;
};

/// Closes when the last that uses it goes.
class Database {
 public:
  /// Throws `unsupported` if there is no library, `io`, `internal`.
  static std::shared_ptr<Database> open();
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  const PrivateFolder& folder() const { return folder_; }
  /// For tables of very many columns: each block of rows takes memory for all of them.
  void make_room(std::size_t columns);
  /// From now on nothing but this file can be read, nothing written, nothing set.
  void confine_to(const std::string& path);
  /// From now on files can be read and written in its own folder alone.
  void confine_to_folder();

 private:
  friend class Connection;
  Database();
  void confine(const std::string& allowed);
  std::shared_ptr<Database> borrowed();
  PrivateFolder folder_;
  DatabaseHandle handle_ = nullptr;
};

using Cell = std::optional<std::string>;

class Connection {
 public:
  explicit Connection(std::shared_ptr<Database> database);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Runs statements. Throws Failure.
  void run(const std::string& sql) const;
  /// The rows of a small result, whose columns must all be VARCHAR. Throws Failure.
  std::vector<std::vector<Cell>> rows(const std::string& sql) const;

  ConnectionHandle handle() const { return handle_; }
  Database& database() const { return *database_; }

 private:
  std::shared_ptr<Database> database_;
  ConnectionHandle handle_ = nullptr;
};

/// A block of rows of a result.
class Chunk {
 public:
  Chunk() = default;
  explicit Chunk(ChunkHandle handle) : handle_(handle) {}
  ~Chunk();
  Chunk(Chunk&& other) noexcept;
  Chunk& operator=(Chunk&& other) noexcept;

  explicit operator bool() const { return handle_ != nullptr; }
  std::size_t rows() const;
  /// The values of a column; whether those at a row are there says `is_valid`.
  template <class T>
  const T* values(std::size_t column) const {
    return static_cast<const T*>(data(column));
  }
  /// A bit for each row, or null: all are there.
  const std::uint64_t* validity(std::size_t column) const;

 private:
  const void* data(std::size_t column) const;
  ChunkHandle handle_ = nullptr;
};

inline bool is_valid(const std::uint64_t* validity, std::size_t row) {
  return validity == nullptr || (validity[row / 64] >> (row % 64) & 1) != 0;
}

inline std::string_view text_of(const StringCell& cell) {
  if (cell.size <= sizeof(cell.bytes)) return {cell.bytes, cell.size};
  const char* text = nullptr;
  std::memcpy(static_cast<void*>(&text), cell.bytes + 4, sizeof(text));
  return {text, cell.size};
}

/// A result that comes block by block, in order, while it is computed. Whoever goes before its end
/// stops the work on it first: a thread of DuckDB's that still made a block for a connection that
/// is closed would use, and free, what is gone.
class Stream {
 public:
  /// `connection` must outlive it. Throws Failure.
  Stream(const Connection& connection, const std::string& sql);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// The next block; none at the end. Throws Failure.
  Chunk next();
  std::size_t columns();

 private:
  void close();
  const Connection& connection_;
  PreparedHandle prepared_ = nullptr;
  PendingHandle pending_ = nullptr;
  ResultStruct result_{};
  bool ended_ = true;  // nothing is being computed
};

}  // namespace diabolo::duckdb
