# cmake -DIN=report.html.gz -DOUT=report_page_bytes.h -P embed.cmake: a file as
# a C++ array; without IN an empty one.
set(bytes "0")
set(size 0)
if(IN)
  file(READ ${IN} hex HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
  # gzip's last four bytes are the size of what it holds.
  string(REGEX REPLACE ".*(..)(..)(..)(..)$" "0x\\4\\3\\2\\1" size "${hex}")
endif()
file(WRITE ${OUT} "#pragma once
#include <cstddef>
inline constexpr std::size_t kReportPageSize = ${size};
inline constexpr unsigned char kReportPage[] = {${bytes}};
")
