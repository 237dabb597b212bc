// Arrays that are larger than a share of the memory lie in a file that nobody else sees: it has no
// name, so nothing stays behind, and the system keeps in memory what is in use. It is made in
// $TMPDIR or /var/tmp, and takes its room at once, so that a full disk is an error and not a crash.
#pragma once

#include <cstddef>

namespace diabolo {

/// Bytes from which on an array lies in a file: a quarter of what this process may use of the
/// machine's memory, so that an array and its copies fit.
std::size_t file_memory_from();
/// Another bound, for tests and for programs that know better; 0: the one above.
void set_file_memory_from(std::size_t bytes);

/// Zeroed bytes of a file. Not copied; moves by its owner.
struct FileMemory {
  std::byte* data = nullptr;
  std::size_t bytes = 0;
  int file = -1;
};

/// Throws `out_of_memory` without room on the disk.
FileMemory map_file_memory(std::size_t bytes);
/// More bytes with the same contents, perhaps at another place. Throws as above, and leaves
/// `memory` as it was.
void grow_file_memory(FileMemory& memory, std::size_t bytes);
void unmap_file_memory(FileMemory& memory) noexcept;

}  // namespace diabolo
