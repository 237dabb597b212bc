// Mutators that know a format: they change what is inside, and make lengths and checksums right, so
// that changes get past the first check. Each makes a change of its own kind now and then, and else
// leaves the bytes to libFuzzer.
#pragma once

#include <cstdint>
#include <random>
#include <string>

namespace diabolo::fuzz {

using Random = std::minstd_rand;

/// Below n, which is at least 1.
inline std::size_t below(Random& random, std::size_t n) { return random() % n; }

/// `bytes` changed by libFuzzer, of at most `most`.
std::string mutate_bytes(std::string bytes, std::size_t most);

/// Each changes an input of a format, which may be damaged already.
std::string mutate_json(std::string text, std::size_t most, Random& random);
std::string mutate_safetensors(std::string file, std::size_t most, Random& random);
std::string mutate_npy(std::string file, std::size_t most, Random& random);
std::string mutate_npz(std::string file, std::size_t most, Random& random);
std::string mutate_gzip(std::string file, std::size_t most, Random& random);
std::string mutate_png(std::string file, std::size_t most, Random& random);

/// A zip archive of stored entries.
std::string zip_of(const std::string& name, const std::string& content, bool deflated);

}  // namespace diabolo::fuzz

#define DIABOLO_FUZZ_MUTATOR(mutate)                                                    \
  extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,  \
                                                 std::size_t most, unsigned int seed) { \
    diabolo::fuzz::Random random(seed);                                                 \
    std::string bytes = mutate(std::string(data, data + size), most, random);           \
    bytes.resize(std::min(bytes.size(), most));                                         \
    std::copy(bytes.begin(), bytes.end(), data);                                        \
    return bytes.size();                                                                \
  }
