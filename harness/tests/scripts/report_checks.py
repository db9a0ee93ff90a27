"""What a well-formed report is, for the tests that read reports: TAP 14, JUnit, JSON by its schema, HTML."""

import base64
import hashlib
import html.parser
import json
import os
import pathlib
import re
import subprocess
import xml.etree.ElementTree

REPORTS = pathlib.Path(os.environ["SOURCE_DIR"]) / "reports"
RESULTS_SCHEMA = json.loads((REPORTS / "results.schema.json").read_text())
PROOF_SCHEMA = json.loads((REPORTS / "proof.schema.json").read_text())
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


class Malformed(AssertionError):
    """A report that is not what its format says."""


def has_type(value, names):
    names = [names] if isinstance(names, str) else names
    return any(isinstance(value, TYPES[name]) and not (name == "integer" and isinstance(value, bool)) for name in names)


def check_schema(value, schema, root, where="$"):
    """The part of JSON Schema that our schemas use; ROOT has the $defs. A key word that is not known here is an error."""
    known = {"$schema", "$id", "$defs", "$ref", "title", "description", "type", "required", "properties", "const",
             "additionalProperties", "items", "enum", "pattern", "minimum"}
    if set(schema) - known:
        raise Malformed(f"the schema uses {set(schema) - known}")
    if "$ref" in schema:
        check_schema(value, root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root, where)
    if "type" in schema and not has_type(value, schema["type"]):
        raise Malformed(f"{where} is {value!r}, not of type {schema['type']}")
    if "const" in schema and value != schema["const"]:
        raise Malformed(f"{where} is {value!r}, not {schema['const']!r}")
    if "enum" in schema and value not in schema["enum"]:
        raise Malformed(f"{where} is {value!r}, not one of {schema['enum']}")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        raise Malformed(f"{where} is {value!r}, not {schema['pattern']}")
    if "minimum" in schema and value < schema["minimum"]:
        raise Malformed(f"{where} is {value!r}, below {schema['minimum']}")
    if isinstance(value, list):
        for index, item in enumerate(value):
            check_schema(item, schema.get("items", {}), root, f"{where}[{index}]")
    if isinstance(value, dict):
        check_object(value, schema, root, where)


def check_object(value, schema, root, where):
    for key in schema.get("required", []):
        if key not in value:
            raise Malformed(f"{where} has no {key}")
    for key, item in value.items():
        check_schema(item, schema.get("properties", {}).get(key, schema.get("additionalProperties", {})),
                     root, f"{where}.{key}")


def refuse_duplicate_keys(pairs):
    result = dict(pairs)
    if len(result) != len(pairs):
        raise Malformed(f"a key twice in {pairs}")
    return result


def check_json(text):
    """Returns the results, with counts that agree with the cases."""
    results = json.loads(text, object_pairs_hook=refuse_duplicate_keys)
    check_schema(results, RESULTS_SCHEMA, RESULTS_SCHEMA)
    verdicts = [case["verdict"] for case in results["cases"]]
    others = {"cases": len(verdicts), "flaky": sum(case["flaky"] for case in results["cases"]),
              "varies": sum(case["varies"] for case in results["cases"])}
    for verdict, count in results["summary"].items():
        if count != others.get(verdict, verdicts.count(verdict)):
            raise Malformed(f"the summary says {count} {verdict}")
    return results


def check_proof_json(text):
    """Returns the proof, whose counts agree with its faults, and which has no field that its schema does not describe."""
    proof = json.loads(text, object_pairs_hook=refuse_duplicate_keys)
    check_schema(proof, PROOF_SCHEMA, PROOF_SCHEMA)
    for seam in proof["seams"]:
        faults = [fault for fault in proof["faults"] if fault["seam"] == seam["id"]]
        if seam["faults"] != len(faults) or seam["caught"] != sum(fault["state"] == "caught" for fault in faults):
            raise Malformed(f"{seam} does not agree with {len(faults)} faults")
    described = [(proof, PROOF_SCHEMA), *((fault, PROOF_SCHEMA["$defs"]["fault"]) for fault in proof["faults"]),
                 *((server, PROOF_SCHEMA["$defs"]["server"]) for server in proof["variants"] + proof["combinations"])]
    for value, schema in described:
        if set(value) - set(schema["properties"]):
            raise Malformed(f"{set(value) - set(schema['properties'])} is not in the schema")
    return proof


TAP_POINT = re.compile(r"(ok|not ok) (\d+) - ((?:[^#\\]|\\[#\\])*?)(?: # (SKIP|TODO)(?: (?:[^#\\]|\\[#\\])*)?)?")
YAML_LINE = re.compile(r'  (?:[a-z_]+:|[a-z_]+: (?:[a-z]+|\d+|"(?:[^"\\]|\\["\\])*")|  - "(?:[^"\\]|\\["\\])*")')


