#!/usr/bin/env bash
# Some seconds of libFuzzer on one target, as ctest runs it: brief.sh NAME|build
#
# `build` makes the fuzzers of every target in build/fuzz. FUZZ_SECONDS says how long. What is found is put into
# build/fuzz/found-NAME-*, and how to repeat it stands in fuzz/README.md.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
name=$1
folder=$root/build/fuzz

if [ "$name" = build ]; then
    fuzzers=()
    for source in "$root"/fuzz/*_fuzzer.c; do
        fuzzers+=("$(basename "$source" .c)")
    done
    exec "$root/scripts/build" fuzz "${fuzzers[@]}"
fi

options=()
while read -r key _ value; do
    case $key in
    max_len) options+=("-max_len=$value") ;;
    dict) options+=("-dict=$root/fuzz/$value") ;;
    esac
done <"$root/fuzz/${name}_fuzzer.options"
mapfile -t seeds < <(awk -F '\t' -v name="$name" '$1 == name { print $2 }' "$folder/fuzz_seeds.txt")
found=$(mktemp -d)
trap 'rm -rf "$found"' EXIT
# The same seed each time, so that a change is what makes the difference.
"$folder/${name}_fuzzer" -seed=1337 -max_total_time="${FUZZ_SECONDS:-20}" -timeout=25 -verbosity=0 -print_final_stats=1 \
    -artifact_prefix="$folder/found-$name-" "${options[@]}" "$found" "${seeds[@]}"
