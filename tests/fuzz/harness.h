// What all fuzz targets share: an input as a file, and what counts as a failure beside a crash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace diabolo::fuzz {

using Bytes = std::span<const std::uint8_t>;

/// Runs `use` with the path of a file (in memory) that holds `input`. It reads the file, uses what
/// it read a little, and returns how many bytes it decoded; what it throws as Error (or a
/// UsageError of the command line) is a refusal, and right. The process ends with a failure for
///   other exceptions, and errors of code `internal`;
///   messages and warnings that are not one line of UTF-8 of at most 4096 bytes;
///   more than one second of processor time;
///   more than 64 MiB + 10 x the bytes of the input, or of what was decoded, in memory at once.
/// Always 0, as libFuzzer wants it.
int attempt(Bytes input, std::size_t (*use)(const std::string& path));

/// Where a target may write a file, to read it again; in memory, and gone when the process ends.
const std::string& scratch_file();

/// Ends the process with a failure unless it holds: what was written must come back.
void expect(bool holds, const char* what);

}  // namespace diabolo::fuzz

/// Defines the target: use(path) as in `attempt`.
#define DIABOLO_FUZZ_TARGET(use)                                                      \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) { \
    return diabolo::fuzz::attempt({data, size}, use);                                 \
  }