def check_tap(text):
    """Returns (ok, directive) of each test point."""
    lines = text.split("\n")
    if lines[0] != "TAP version 14" or lines[-1] != "" or CONTROL.search(text):
        raise Malformed("no TAP version 14, no last line end, or a control character")
    plan = re.fullmatch(r"1\.\.(\d+)( # SKIP .*)?", lines[1])
    points, in_yaml = [], False
    for line in lines[2:-1]:
        if in_yaml:
            in_yaml = line != "  ..."
            if in_yaml and not YAML_LINE.fullmatch(line):
                raise Malformed(f"not of our YAML: {line!r}")
        elif line == "  ---":
            in_yaml = True
        elif not line.startswith("# "):
            point = TAP_POINT.fullmatch(line)
            if not point or int(point[2]) != len(points) + 1:
                raise Malformed(f"not the next test point: {line!r}")
            points.append((point[1] == "ok", point[4]))
    if in_yaml or not plan or int(plan[1]) != len(points):
        raise Malformed("an open YAML block, or a plan that is not kept")
    return points


def check_junit(text):
    """Returns the root of what fits reports/junit.xsd, whose counts agree with its test cases at each level."""
    schema = pathlib.Path(os.environ["SOURCE_DIR"]) / "reports/junit.xsd"
    done = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", schema, "-"], input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Malformed(done.stderr[:2000])
    root = xml.etree.ElementTree.fromstring(text.encode())
    if root.tag != "testsuites" or CONTROL.search(text):
        raise Malformed("no <testsuites>, or a control character")
    for element in [root, *root.findall("testsuite")]:
        cases = list(element.iter("testcase"))
        counts = {"tests": len(cases)}
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            counts[attribute] = sum(case.find(tag) is not None for case in cases)
        for attribute, count in counts.items():
            if int(element.get(attribute)) != count:
                raise Malformed(f"{element.get('name')} says {element.get(attribute)} {attribute}, not {count}")
    return root


class Page(html.parser.HTMLParser):
    """Elements that nest, none that could load anything, one script and one style, the data, and the text."""

    VOID = {"meta", "br"}
    ALLOWED = {"html", "head", "title", "style", "body", "header", "main", "footer", "section", "h1", "h2", "p", "b", "ul", "li", "dl",
               "dt", "dd", "div", "span", "a", "code", "table", "thead", "tbody", "tr", "th", "td", "svg", "rect", "noscript", "script", "details", "summary"} | VOID
    ATTRIBUTES = {"lang", "charset", "name", "content", "http-equiv", "class", "id", "href", "tabindex", "role", "type", "viewbox",
                  "preserveaspectratio", "aria-hidden", "aria-labelledby", "x", "width", "height", "scope", "hidden"}

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.stack, self.text = [], []
        self.policy, self.parts = "", {"style": [], "script": [], "data": []}

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag not in self.ALLOWED or set(attributes) - self.ATTRIBUTES or not attributes.get("href", "#").startswith("#"):
            raise Malformed(f"<{tag} {attrs}>")
        if attributes.get("http-equiv") == "Content-Security-Policy":
            self.policy = attributes["content"]
        if tag not in self.VOID:
            self.stack.append("data" if attributes.get("type") == "application/json" else tag)

    def handle_endtag(self, tag):
        if not self.stack or self.stack.pop() not in (tag, "data"):
            raise Malformed(f"</{tag}> ends what it did not begin, at {self.getpos()}")

    def handle_data(self, data):
        self.parts.get(self.stack[-1] if self.stack else "", self.text).append(data)


def policy_hash(text):
    """How a policy names TEXT; golden pages have "..." for their script and style, and for its hash."""
    return "..." if text == "..." else base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def check_html(text):
    """Returns the text that is in the page itself, and the data that its script shows."""
    page = Page()
    page.feed(text)
    page.close()
    if page.stack or CONTROL.search(text) or "{{" in text.replace("".join(page.parts["script"]), ""):
        raise Malformed(f"open {page.stack}, a control character, or a name that was not replaced")
    for name in ("style", "script"):
        if f"{name}-src 'sha256-{policy_hash(''.join(page.parts[name]))}'" not in page.policy:
            raise Malformed(f"{page.policy} allows another {name}")
    if not page.policy.startswith("default-src 'none';"):
        raise Malformed(f"{page.policy} lets the page load something")
    return "".join(page.text), json.loads("".join(page.parts["data"]), object_pairs_hook=refuse_duplicate_keys)
