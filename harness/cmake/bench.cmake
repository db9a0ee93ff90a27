# Benchmarks: harness/bench/<subject>_bench.c is one program, bench_<subject>, that prints rows for the table that
# scripts/bench makes. They measure, so they are no tests: what a shared machine says of time must not fail a build.
file(GLOB bench_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/harness/bench/*_bench.c)
set(bench_targets)
foreach(source ${bench_sources})
  get_filename_component(subject ${source} NAME_WE)
  string(REGEX REPLACE "_bench$" "" subject ${subject})
  # The wire language needs nothing above it; what needs more names its layer here.
  set(layer cli)
  if(subject STREQUAL "reader")
    set(layer pop3)
  endif()
  add_executable(bench_${subject} ${source})
  pop3spec_link_layers(bench_${subject} ${layer})
  target_include_directories(bench_${subject} PRIVATE ${CMAKE_SOURCE_DIR}/harness/bench)
  list(APPEND bench_targets bench_${subject})
endforeach()
add_custom_target(benches DEPENDS ${bench_targets})
