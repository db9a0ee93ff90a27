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
