"""The JSON Schemas that editors use: every stock file fits them, and the words in them are those of the code."""
import json
import os
import pathlib
import re
import sys

import jsonschema
import yaml

SOURCE = pathlib.Path(os.environ.get("SOURCE_DIR", pathlib.Path(__file__).parents[3]))
SCENARIOS = SOURCE / "scenarios"

# What each schema must refuse: (schema, file's text).
WRONG = [
    ("scenario", "pop3spec: 2\nscenarios: []\n"),
    ("scenario", "pop3spec: 1\n"),
    ("scenario", "pop3spec: 1\nscenarios: [{name: a, title: T}]\n"),
    ("scenario", "pop3spec: 1\nscenarios: [{name: A, title: T, dialog: x}]\n"),
    ("scenario", "pop3spec: 1\nscenarios: [{name: a, title: T, mailbx: [], dialog: x}]\n"),
    ("scenario", "pop3spec: 1\nscenarios: [{name: a, title: T, needs: [topp], dialog: x}]\n"),
    ("scenario", "pop3spec: 1\nscenarios: [{name: a, title: T, state: open, dialog: x}]\n"),
    ("scenario", "pop3spec: 1\nscenarios: [{name: a, title: T, dialog: []}]\n"),
    ("scenario", "pop3spec: 1\nscenarios: [{name: a, title: T, dialog: [{C: x, S: y}]}]\n"),
    ("scenario", "pop3spec: 1\nscenarios: [{name: a, title: T, dialog: [{D: x}]}]\n"),
    ("scenario", "pop3spec: 1\nscenarios: [{name: a, title: T, dialog: [{tls: perhaps}]}]\n"),
    ("scenario", "pop3spec: 1\nscenarios: [{name: a, title: T, dialog: [{C: {user: x}}]}]\n"),
    ("scenario", "pop3spec: 1\ndefaults: {title: x}\n"),
    ("scenario", "pop3spec: 1\ntables: {a: b}\n"),
    ("scenario", "pop3spec: 1\ndefaults: {each: {a: {b: {c: [d]}}}}\n"),
    ("scenario", "pop3spec: 1\ndefaults: {except: {a: b}}\n"),
    ("scenario", "pop3spec: 1\ndefaults: {mailbox: [short *3]}\n"),
    ("fixtures", "pop3spec-fixtures: 1\nfixtures: [{name: a, what: W}]\n"),
    ("fixtures", "pop3spec-fixtures: 1\nfixtures: [{name: a, what: W, message: x, octets: 0}]\n"),
    ("clauses", "pop3spec-clauses: 1\ndocument: a\nclauses: [{id: a-1-b}]\n"),
]

# A step of every kind in the list form, which the stock files seldom use.
RIGHT = """
pop3spec: 1
include: [x.yaml]
defaults: {state: transaction, tags: [example]}
tables: {t: {u: {v: 1, w: STAT}}}
blocks: {b: [{close: }]}
scenarios:
  - name: a
    title: T
    state: '{v}'
    mailbox: [short * 3]
    each: {x: [1, NOOP], y: {lf: '\\n'}, z: t}
    except: [{x: 1, y: [lf]}]
    dialog: [{open: }, {open2: tls}, {C: 1}, {raw: '\\r'}, {S: +OK}, {S2: '...'}, {reconnect: }, {tls: either},
             {login: account 2}, {login: }, {sasl: PLAIN account 2}, {close3: }, {abort: }, {half-close: },
             {closed: fin}, {fence: QUIT}, {quiet: 300ms}, {split: crlf}, {slow: 20ms}, {reply: multi},
             {timeout: 10min}, {deliver: short}, {provoke: update-failure}, {point: }, {pipeline: [{C: NOOP}]},
             {together: [{C2: NOOP}]}, {when2 +OK: [{C: NOOP}]}, {when closed: [{use: b}]}, {use: b}]
"""


def validator(name):
    schema = json.loads((SCENARIOS / f"{name}.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def schema_of(path):
    return path.parent.name if path.parent.name in ("clauses", "fixtures") else "scenario"


def words_of(path, macro):
    return re.findall(rf'^{macro}\(\w+, "([^"]+)"', (SOURCE / path).read_text(), re.MULTILINE)


def failures(validators):
    count = 0
    for path in sorted(SCENARIOS.rglob("*.yaml")):
        count += 1
        for error in validators[schema_of(path)].iter_errors(yaml.load(path.read_text(), yaml.SafeLoader)):
            place = "/".join(str(part) for part in error.absolute_path)
            yield f"{path.relative_to(SOURCE)}: {place}: {error.message[:200]}"
    if count < 10:
        yield f"only {count} stock files were found"
    for error in validators["scenario"].iter_errors(yaml.load(RIGHT, yaml.SafeLoader)):
        yield f"a right file is refused: {list(error.absolute_path)}: {error.message[:200]}"
    for name, text in WRONG:
        if validators[name].is_valid(yaml.load(text, yaml.SafeLoader)):
            yield f"{name}.schema.json accepts:\n{text}"
    text = (SCENARIOS / "scenario.schema.json").read_text()
    for ability in words_of("harness/pop3/abilities.def", "ABILITY"):
        if f'"{ability}"' not in text:
            yield f"scenario.schema.json does not know the ability {ability}"
    for verb in words_of("harness/scenario/steps.def", "STEP"):
        if not re.search(rf'[(^|]{re.escape(verb)}[)\[$|]', text):
            yield f"scenario.schema.json does not know the step {verb}"


def main():
    validators = {name: validator(name) for name in ("scenario", "fixtures", "clauses")}
    found = list(failures(validators))
    print("\n".join(found))
    return 1 if found else 0


sys.exit(main())
