#!/usr/bin/env python3
"""Packs seeds: zip_seeds.py ARCHIVE.zip FOLDER...  The same seeds give the same archive, octet for octet."""

import pathlib
import sys
import zipfile


def main(archive, *folders):
    files = {}
    for folder in map(pathlib.Path, folders):
        for path in folder.rglob("*"):
            if path.is_file():
                files[str(path.relative_to(folder)).replace("/", "-")] = path.read_bytes()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as output:
        for name in sorted(files):
            output.writestr(zipfile.ZipInfo(name), files[name], zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    main(*sys.argv[1:])
