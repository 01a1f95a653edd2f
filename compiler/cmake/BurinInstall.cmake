# What `cmake --install` puts into a relocatable tree:
#   bin/burin, lib/burin/runtime/<arch>/burin_rt.bc (by runtime-lib), lib/cmake/Burin
# The compiler finds its runtime beside itself, and LLVM through its RPATH.
include(CMakePackageConfigHelpers)

install(TARGETS burin RUNTIME DESTINATION bin)
configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/BurinConfig.cmake.in"
  "${CMAKE_BINARY_DIR}/cmake/BurinConfig.cmake" INSTALL_DESTINATION lib/cmake/Burin)
write_basic_package_version_file("${CMAKE_BINARY_DIR}/cmake/BurinConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_BINARY_DIR}/cmake/BurinConfig.cmake"
  "${CMAKE_BINARY_DIR}/cmake/BurinConfigVersion.cmake"
  "${CMAKE_CURRENT_LIST_DIR}/BurinAddModel.cmake" DESTINATION lib/cmake/Burin)
