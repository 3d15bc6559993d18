# Writes OUTPUT from TEMPLATE with the git revision and branch of SOURCE_DIR, and leaves it alone if
# that is what it holds. Both are "unknown" where SOURCE_DIR is no work tree of its own, as from a
# tarball, also one that was unpacked within another repository. A changed work tree is "-dirty".
# GIVEN_REVISION, unless empty, is the revision instead.
function(ask_git result)
  execute_process(
    COMMAND git ${ARGN}
    WORKING_DIRECTORY ${SOURCE_DIR}
    RESULT_VARIABLE status
    OUTPUT_VARIABLE answer
    ERROR_QUIET
    OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT status EQUAL 0 OR answer STREQUAL "")
    set(answer unknown)
  endif()
  set(${result} ${answer} PARENT_SCOPE)
endfunction()

set(REVISION unknown)
set(BRANCH unknown)
if(GIVEN_REVISION)
  string(REGEX REPLACE "[^A-Za-z0-9._/+-]" "_" REVISION "${GIVEN_REVISION}")
elseif(EXISTS ${SOURCE_DIR}/.git)
  ask_git(REVISION describe --always --dirty --abbrev=40 --exclude=*)
  ask_git(BRANCH rev-parse --abbrev-ref HEAD)
endif()
# A branch may be called nearly anything, and stands in a string of C++.
string(REGEX REPLACE "[^A-Za-z0-9._/+-]" "_" BRANCH "${BRANCH}")
configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
