// Streams the contents of a gzip file (zlib). Checksums, lengths, a cut end and bytes after the
// end are all noticed; several members one after another are one stream, as gzip(1) has it.
#pragma once

#include <diabolo/data/source.h>

#include <memory>
#include <string>

namespace diabolo {

/// The most that one byte of deflate can grow to: a match of 258 bytes in two bits.
inline constexpr std::uint64_t kDeflateRatio = 1032;

/// Opens a gzip file; what it holds comes out. Throws `io`.
std::unique_ptr<ByteSource> open_gzip(const std::string& path);

}  // namespace diabolo
