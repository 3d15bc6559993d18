# Language level, warnings and sanitizers, carried by the two interface targets
# that every target of ours links: inferometer_settings and inferometer_warnings.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(inferometer_settings INTERFACE)
target_include_directories(inferometer_settings INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_definitions(inferometer_settings INTERFACE INFEROMETER_VERSION="${PROJECT_VERSION}")
if(INFEROMETER_SANITIZER)
  target_compile_options(
    inferometer_settings INTERFACE -fsanitize=${INFEROMETER_SANITIZER} -fno-sanitize-recover=all
                                   -fno-omit-frame-pointer)
  target_link_options(inferometer_settings INTERFACE -fsanitize=${INFEROMETER_SANITIZER})
endif()

# libFuzzer is clang's, and finds little without the address sanitizer.
set(INFEROMETER_FUZZ OFF)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND INFEROMETER_SANITIZER MATCHES "address")
  set(INFEROMETER_FUZZ ON)
  # What is instrumented for it refers to it, in each executable.
  target_link_options(inferometer_settings INTERFACE -fsanitize=fuzzer-no-link)
endif()

add_library(inferometer_warnings INTERFACE)
target_compile_options(
  inferometer_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
                                 -Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast -Wcast-qual
                                 -Wimplicit-fallthrough -Wno-missing-field-initializers)
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # It takes each source that a unity build joins for a header.
  target_compile_options(inferometer_warnings INTERFACE -Wno-subobject-linkage)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # The lock annotations of base/mutex.hpp are checked by clang only.
  target_compile_options(inferometer_warnings INTERFACE -Wthread-safety -Wthread-safety-beta)
endif()
