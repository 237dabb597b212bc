// The part of DuckDB's C interface that we use, declared here and looked up in the library when the
// first table is opened: the build needs neither its header nor its library.
//
// Names, types and order are those of duckdb.h of versions 1.2 to 2.0, which keep them stable.
#pragma once

#include <cstdint>

namespace diabolo::duckdb {

using Index = std::uint64_t;

/// Handles: pointers whose insides only the library knows.
using DatabaseHandle = struct DatabaseInside*;
using ConnectionHandle = struct ConnectionInside*;
using ConfigHandle = struct ConfigInside*;
using StatementsHandle = struct StatementsInside*;
using PreparedHandle = struct PreparedInside*;
using PendingHandle = struct PendingInside*;
using ChunkHandle = struct ChunkInside*;
using VectorHandle = struct VectorInside*;
using TypeHandle = struct TypeInside*;
using AppenderHandle = struct AppenderInside*;

enum State : int { kOk = 0, kError = 1 };

constexpr int kSelectStatement = 1;
constexpr int kVarcharType = 17;

/// A result, by value as the library wants it.
struct ResultStruct {
  Index columns, rows, changed;
  void* column_data;
  char* error;
  void* inside;
};

/// A text cell: `bytes` are a short text itself, or the first four bytes of a long one and where
/// it is.
struct alignas(8) StringCell {
  std::uint32_t size;
  char bytes[12];
};
static_assert(sizeof(StringCell) == 16);

// What it returns, its name after "duckdb_", what it takes.
#define DIABOLO_DUCKDB_FUNCTIONS(X)                                                    \
  X(const char*, library_version, ())                                                  \
  X(void, free, (void*))                                                               \
  X(State, create_config, (ConfigHandle*))                                             \
  X(State, set_config, (ConfigHandle, const char* name, const char* value))            \
  X(void, destroy_config, (ConfigHandle*))                                             \
  X(State, open_ext, (const char* path, DatabaseHandle*, ConfigHandle, char** error))  \
  X(void, close, (DatabaseHandle*))                                                    \
  X(State, connect, (DatabaseHandle, ConnectionHandle*))                               \
  X(void, disconnect, (ConnectionHandle*))                                             \
  X(void, interrupt, (ConnectionHandle))                                               \
  X(State, query, (ConnectionHandle, const char* sql, ResultStruct*))                  \
  X(void, destroy_result, (ResultStruct*))                                             \
  X(const char*, result_error, (ResultStruct*))                                        \
  X(Index, column_count, (ResultStruct*))                                              \
  X(int, column_type, (ResultStruct*, Index column))                                   \
  X(Index, extract_statements, (ConnectionHandle, const char* sql, StatementsHandle*)) \
  X(const char*, extract_statements_error, (StatementsHandle))                         \
  X(State, prepare_extracted_statement,                                                \
    (ConnectionHandle, StatementsHandle, Index which, PreparedHandle*))                \
  X(void, destroy_extracted, (StatementsHandle*))                                      \
  X(State, prepare, (ConnectionHandle, const char* sql, PreparedHandle*))              \
  X(const char*, prepare_error, (PreparedHandle))                                      \
  X(int, prepared_statement_type, (PreparedHandle))                                    \
  X(void, destroy_prepare, (PreparedHandle*))                                          \
  X(State, pending_prepared_streaming, (PreparedHandle, PendingHandle*))               \
  X(const char*, pending_error, (PendingHandle))                                       \
  X(State, execute_pending, (PendingHandle, ResultStruct*))                            \
  X(void, destroy_pending, (PendingHandle*))                                           \
  X(ChunkHandle, fetch_chunk, (ResultStruct))                                          \
  X(ChunkHandle, create_data_chunk, (TypeHandle*, Index columns))                      \
  X(void, destroy_data_chunk, (ChunkHandle*))                                          \
  X(void, data_chunk_reset, (ChunkHandle))                                             \
  X(Index, data_chunk_get_size, (ChunkHandle))                                         \
  X(void, data_chunk_set_size, (ChunkHandle, Index rows))                              \
  X(VectorHandle, data_chunk_get_vector, (ChunkHandle, Index column))                  \
  X(void*, vector_get_data, (VectorHandle))                                            \
  X(std::uint64_t*, vector_get_validity, (VectorHandle))                               \
  X(void, vector_ensure_validity_writable, (VectorHandle))                             \
  X(void, vector_assign_string_element_len,                                            \
    (VectorHandle, Index row, const char* text, Index bytes))                          \
  X(void, validity_set_row_invalid, (std::uint64_t*, Index row))                       \
  X(Index, vector_size, ())                                                            \
  X(TypeHandle, create_logical_type, (int type))                                       \
  X(void, destroy_logical_type, (TypeHandle*))                                         \
  X(State, appender_create,                                                            \
    (ConnectionHandle, const char* schema, const char* table, AppenderHandle*))        \
  X(const char*, appender_error, (AppenderHandle))                                     \
  X(State, append_data_chunk, (AppenderHandle, ChunkHandle))                           \
  X(State, appender_close, (AppenderHandle))                                           \
  X(State, appender_destroy, (AppenderHandle*))

/// The functions of the library, by their names without "duckdb_".
struct Api {
#define DIABOLO_DUCKDB_MEMBER(result, name, parameters) result(*name) parameters = nullptr;
  DIABOLO_DUCKDB_FUNCTIONS(DIABOLO_DUCKDB_MEMBER)
#undef DIABOLO_DUCKDB_MEMBER
};

/// The library, opened at the first call. Throws `unsupported`, saying what to do, if there is
/// none.
const Api& api();

}  // namespace diabolo::duckdb
