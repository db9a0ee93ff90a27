#!/bin/bash -eu
# Licensed under the Apache License, Version 2.0; see http://www.apache.org/licenses/LICENSE-2.0.
#
# Builds the fuzz targets as OSS-Fuzz and ClusterFuzzLite want them: compilers, flags and engine come from the environment,
# what is to be run goes to $OUT. FUZZ_TARGETS may name a few targets instead of all.
cd "$SRC/pop3spec"
build=$WORK/pop3spec
# The image in which targets run has not our libraries: they lie beside them, and so do those that libraries need.
export LDFLAGS="${LDFLAGS:-} -Wl,--disable-new-dtags -Wl,-rpath,'\$ORIGIN/lib'"
cmake -S . -B "$build" -G Ninja -DPOP3SPEC_TESTS=OFF -DPOP3SPEC_FUZZ=ON -DCMAKE_BUILD_TYPE=None \
    -DCMAKE_C_COMPILER_LAUNCHER= -DCMAKE_EXE_LINKER_FLAGS="$LDFLAGS"

# Libraries other than the system's own that PROGRAM loads.
libraries_of() {
    ldd "$1" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' |
        grep -vE '/(lib(c|m|dl|rt|pthread|resolv|gcc_s|stdc\+\+|c\+\+|c\+\+abi|unwind)\.so|ld-linux)' || true
}

mapfile -t targets < <(if [ -n "${FUZZ_TARGETS:-}" ]; then tr ' ' '\n' <<<"$FUZZ_TARGETS"; else cat "$build/fuzz_targets.txt"; fi)
ninja -C "$build" "${targets[@]/%/_fuzzer}"
mkdir -p "$OUT/lib"
for target in "${targets[@]}"; do
    program=$build/${target}_fuzzer
    libraries=$(libraries_of "$program")
    # MemorySanitizer must see every store, also those in libraries.
    if [ "${SANITIZER:-}" = memory ] && [ -n "$libraries" ]; then
        continue
    fi
    [ -z "$libraries" ] || xargs cp -L -t "$OUT/lib" <<<"$libraries"
    cp "$program" "$OUT/"
    if [ -e "fuzz/${target}_fuzzer.options" ]; then
        cp "fuzz/${target}_fuzzer.options" "$OUT/"
    fi
    mapfile -t folders < <(awk -F '\t' -v target="$target" '$1 == target { print $2 }' "$build/fuzz_seeds.txt")
    python3 fuzz/zip_seeds.py "$OUT/${target}_fuzzer_seed_corpus.zip" "${folders[@]}"
done
cp fuzz/*.dict "$OUT/"
