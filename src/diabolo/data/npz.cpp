#include <diabolo/data/gzip.h>
#include <diabolo/data/npy.h>
#include <diabolo/data/npz.h>
#include <zip.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace diabolo {
namespace {

struct Close {
  void operator()(zip_t* archive) const noexcept { zip_discard(archive); }
  void operator()(zip_file_t* file) const noexcept { zip_fclose(file); }
};
using Archive = std::unique_ptr<zip_t, Close>;

/// One entry of an archive, decompressed as it is read. libzip checks its checksum at the end.
class ZipSource final : public ByteSource {
 public:
  ZipSource(std::string name, zip_t* archive, std::uint64_t index, std::uint64_t archive_bytes)
      : ByteSource(std::move(name)) {
    zip_stat_t info;
    zip_stat_init(&info);
    constexpr std::uint64_t kNeeded = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
    if (zip_stat_index(archive, index, 0, &info) != 0 || (info.valid & kNeeded) != kNeeded)
      refuse(zip_strerror(archive));
    const bool encrypted =
        (info.valid & ZIP_STAT_ENCRYPTION_METHOD) && info.encryption_method != ZIP_EM_NONE;
    check(!encrypted && (info.comp_method == ZIP_CM_STORE || info.comp_method == ZIP_CM_DEFLATE),
          ErrorCode::unsupported, "npz",
          "expected an array stored or deflated as NumPy does in {}, got another compression or "
          "encryption; save it with numpy.savez",
          in_quotes(this->name()));
    const std::uint64_t growth = info.comp_method == ZIP_CM_DEFLATE ? kDeflateRatio : 1;
    stored_ = std::min(info.comp_size, archive_bytes);
    limit_ = std::min(info.size, stored_ * growth);
    file_.reset(zip_fopen_index(archive, index, 0));
    if (!file_) refuse(zip_strerror(archive));
  }

  std::size_t read(void* to, std::size_t bytes) override {
    std::size_t done = 0;
    while (done < bytes) {
      const std::int64_t n = zip_fread(file_.get(), static_cast<char*>(to) + done, bytes - done);
      if (n < 0) refuse(zip_error_strerror(zip_file_get_error(file_.get())));
      if (n == 0) break;
      done += static_cast<std::size_t>(n);
    }
    return done;
  }
  std::uint64_t limit() const override { return limit_; }
  std::uint64_t stored() const override { return stored_; }

 private:
  [[noreturn]] void refuse(std::string_view what) const {
    fail(ErrorCode::corrupt_file, "npz", "expected a whole array at {}, got '{}'; copy it again",
         in_quotes(name()), what);
  }

  std::unique_ptr<zip_file_t, Close> file_;
  std::uint64_t stored_ = 0, limit_ = 0;
};

Archive open_archive(const std::string& path) {
  int code = 0;
  Archive archive(zip_open(path.c_str(), ZIP_RDONLY, &code));
  if (!archive) {
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    const std::string reason = zip_error_strerror(&error);
    zip_error_fini(&error);
    fail(ErrorCode::corrupt_file, "npz",
         "expected a whole .npz (zip) archive at {}, got '{}'; copy it again", in_quotes(path),
         reason);
  }
  return archive;
}

struct Entry {
  std::string key;  // the name without ".npy"
  std::uint64_t index;
};

std::vector<Entry> arrays_of(zip_t* archive) {
  std::vector<Entry> entries;
  const std::int64_t count = zip_get_num_entries(archive, 0);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto index = static_cast<std::uint64_t>(i);
    const char* name = zip_get_name(archive, index, ZIP_FL_ENC_RAW);
    const std::string_view text = name != nullptr ? name : "";
    if (text.ends_with(".npy"))
      entries.push_back({std::string(text.substr(0, text.size() - 4)), index});
  }
  return entries;
}

std::string list(const std::vector<Entry>& entries) {
  constexpr std::size_t kMost = 12;
  std::string text;
  for (std::size_t i = 0; i < std::min(entries.size(), kMost); ++i)
    text += fmt::format("{}{}", i ? ", " : "", in_quotes(entries[i].key));
  if (entries.size() > kMost) text += fmt::format(" and {} more", entries.size() - kMost);
  return text;
}

}  // namespace

Tensor read_npz(const std::string& path, const std::string& key) {
  const std::uint64_t bytes = open_file(path)->limit();  // also says what is wrong with the path
  const Archive archive = open_archive(path);
  const std::vector<Entry> entries = arrays_of(archive.get());
  check(!entries.empty(), ErrorCode::unsupported, "npz",
        "expected a zip archive with .npy arrays at {}, got one without; save it with numpy.savez",
        in_quotes(path));
  const std::string wanted = key.empty() ? "X" : key;
  auto found = std::find_if(entries.begin(), entries.end(),
                            [&](const Entry& entry) { return entry.key == wanted; });
  if (key.empty() && entries.size() == 1) found = entries.begin();
  if (found == entries.end()) {
    check(!key.empty(), ErrorCode::invalid_argument, "npz",
          "expected one array, or one named 'X', in {}, got {}; choose one as {}:KEY",
          in_quotes(path), list(entries), path);
    fail(ErrorCode::invalid_argument, "npz",
         "expected an array {} in {}, got {}; choose one of them", in_quotes(key), in_quotes(path),
         list(entries));
  }
  ZipSource source(path + ":" + found->key, archive.get(), found->index, bytes);
  return read_npy(source);
}

}  // namespace diabolo
