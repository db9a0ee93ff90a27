#!/usr/bin/env bash
# gcc, with warnings as errors and without sanitizers, builds everything; and what it built passes the tests. Script
# tests are left out: they are the same for every build, and this is one of them.
set -euo pipefail
"$SOURCE_DIR/scripts/build" gcc
"$SOURCE_DIR/scripts/ctest-strict" "$SOURCE_DIR/build/gcc" --exclude-regex '^scripts/'
