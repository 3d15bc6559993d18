# The Debian package that `cpack` makes in the build folder: what is installed, and the service's own
# configuration, which a plain installation leaves alone. It is for the release of Debian that it was
# built on, whose libraries it depends on.
install(FILES deploy/debian/inferometer.yml DESTINATION ${CMAKE_INSTALL_FULL_SYSCONFDIR}/inferometer
        COMPONENT service EXCLUDE_FROM_ALL)
install(FILES deploy/debian/default DESTINATION ${CMAKE_INSTALL_FULL_SYSCONFDIR}/default
        RENAME inferometer COMPONENT service EXCLUDE_FROM_ALL)
install(FILES deploy/debian/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT service
        EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME inferometer)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "Inferometer's developers <inferometer@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "latency of LLM APIs for Prometheus")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "Inferometer sends small synthetic requests to LLM providers on a schedule,\n\
measures time to first token, inter-token latency, speed and failures, and\n\
exports them as Prometheus histograms.")
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "ca-certificates, init-system-helpers (>= 1.54~)")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${CMAKE_CURRENT_SOURCE_DIR}/deploy/debian/conffiles
    ${CMAKE_CURRENT_SOURCE_DIR}/deploy/debian/postinst
    ${CMAKE_CURRENT_SOURCE_DIR}/deploy/debian/prerm
    ${CMAKE_CURRENT_SOURCE_DIR}/deploy/debian/postrm)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_SET_DESTDIR ON)
set(CPACK_COMPONENTS_ALL Unspecified service)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
include(CPack)
