# `cmake --install BUILD --prefix X`: the command, the library, its headers, and what
# find_package(diabolo) needs.
include(CMakePackageConfigHelpers)
set(config_folder ${CMAKE_INSTALL_LIBDIR}/cmake/diabolo)

install(TARGETS diabolo EXPORT diaboloTargets)
if(TARGET diabolo_command)
  install(TARGETS diabolo_command)
endif()
# The insides of kernels are compiled per instruction-set level: no header for users includes them.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/src/diabolo TYPE INCLUDE FILES_MATCHING PATTERN "*.h"
        PATTERN cli EXCLUDE PATTERN kernels/portable EXCLUDE PATTERN kernels/onednn EXCLUDE)
install(EXPORT diaboloTargets NAMESPACE diabolo:: DESTINATION ${config_folder})

set(packages "")  # a shared library has found its own already
get_target_property(type diabolo TYPE)
if(type STREQUAL STATIC_LIBRARY)
  get_target_property(packages diabolo DIABOLO_PACKAGES)
endif()
configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/diaboloConfig.cmake.in ${PROJECT_BINARY_DIR}/diaboloConfig.cmake
  INSTALL_DESTINATION ${config_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/diaboloConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/diaboloConfig.cmake
              ${PROJECT_BINARY_DIR}/diaboloConfigVersion.cmake DESTINATION ${config_folder})
