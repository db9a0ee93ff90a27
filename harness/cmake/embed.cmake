# Builds a file's octets into a layer: `extern const unsigned char SYMBOL[]; extern const size_t SYMBOL_size;`
function(pop3spec_embed layer file symbol)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(READ ${file} hexadecimal HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," octets "${hexadecimal}")
  string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n" octets "${octets}")
  set(source ${CMAKE_BINARY_DIR}/embedded/${symbol}.c)
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT
"#include <stddef.h>
const unsigned char @symbol@[] = {\n@octets@\n};
const size_t @symbol@_size = sizeof(@symbol@);
")
  pop3spec_layer_target(${layer} target)
  target_sources(${target} PRIVATE ${source})
endfunction()

# "sha256-..." of TEXT, as a Content-Security-Policy names what may run or style.
function(pop3spec_policy_hash text ret_hash)
  set(alphabet "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  string(SHA256 digits "${text}")
  set(base64 "")
  foreach(start RANGE 0 60 6) # of 32 octets the last three hold one that is not there
    string(SUBSTRING "${digits}00" ${start} 6 group)
    foreach(shift 18 12 6 0)
      math(EXPR index "(0x${group} >> ${shift}) & 63")
      string(SUBSTRING "${alphabet}" ${index} 1 character)
      string(APPEND base64 "${character}")
    endforeach()
  endforeach()
  string(SUBSTRING "${base64}" 0 43 base64)
  set(${ret_hash} "sha256-${base64}=" PARENT_SCOPE)
endfunction()

# The page NAME of reports/: NAME.html, with the style and script that all pages share, and NAME's own, in their places.
# Data takes its place when the page is written (report/html_text.h). Nothing but these very octets may run in it.
function(pop3spec_embed_page layer name symbol)
  set(folder ${CMAKE_SOURCE_DIR}/reports)
  foreach(kind css js)
    file(READ ${folder}/page.${kind} shared)
    file(READ ${folder}/${name}.${kind} own)
    set(${kind} "\n${shared}\n${own}")
    if("${${kind}}" MATCHES "{{")
      message(FATAL_ERROR "reports/page.${kind} or ${name}.${kind} has {{ in it, which begins a place for data")
    endif()
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${folder}/page.${kind} ${folder}/${name}.${kind})
  endforeach()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${folder}/${name}.html)
  file(READ ${folder}/${name}.html page)
  pop3spec_policy_hash("${css}" style_hash)
  pop3spec_policy_hash("${js}" script_hash)
  string(REPLACE "{{style-hash}}" "${style_hash}" page "${page}")
  string(REPLACE "{{script-hash}}" "${script_hash}" page "${page}")
  string(REPLACE "{{style}}" "${css}" page "${page}")
  string(REPLACE "{{script}}" "${js}" page "${page}")
  file(WRITE ${CMAKE_BINARY_DIR}/embedded/${name}.html "${page}")
  pop3spec_embed(${layer} ${CMAKE_BINARY_DIR}/embedded/${name}.html ${symbol})
endfunction()
