# `cpack -G DEB` in a build folder makes a package for the Debian that built it; `cpack -G TGZ` the same files in an archive.
set(CPACK_PACKAGE_NAME pop3spec)
set(CPACK_PACKAGE_CONTACT "The pop3spec authors <pop3spec@localhost>" CACHE STRING "Who answers for packages")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_PACKAGE_DESCRIPTION "Judges a POP3 server clause by clause: RFC 1939, 2449, 2595, 3206, 5034, 6856 and what
RFC 8314 says of POP3. Each failure shows the demand, what came instead, and the
conversation octet by octet. Comes with a reference server that misbehaves on demand.")
set(CPACK_RESOURCE_FILE_LICENSE ${CMAKE_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR DEB)
set(CPACK_DEBIAN_PACKAGE_SECTION mail)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
include(CPack)

install(FILES LICENSE RENAME copyright DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/pop3spec)
install(FILES README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/pop3spec)
