# The library parses files from anywhere: optimised builds get checked libc calls, stack canaries,
# read-only relocations and position-independent programs. Kernels too: ./run bench product with
# and without showed no difference.
include(CheckPIESupported)
check_pie_supported()
if(NOT DIABOLO_SANITIZE AND NOT APPLE)  # sanitizers check more, and the two do not mix
  target_compile_options(diabolo_flags INTERFACE -fstack-protector-strong
    $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE$<SEMICOLON>-D_FORTIFY_SOURCE=2>)
  target_link_options(diabolo_flags INTERFACE -Wl,-z,relro,-z,now)
endif()
