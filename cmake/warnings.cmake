# Flags that all of our own code is built with.
add_library(diabolo_flags INTERFACE)
# Arithmetic is exact and the same at every optimisation level: no contraction into fused
# multiply-adds; a square root sets no errno, so that it vectorises.
target_compile_options(diabolo_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wno-sign-conversion
  -ffp-contract=off -fno-math-errno)
if(DIABOLO_SANITIZE)
  target_compile_options(diabolo_flags INTERFACE
    -fsanitize=${DIABOLO_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g1)
  target_link_options(diabolo_flags INTERFACE -fsanitize=${DIABOLO_SANITIZE})
endif()
