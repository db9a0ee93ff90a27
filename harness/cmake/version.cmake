# What `pop3spec --version' says: nothing in it depends on when or where the program was built, but on from what and by what.

# Of a clone, the commit that is checked out; of a source tarball, the one it was made of (scripts/tarball).
set(POP3SPEC_COMMIT "")
find_package(Git QUIET)
if(EXISTS ${CMAKE_SOURCE_DIR}/.git AND GIT_FOUND)
  execute_process(COMMAND ${GIT_EXECUTABLE} rev-parse --short=12 HEAD WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
    OUTPUT_VARIABLE POP3SPEC_COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  execute_process(COMMAND ${GIT_EXECUTABLE} rev-parse --path-format=absolute --git-path logs/HEAD
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} OUTPUT_VARIABLE log OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(EXISTS "${log}")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${log})
  endif()
elseif(EXISTS ${CMAKE_SOURCE_DIR}/.commit)
  file(STRINGS ${CMAKE_SOURCE_DIR}/.commit POP3SPEC_COMMIT LIMIT_COUNT 1)
endif()

string(TOLOWER "${CMAKE_C_COMPILER_ID}" compiler)
string(REPLACE "gnu" "gcc" compiler "${compiler}")
set(sanitizers none)
if(POP3SPEC_SANITIZE)
  set(sanitizers "address, undefined")
endif()
set(POP3SPEC_BUILD "${compiler} ${CMAKE_C_COMPILER_VERSION}, ${CMAKE_BUILD_TYPE}, sanitizers: ${sanitizers}")
string(CONCAT POP3SPEC_LIBRARIES "OpenSSL ${OPENSSL_VERSION}, libyaml ${YAML_VERSION}, GNU SASL ${GSASL_VERSION}, "
  "jansson ${JANSSON_VERSION}, libxml2 ${XML2_VERSION}, PCRE2 ${PCRE2_VERSION}")
