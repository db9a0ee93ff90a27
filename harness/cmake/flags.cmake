# One set of compiler flags for every layer, test and fuzz target: INTERFACE target pop3spec_flags.
add_library(pop3spec_flags INTERFACE)

target_compile_definitions(pop3spec_flags INTERFACE _GNU_SOURCE)
target_compile_options(pop3spec_flags INTERFACE
  -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wcast-align -Wcast-qual -Wformat=2
  -Wimplicit-fallthrough -Wmissing-prototypes -Wnull-dereference -Wpointer-arith -Wstrict-prototypes
  -include ${CMAKE_SOURCE_DIR}/harness/base/banned.h
  -Wswitch-enum -Wundef -Wunused -Wvla -Wwrite-strings -fno-strict-aliasing)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  target_compile_options(pop3spec_flags INTERFACE -Wduplicated-cond -Wlogical-op)
endif()
if(POP3SPEC_WERROR)
  target_compile_options(pop3spec_flags INTERFACE -Werror)
endif()

if(POP3SPEC_SANITIZE)
  target_compile_options(pop3spec_flags INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(pop3spec_flags INTERFACE -fsanitize=address,undefined)
else()
  target_compile_options(pop3spec_flags INTERFACE -fstack-protector-strong)
  target_compile_definitions(pop3spec_flags INTERFACE $<$<CONFIG:Release,RelWithDebInfo>:_FORTIFY_SOURCE=2>)
endif()

if(POP3SPEC_COVERAGE)
  target_compile_options(pop3spec_flags INTERFACE -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(pop3spec_flags INTERFACE -fprofile-instr-generate)
endif()

if(POP3SPEC_FUZZ)
  if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "POP3SPEC_FUZZ needs clang: configure with -DCMAKE_C_COMPILER=clang")
  endif()
  # Coverage instrumentation everywhere; the engine itself is linked to the fuzz programs only (fuzz.cmake). Who says which
  # engine, by LIB_FUZZING_ENGINE, says also how to instrument for it, by CFLAGS.
  if(NOT DEFINED ENV{LIB_FUZZING_ENGINE})
    target_compile_options(pop3spec_flags INTERFACE -fsanitize=fuzzer-no-link)
  endif()
endif()
