#!/usr/bin/env bash
# Formatting, shell scripts, Python files and the arrows between the layers are as scripts/lint wants them.
set -euo pipefail
exec "$SOURCE_DIR/scripts/lint"
