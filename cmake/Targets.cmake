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
  if(INFEROMETER_FUZZ)
    target_compile_options(inferometer_${name} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endfunction()

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
                                             inferometer::test_main inferometer::fakes
                                             ${ARG_LIBRARIES})
  target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(test_${name} PRIVATE INFEROMETER_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  if(INFEROMETER_SANITIZER MATCHES undefined)
    # It is looked for in the product: here it makes a compilation a fifth longer.
    target_compile_options(test_${name} PRIVATE -fno-sanitize=undefined)
  endif()
  # What may take long is started first, so that it does not run alone in the end.
  set(properties TIMEOUT ${ARG_TIMEOUT} COST ${ARG_TIMEOUT})
  if(ARG_SERIAL)
    list(APPEND properties RUN_SERIAL TRUE)
  else()
    # To optimise what runs once takes longer than it saves: half of the time of a compilation.
    target_compile_options(test_${name} PRIVATE -O0)
  endif()
  doctest_discover_tests(test_${name} TEST_PREFIX "${name}: " PROPERTIES ${properties})
endfunction()
