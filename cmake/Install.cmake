# What `cmake --install` installs.
include(GNUInstallDirs)

install(TARGETS inferometer RUNTIME)
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(
  DIRECTORY docs/
  DESTINATION ${CMAKE_INSTALL_DOCDIR}
  FILES_MATCHING
  PATTERN "*.md"
  PATTERN images EXCLUDE)
install(DIRECTORY config/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
install(
  DIRECTORY dashboards
  DESTINATION ${CMAKE_INSTALL_DATADIR}/inferometer
  FILES_MATCHING
  PATTERN "*.json"
  PATTERN generator EXCLUDE)
install(DIRECTORY deploy/prometheus DESTINATION ${CMAKE_INSTALL_DATADIR}/inferometer)

# systemd and the shells look there, whatever the library folder of the architecture is.
configure_file(deploy/systemd/inferometer.service.in inferometer.service @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/inferometer.service deploy/systemd/inferometer.socket
        DESTINATION lib/systemd/system)

# inferometer_generated(<file> <destination> <shell command>): what the program says of itself.
function(inferometer_generated file destination command)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/generated/${file})
  get_filename_component(folder ${output} DIRECTORY)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
    COMMAND sh -c "$<TARGET_FILE:inferometer> ${command} > ${output}"
    DEPENDS inferometer
    VERBATIM)
  set_property(GLOBAL APPEND PROPERTY INFEROMETER_GENERATED ${output})
  install(FILES ${output} DESTINATION ${destination})
endfunction()

inferometer_generated(inferometer.1.gz ${CMAKE_INSTALL_MANDIR}/man1 "--help-man | gzip -9n")
inferometer_generated(bash/inferometer ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
                      --completion-script-bash)
inferometer_generated(zsh/_inferometer ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions
                      --completion-script-zsh)
inferometer_generated(fish/inferometer.fish ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d
                      --completion-script-fish)
get_property(generated GLOBAL PROPERTY INFEROMETER_GENERATED)
add_custom_target(inferometer_generated_files ALL DEPENDS ${generated})

include(Package)
