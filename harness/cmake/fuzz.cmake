# fuzz/<name>_fuzzer.c is a libFuzzer/AFL++ target. Every compiler builds the replay program replay_<name>, and ctest
# replays corpus/<name>/ with it; with POP3SPEC_FUZZ clang builds <name>_fuzzer too. LIB_FUZZING_ENGINE (from the
# environment, as OSS-Fuzz gives it) names another engine than libFuzzer.
# fuzz_targets.txt in the build folder lists the targets, one name a line, for scripts to go by.
# A target links the whole program unless it names its layers here: what links neither libyaml nor OpenSSL can be built
# with MemorySanitizer, and starts faster.
set(fuzz_layers_command_parser pop3)
set(fuzz_layers_reply_reader pop3)
set(fuzz_layers_scenario_loader scenario)
set(fuzz_layers_server_lines pop3)
set(fuzz_layers_patterns scenario)
set(fuzz_layers_printable result)
set(fuzz_layers_reports report)
set(fuzz_layers_session refserver model inputs)
set(fuzz_layers_driver exec net scenario inputs)
# What a target is made of besides fuzz/<name>_fuzzer.c, in fuzz/ too.
set(fuzz_parts_session session_play.c)
set(fuzz_parts_patterns naive_patterns.c allocated.c)
set(fuzz_parts_printable allocated.c)
set(fuzz_parts_reports report_shapes.c)
set(fuzz_parts_driver hostile_server.c)
# Seeds besides corpus/<name>/.
set(fuzz_seeds_scenario_loader scenarios)

# The naive parsers and readers that targets compare with are the tests' own.
function(pop3spec_link_fuzz_target target name)
  set(layers cli)
  if(DEFINED fuzz_layers_${name})
    set(layers ${fuzz_layers_${name}})
  endif()
  foreach(layer ${layers})
    pop3spec_link_layers(${target} ${layer})
  endforeach()
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/harness/tests)
endfunction()

# Functions that SOURCES define by WRAP (fuzz/wrap.h) stand before those of the product.
function(pop3spec_wrap target)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${ARGN})
  foreach(source ${ARGN})
    file(STRINGS ${source} wraps REGEX "^WRAP\\(")
    foreach(wrap ${wraps})
      string(REGEX REPLACE "^WRAP\\([^,]+, ([a-z0-9_]+).*" "\\1" function ${wrap})
      target_link_options(${target} PRIVATE -Wl,--wrap=${function})
    endforeach()
  endforeach()
endfunction()

# planted_<name> replays with the mistakes of fuzz/plants/<name>.c, each of which must end in an oracle (fuzz/plants/plants.h).
function(pop3spec_add_planted name)
  set(plants ${CMAKE_SOURCE_DIR}/fuzz/plants/${name}.c)
  add_executable(planted_${name} ${ARGN} ${plants} ${CMAKE_SOURCE_DIR}/fuzz/standalone_main.c)
  target_compile_definitions(planted_${name} PRIVATE FUZZ_REPLAY)
  pop3spec_wrap(planted_${name} ${ARGN} ${plants})
  pop3spec_link_fuzz_target(planted_${name} ${name})
  add_test(NAME oracles/${name} COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/fuzz/plants/check.py
    $<TARGET_FILE:planted_${name}> ${CMAKE_SOURCE_DIR}/corpus/${name} ${plants} ${ARGN})
  set_tests_properties(oracles/${name} PROPERTIES TIMEOUT 300)
endfunction()

find_package(Python3 REQUIRED COMPONENTS Interpreter)
file(GLOB fuzz_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/fuzz/*_fuzzer.c)
foreach(source ${fuzz_sources})
  get_filename_component(name ${source} NAME_WE)
  string(REGEX REPLACE "_fuzzer$" "" name ${name})
  list(TRANSFORM fuzz_parts_${name} PREPEND ${CMAKE_SOURCE_DIR}/fuzz/ OUTPUT_VARIABLE parts)
  set(sources ${source} ${parts})
  add_executable(replay_${name} ${sources} ${CMAKE_SOURCE_DIR}/fuzz/standalone_main.c)
  target_compile_definitions(replay_${name} PRIVATE FUZZ_REPLAY)
  pop3spec_link_fuzz_target(replay_${name} ${name})
  pop3spec_wrap(replay_${name} ${sources})
  list(TRANSFORM fuzz_seeds_${name} PREPEND ${CMAKE_SOURCE_DIR}/ OUTPUT_VARIABLE seeds)
  add_test(NAME corpus/${name} COMMAND replay_${name} ${CMAKE_SOURCE_DIR}/corpus/${name} ${seeds})
  set_tests_properties(corpus/${name} PROPERTIES TIMEOUT 300)
  list(APPEND fuzz_targets ${name})
  if(EXISTS ${CMAKE_SOURCE_DIR}/fuzz/plants/${name}.c)
    pop3spec_add_planted(${name} ${sources})
  endif()
  if(POP3SPEC_FUZZ)
    # What the oracles do is no coverage worth searching for, and recording it would cost most of the time.
    set_source_files_properties(${sources} PROPERTIES COMPILE_OPTIONS -fno-sanitize=fuzzer-no-link)
    set(engine $ENV{LIB_FUZZING_ENGINE})
    if(NOT engine)
      set(engine -fsanitize=fuzzer)
    endif()
    add_executable(${name}_fuzzer ${sources})
    pop3spec_link_fuzz_target(${name}_fuzzer ${name})
    pop3spec_wrap(${name}_fuzzer ${sources})
    target_link_options(${name}_fuzzer PRIVATE ${engine})
  endif()
endforeach()
list(JOIN fuzz_targets "\n" fuzz_target_lines)
file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/fuzz_targets.txt CONTENT "${fuzz_target_lines}\n")

# The target that must crash, and is none of those above: what lets it pass has lost its checks.
add_executable(replay_canary ${CMAKE_SOURCE_DIR}/fuzz/canary.c ${CMAKE_SOURCE_DIR}/fuzz/standalone_main.c)
target_link_libraries(replay_canary PRIVATE pop3spec_flags)
add_test(NAME fuzz/canary COMMAND ${CMAKE_SOURCE_DIR}/fuzz/canary_test.sh $<TARGET_FILE:replay_canary>
  ${CMAKE_SOURCE_DIR}/corpus/canary $<$<BOOL:${POP3SPEC_SANITIZE}>:sanitized>)
if(POP3SPEC_FUZZ)
  add_executable(canary_fuzzer ${CMAKE_SOURCE_DIR}/fuzz/canary.c)
  target_link_libraries(canary_fuzzer PRIVATE pop3spec_flags)
  target_link_options(canary_fuzzer PRIVATE ${engine})
endif()
