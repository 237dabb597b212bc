// Usage: safetensors_copy FROM TO: reads one file with our reader and writes it with our writer.
#include <diabolo/base/error.h>
#include <diabolo/io/safetensors.h>

#include <cstdio>

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  try {
    diabolo::write_safetensors(argv[2], diabolo::read_safetensors(argv[1]));
    return 0;
  } catch (const diabolo::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
