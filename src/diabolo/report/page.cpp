// The page that scripts/get_charts bundled, compressed, as cmake/embed.cmake put it into
// report_page_bytes.h; an empty one where it was not there.
#include <diabolo/base/error.h>
#include <diabolo/report/report.h>
#include <report_page_bytes.h>
#include <zlib.h>

namespace diabolo {

bool have_page() { return sizeof(kReportPage) > 1; }

std::string report_page() {
  check(have_page(), ErrorCode::unsupported, "report", "{}", kNoPage);
  std::string page(kReportPageSize, '\0');
  z_stream stream{};
  constexpr int kGzipOnly = 15 + 16;
  bool done = inflateInit2(&stream, kGzipOnly) == Z_OK;
  stream.next_in = const_cast<Bytef*>(kReportPage);
  stream.avail_in = sizeof(kReportPage);
  stream.next_out = reinterpret_cast<Bytef*>(page.data());
  stream.avail_out = static_cast<uInt>(page.size());
  done = done && inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_out == 0;
  inflateEnd(&stream);
  ensure(done, "report", "the page that was compiled in");
  return page;
}

}  // namespace diabolo
