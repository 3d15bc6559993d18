# inferometer_precompile(<target> <owner> <header>...)
# Compiles the headers once, with the owner, for all targets that name it; see the option.
function(inferometer_precompile target owner)
  if(NOT INFEROMETER_PRECOMPILED_HEADERS)
    return()
  endif()
  if(target STREQUAL owner)
    target_precompile_headers(${target} PRIVATE ${ARGN})
  else()
    target_precompile_headers(${target} REUSE_FROM ${owner})
  endif()
endfunction()

# inferometer_library(<folder> SOURCES ... [DEPENDS ...] [PRIVATE ...])
# One library for one folder of src/, or of a folder in it: sim_model is that of src/sim/model.
# DEPENDS are visible in its headers. tests/lint/layers says which of ours it may link.
function(inferometer_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;PRIVATE" ${ARGN})
  add_library(inferometer_${name} STATIC ${ARG_SOURCES})
  add_library(inferometer::${name} ALIAS inferometer_${name})
  target_link_libraries(
    inferometer_${name}
    PUBLIC inferometer_settings ${ARG_DEPENDS}
    PRIVATE inferometer_warnings ${ARG_PRIVATE})
  inferometer_precompile(inferometer_${name} inferometer_base ${INFEROMETER_COMMON_HEADERS})
endfunction()

# To optimise what runs once takes longer than it saves: half of the time of a compilation.
set(INFEROMETER_TEST_OPTIONS -O0)

# inferometer_test(<name> SOURCES ... LIBRARIES ... [TIMEOUT seconds] [SERIAL])
# One doctest binary; each of its test cases is a test of ctest's, named "<name>: <case>".
# SERIAL is for tests that measure time and so want the machine for themselves.
function(inferometer_test name)
  cmake_parse_arguments(ARG "SERIAL" "TIMEOUT" "SOURCES;LIBRARIES" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  add_executable(test_${name} ${ARG_SOURCES})
  target_link_libraries(test_${name} PRIVATE inferometer_settings inferometer_warnings
                                             inferometer::test_main ${ARG_LIBRARIES})
  inferometer_precompile(test_${name} inferometer_test_main)
  target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_options(test_${name} PRIVATE ${INFEROMETER_TEST_OPTIONS})
  target_compile_definitions(test_${name} PRIVATE INFEROMETER_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  set(properties TIMEOUT ${ARG_TIMEOUT})
  if(ARG_SERIAL)
    list(APPEND properties RUN_SERIAL TRUE)
  endif()
  doctest_discover_tests(test_${name} TEST_PREFIX "${name}: " PROPERTIES ${properties})
endfunction()
