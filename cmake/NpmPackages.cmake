# Packages of npm's, which tests/install_npm_packages installs, and tests in JavaScript.

# Stops the configuration where the packages of a folder, given from the
# root of the repository, are not installed as its lock file says.
function(inferometer_require_npm_packages folder)
  find_program(NODE NAMES node nodejs)
  if(NOT NODE)
    message(FATAL_ERROR "The tests need Node.js 18 or later, with npm. ./dev test installs both; "
                        "without the tests, configure with -DINFEROMETER_TESTS=OFF.")
  endif()
  set(lock_file ${PROJECT_SOURCE_DIR}/${folder}/package-lock.json)
  set(installed_lock_file ${PROJECT_SOURCE_DIR}/${folder}/node_modules/.installed-lock.json)
  set(installed_hash "none")
  file(SHA256 ${lock_file} lock_hash)
  if(EXISTS ${installed_lock_file})
    file(SHA256 ${installed_lock_file} installed_hash)
  endif()
  if(NOT lock_hash STREQUAL installed_hash)
    message(FATAL_ERROR "What ${lock_file} names is not installed. Run tests/install_npm_packages "
                        "${folder}, as ./dev test does; without the tests, configure with "
                        "-DINFEROMETER_TESTS=OFF.")
  endif()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${lock_file})
endfunction()

# Each test in these files is a test of ctest's, named by the prefix and its own name.
function(inferometer_node_tests prefix)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${ARGN})
  foreach(file ${ARGN})
    file(STRINGS ${file} lines REGEX "^test\\('[^']+'")
    foreach(line ${lines})
      string(REGEX REPLACE "^test\\('([^']+)'.*" "\\1" name "${line}")
      add_test(NAME "${prefix}${name}" COMMAND ${NODE} "--test-name-pattern=^${name}$"
                                               ${CMAKE_CURRENT_SOURCE_DIR}/${file})
      set_tests_properties(
        "${prefix}${name}" PROPERTIES ENVIRONMENT "INFEROMETER_BINARY=$<TARGET_FILE:inferometer>"
                                      TIMEOUT 60)
    endforeach()
  endforeach()
endfunction()
