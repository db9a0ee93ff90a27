# The manuals, made by scripts/manual: pop3spec(1) from the program's tables of options and the table of exit codes, those of
# section 5 from the pages named here. Without Python there are none.
find_package(Python3 QUIET COMPONENTS Interpreter)
if(NOT Python3_FOUND)
  message(STATUS "Python 3 is missing: no manuals are made")
  return()
endif()
set(manuals ${CMAKE_BINARY_DIR}/man)
set(formats ${manuals}/pop3spec-scenario.5 ${manuals}/pop3spec-target.5 ${manuals}/pop3spec-reports.5)
add_custom_command(OUTPUT ${manuals}/pop3spec.1 ${formats}
  COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/scripts/manual $<TARGET_FILE:pop3spec> ${manuals}
  DEPENDS pop3spec ${CMAKE_SOURCE_DIR}/scripts/manual ${CMAKE_SOURCE_DIR}/scenarios/README.md
    ${CMAKE_SOURCE_DIR}/harness/target/README.md ${CMAKE_SOURCE_DIR}/reports/README.md
  COMMENT "Making the manuals" VERBATIM)
add_custom_target(manuals ALL DEPENDS ${manuals}/pop3spec.1 ${formats})
install(FILES ${manuals}/pop3spec.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 OPTIONAL)
install(FILES ${formats} DESTINATION ${CMAKE_INSTALL_MANDIR}/man5 OPTIONAL)
