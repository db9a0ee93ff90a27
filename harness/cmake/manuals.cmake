# The manuals pop3spec(1) and pop3spec-scenario(5), made by scripts/manual from the program's tables of options and from
# scenarios/README.md. Without Python there are none.
find_package(Python3 QUIET COMPONENTS Interpreter)
if(NOT Python3_FOUND)
  message(STATUS "Python 3 is missing: no manuals are made")
  return()
endif()
set(manuals ${CMAKE_BINARY_DIR}/man)
add_custom_command(OUTPUT ${manuals}/pop3spec.1 ${manuals}/pop3spec-scenario.5
  COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/scripts/manual $<TARGET_FILE:pop3spec> ${manuals}
  DEPENDS pop3spec ${CMAKE_SOURCE_DIR}/scripts/manual ${CMAKE_SOURCE_DIR}/scenarios/README.md ${CMAKE_SOURCE_DIR}/README.md
  COMMENT "Making the manuals" VERBATIM)
add_custom_target(manuals ALL DEPENDS ${manuals}/pop3spec.1 ${manuals}/pop3spec-scenario.5)
install(FILES ${manuals}/pop3spec.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 OPTIONAL)
install(FILES ${manuals}/pop3spec-scenario.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5 OPTIONAL)
