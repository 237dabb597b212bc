#include "mutate.h"

#include <zlib.h>

#include <algorithm>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace diabolo::fuzz {
namespace {

std::string number(std::uint64_t value, std::size_t bytes, bool big_endian = false) {
  std::string text;
  for (std::size_t i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 255);
  if (big_endian) std::reverse(text.begin(), text.end());
  return text;
}

std::uint64_t number_at(const std::string& bytes, std::size_t at, std::size_t count,
                        bool big_endian = false) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count && at + i < bytes.size(); ++i) {
    const std::size_t place = big_endian ? count - 1 - i : i;
    value |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * place);
  }
  return value;
}

std::uint32_t checksum(const std::string& bytes) {
  return static_cast<std::uint32_t>(
      ::crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

constexpr int kRaw = -15, kZlib = 15, kGzip = 31;  // window bits of zlib
constexpr std::size_t kMostUnpacked = 1 << 20;

std::string pack(const std::string& bytes, int format) {
  z_stream stream{};
  ::deflateInit2(&stream, 1, Z_DEFLATED, format, 8, Z_DEFAULT_STRATEGY);
  std::string packed(::deflateBound(&stream, bytes.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  ::deflate(&stream, Z_FINISH);
  packed.resize(packed.size() - stream.avail_out);
  ::deflateEnd(&stream);
  return packed;
}

/// What comes out until an error.
std::string unpack(const std::string& bytes, int format) {
  z_stream stream{};
  ::inflateInit2(&stream, format);
  std::string unpacked(std::min(kMostUnpacked, 64 * bytes.size() + 1024), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(unpacked.data());
  stream.avail_out = static_cast<uInt>(unpacked.size());
  ::inflate(&stream, Z_FINISH);
  unpacked.resize(unpacked.size() - stream.avail_out);
  ::inflateEnd(&stream);
  return unpacked;
}

}  // namespace

std::string mutate_bytes(std::string bytes, std::size_t most) {
  const std::size_t size = bytes.size();
  bytes.resize(std::max<std::size_t>({size, std::min(most, size + 4096), 1}));
  const std::size_t n =
      LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(bytes.data()), size, bytes.size());
  bytes.resize(n);
  return bytes;
}

std::string mutate_npy(std::string file, std::size_t most, Random& random) {
  constexpr std::size_t kStart = 10;  // magic, version 1, length
  if (file.size() < kStart || file[6] != 1 || below(random, 4) == 0)
    return mutate_bytes(std::move(file), most);
  const std::size_t length = std::min<std::size_t>(number_at(file, 8, 2), file.size() - kStart);
  std::string header = file.substr(kStart, length), data = file.substr(kStart + length);
  switch (below(random, 3)) {
    case 0:
      data = mutate_bytes(std::move(data), most - std::min(most, header.size()));
      break;
    case 1: {  // another type
      static const char* const types[] = {"|b1", "|i1", "<i2", ">i4", "<i8", "|u1", ">u2", "<u4",
                                          ">u8", "<f2", ">f4", "<f8", "=f4", "|O",  "<c8", "|S3"};
      const std::size_t at = header.find("descr': '");
      if (at != std::string::npos)
        header.replace(at + 9, header.find('\'', at + 9) - at - 9,
                       types[below(random, std::size(types))]);
      break;
    }
    default:
      header = mutate_bytes(std::move(header), 65535);
  }
  return file.substr(0, 8) + number(header.size(), 2) + header + data;
}

std::string zip_of(const std::string& name, const std::string& content, bool deflated) {
  const std::string packed = deflated ? pack(content, kRaw) : content;
  const std::string about = number(0, 2) + number(deflated ? 8 : 0, 2) + number(0, 4) +
                            number(checksum(content), 4) + number(packed.size(), 4) +
                            number(content.size(), 4) + number(name.size(), 2) + number(0, 2);
  const std::string local = "PK\x03\x04" + number(20, 2) + about + name + packed;
  const std::string entry =
      "PK\x01\x02" + number(20, 2) + number(20, 2) + about + std::string(14, '\0') + name;
  return local + entry + "PK\x05\x06" + number(0, 4) + number(1, 2) + number(1, 2) +
         number(entry.size(), 4) + number(local.size(), 4) + number(0, 2);
}

std::string mutate_npz(std::string file, std::size_t most, Random& random) {
  constexpr std::size_t kHead = 30;  // of a local entry
  if (file.size() < kHead || !file.starts_with("PK\x03\x04") || below(random, 3) == 0)
    return mutate_bytes(std::move(file), most);
  const std::size_t name = number_at(file, 26, 2);
  const std::size_t begin = std::min(file.size(), kHead + name + number_at(file, 28, 2));
  std::string content = file.substr(begin, number_at(file, 18, 4));
  if (number_at(file, 8, 2) == 8) content = unpack(content, kRaw);
  return zip_of(file.substr(kHead, std::min<std::size_t>(name, 100)),
                mutate_npy(std::move(content), most, random), below(random, 2) == 0);
}

std::string mutate_gzip(std::string file, std::size_t most, Random& random) {
  if (!file.starts_with("\x1f\x8b") || below(random, 3) == 0)
    return mutate_bytes(std::move(file), most);
  return pack(mutate_bytes(unpack(file, kGzip), most), kGzip);
}

std::string mutate_png(std::string file, std::size_t most, Random& random) {
  constexpr std::size_t kMagic = 8, kAround = 12;  // length, name, checksum
  if (file.size() < kMagic + kAround || below(random, 8) == 0)
    return mutate_bytes(std::move(file), most);
  std::vector<std::pair<std::string, std::string>> chunks;
  for (std::size_t at = kMagic; at + kAround <= file.size();) {
    const std::size_t length =
        std::min<std::size_t>(number_at(file, at, 4, true), file.size() - at - kAround);
    chunks.emplace_back(file.substr(at + 4, 4), file.substr(at + 8, length));
    at += kAround + length;
  }
  if (chunks.empty()) return mutate_bytes(std::move(file), most);
  auto& [name, data] = chunks[below(random, chunks.size())];
  switch (below(random, 6)) {
    case 0:
      chunks.insert(chunks.begin() + static_cast<std::ptrdiff_t>(below(random, chunks.size())),
                    chunks[below(random, chunks.size())]);
      break;
    case 1:
      chunks.erase(chunks.begin() + static_cast<std::ptrdiff_t>(below(random, chunks.size())));
      break;
    case 2: {
      static const char* const names[] = {"IDAT", "PLTE", "tRNS", "zTXt", "iCCP", "gAMA", "IHDR"};
      name = names[below(random, std::size(names))];
      break;
    }
    default:
      data = name == "IDAT" && below(random, 2)
                 ? pack(mutate_bytes(unpack(data, kZlib), most), kZlib)
                 : mutate_bytes(std::move(data), most);
  }
  std::string changed = file.substr(0, kMagic);
  for (const auto& [kind, content] : chunks)
    changed += number(content.size(), 4, true) + kind + content +
               number(checksum(kind + content), 4, true);
  return changed;
}

}  // namespace diabolo::fuzz
