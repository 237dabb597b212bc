// Chooses among what a file of kernels/portable offers at each level.
//
//   DIABOLO_PER_LEVEL(Table, tables)
//
// declares `const Table& tables()` in the namespace of each level, where that file defines it, and
// defines `const Table& tables(Level level)`, for a level that this processor runs.
#pragma once

#include <diabolo/kernels/level.h>

#define DIABOLO_AT_LEVEL(level, Table, function) \
  namespace level {                              \
  const Table& function();                       \
  }

#if defined(__x86_64__)
#define DIABOLO_PER_LEVEL(Table, function)           \
  DIABOLO_AT_LEVEL(v2, Table, function)              \
  DIABOLO_AT_LEVEL(v3, Table, function)              \
  DIABOLO_AT_LEVEL(v4, Table, function)              \
  DIABOLO_AT_LEVEL(v4w, Table, function)             \
  const Table& function(Level level) {               \
    if (level == Level::v4w) return v4w::function(); \
    if (level == Level::v4) return v4::function();   \
    if (level == Level::v3) return v3::function();   \
    return v2::function();                           \
  }
#else
#define DIABOLO_PER_LEVEL(Table, function) \
  DIABOLO_AT_LEVEL(v2, Table, function)    \
  const Table& function(Level) { return v2::function(); }
#endif
