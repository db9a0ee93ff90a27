/* The report of a run: what was tested, then scenarios and clauses, by the reader's filters. */
/* What the documents are about, in the order in which they are shown; those that are not here come last. */
const DOCUMENTS = { "RFC 1939": "POP3", "RFC 2449": "extensions", "RFC 2595": "STLS", "RFC 5034": "AUTH", "RFC 3206": "response codes",
  "RFC 6856": "UTF-8", "RFC 8314": "TLS", advisory: "known attacks", "RFC 2195": "CRAM-MD5", "RFC 2831": "DIGEST-MD5", "RFC 4616": "PLAIN", "RFC 5802": "SCRAM",
  "RFC 7628": "bearer tokens", "RFC 1957": "clients", "RFC 1734": "older AUTH",
  "RFC 1725": "older POP3", "RFC 1460": "older POP3", "RFC 1225": "older POP3", "RFC 1082": "XTND", "RFC 1081": "older POP3", iana: "registries" };
const LEVELS = ["must", "stated", "should", "may", "security"];

const rank = (document) => (Object.keys(DOCUMENTS).indexOf(document) + 1) || Object.keys(DOCUMENTS).length + 1;
const clauses = [...data.clauses, ...data.untested.map((clause) => ({ ...clause, verdict: "untested" }))]
  .map((clause) => { const [document, section] = placeOf(clause.section); return { ...clause, document, part: section, cases: [] }; })
  .sort((a, b) => rank(a.document) - rank(b.document) || inOrder(a.document, b.document) || inOrder(a.part, b.part) || inOrder(a.id, b.id));
const clauseOf = new Map(clauses.map((clause) => [clause.id, clause]));

const cases = data.cases.map((one) => ({ ...one, group: one.group || one.id, name: caseName(one),
  proves: one.clauses.map(([index, verdict]) => ({ clause: clauseOf.get(data.clauses[index].id), verdict })) }));
for (const one of cases) {
  for (const { clause } of one.proves) clause.cases.push(one);
  one.words = [one.name, one.title, one.reason, one.actual, one.file, ...one.proves.map(({ clause }) => clause.id)].join("\n").toLowerCase();
}
for (const clause of clauses) clause.words = [clause.id, clause.section, clause.demand, clause.untestable].join("\n").toLowerCase();

const groups = new Map();
for (const one of cases) {
  if (!groups.has(one.group)) groups.set(one.group, { id: one.group, members: [] });
  groups.get(one.group).members.push(one);
}
const scenarios = [...groups.values()];

function caseName(one) {
  return one.id + (one.transport && one.transport !== "lines" && one.transport !== "all" ? `@${one.transport}` : "");
}

/* ---- what was tested ---- */

const kindOf = (verdict) => ({ pass: "kept", info: "kept", fail: "broken", warn: "broken", xfail: "broken", xpass: "broken", untested: "none" }[verdict] || "open");

function sectionButton(document, section, members) {
  const kinds = countBy(members, (clause) => kindOf(clause.verdict));
  const told = [["kept", "kept"], ["broken", "broken"], ["open", "not judged"], ["none", "not tested"]]
    .filter(([kind]) => kinds.has(kind)).map(([kind, words]) => `${kinds.get(kind)} ${words}`).join(", ");
  const label = `${document}, section ${section || "-"}: ${told}`;
  return element("button", { type: "button", class: "section", title: label, "aria-label": label,
    onclick: () => choose({ view: "clauses", document, section, verdict: "", level: "", text: "" }, true) },
  element("span", { class: "number" }, section || "·"),
  element("span", { class: "squares" }, ...sorted(members, (clause) => clause.verdict).map((clause) => element("i", { class: `square ${clause.verdict}` }))));
}

function coverageRow(document, members) {
  const kinds = countBy(members, (clause) => kindOf(clause.verdict));
  const sections = [...new Set(members.map((clause) => clause.part))];
  return element("tr", null,
    element("th", { scope: "row" }, document, element("span", { class: "dim" }, ` ${DOCUMENTS[document] || ""}`)),
    element("td", null, element("div", { class: "sections" },
      ...sections.map((section) => sectionButton(document, section, members.filter((clause) => clause.part === section))))),
    ...["kept", "broken", "open", "none"].map((kind) => element("td", { class: `number ${kinds.has(kind) ? kind : "zero"}` }, String(kinds.get(kind) || "–"))));
}

function showCoverage() {
  const tested = clauses.filter((clause) => clause.verdict !== "untested");
  const documents = [...new Set(clauses.map((clause) => clause.document))];
  const isTested = (document) => tested.some((clause) => clause.document === document);
  byId("coverage").append(element("div", { class: "scroll" }, element("table", { class: "coverage" },
    element("thead", null, element("tr", null, ...["Document", "Sections and their clauses"].map((text) => element("th", { scope: "col" }, text)),
      ...["kept", "broken", "not judged", "not tested"].map((text) => element("th", { scope: "col", class: "number" }, text)))),
    element("tbody", null, ...documents.filter(isTested).concat(documents.filter((document) => !isTested(document)))
      .map((document) => coverageRow(document, clauses.filter((clause) => clause.document === document)))))),
  element("p", { class: "legend" }, ...[["pass", "kept"], ["info", "kept, or not demanded here, with a remark"], ["fail", "broken"], ["warn", "a should that is not kept"],
    ["xfail", "broken, as expected"], ["skip", "not judged"], ["untested", "not tested: nothing on the wire shows it, or it was not selected"]].map(([verdict, text]) =>
    element("span", null, element("i", { class: `square ${verdict}` }), ` ${text}`))));
}

/* ---- a case ---- */

function clauseLink(clause) {
  return element("button", { type: "button", class: "link id", onclick: () => choose({ view: "clauses", text: clause.id, document: "", section: "", verdict: "", level: "" }, true) },
    clause.id);
}

function caseLink(one) {
  return element("button", { type: "button", class: "link id", onclick: () => choose({ view: "scenarios", text: "", document: "", section: "", verdict: "", level: "", case: one.name }, true) },
    one.name);
}

function fillCase(inside, one) {
  const demands = one.proves.map(({ clause, verdict }) => ["Demand", element("span", null, `${clause.section} (${clause.level}): ${clause.demand} `,
    clauseLink(clause), verdict === one.verdict || verdict === "pass" ? null : element("span", { class: "dim" }, ` (${verdict})`))]);
  inside.append(facts([...demands,
    ["Reason", one.reason], ["Why it matters", one.impact],
    ["Expected", one.expected && octetsBox(one.expected)], ["Actual", one.actual && octetsBox(one.actual)],
    ["Seen", one.evidence], ["Times", one.occurrences > 1 ? `${one.occurrences} in this run; the first are shown` : ""],
    ["Written in", one.file && element("code", null, one.file + (one.line ? `:${one.line}` : ""))],
    ["Took", one.us > 0 ? `${(one.us / 1000).toFixed(1)} ms` : ""]]));
  inside.append(one.wire ? transcript(one.wire) : element("p", { class: "dim" }, "No octets were kept of this case."));
  if (one.again) inside.append(element("p", { class: "dim" }, "To run it again:"), command(one.again));
}

const ms = (us) => (us >= 1e6 ? `${(us / 1e6).toFixed(2)} s` : us > 0 ? `${Math.max(1, Math.round(us / 1000))} ms` : "");

function title(id, text) {
  return element("span", { class: "title" }, text, element("span", { class: "id" }, id));
}

function caseRow(one, name) {
  return opening([verdictWord(one.verdict), title(name, one.title), element("span", { class: "aside" }, `${one.flaky ? "flaky, " : ""}${one.varies ? "may vary, " : ""}${ms(one.us)}`)],
    (inside) => fillCase(inside, one), { "data-case": one.name });
}

function scenarioRow({ id, members }) {
  if (members.length === 1) return caseRow(members[0], members[0].name);
  const verdicts = countBy(members, (one) => one.verdict);
  const summary = VERDICTS.filter((verdict) => verdicts.has(verdict)).map((verdict) => `${verdicts.get(verdict)} ${verdict}`).join(", ");
  return opening([verdictWord(gravest(members.map((one) => one.verdict))), title(id, sharedTitle(members)),
    element("span", { class: "aside" }, `${members.length} cases: ${summary}`)],
  (inside) => growingList(inside.appendChild(element("div", { class: "rows" })), sorted(members, (one) => one.verdict),
    (one) => caseRow(one, one.name.slice(id.length).replace(/^\//, "") || one.name)), { "data-scenario": id });
}

/* What the titles of MEMBERS have in common, where they are not all the same. */
function sharedTitle(members) {
  const [first] = members;
  return members.every((one) => one.title === first.title) ? first.title : `${first.title}, and ${plural(members.length - 1, "variation")}`;
}

/* ---- a clause ---- */

function fillClause(inside, clause) {
  const others = sorted(clause.cases, (one) => one.verdict);
  inside.append(facts([["Clause", element("code", null, clause.id)], ["Section", clause.section], ["Level", clause.level],
    ["Not tested", clause.verdict === "untested" ? clause.untestable || "no case about it was selected" : ""]]));
  growingList(inside.appendChild(element("ul", { class: "cases" })), others, (one) => element("li", null, verdictWord(one.verdict), " ", caseLink(one), ` ${one.title}`));
}

function clauseRow(clause) {
  return opening([verdictWord(clause.verdict), title(`${clause.section} · ${clause.id}`, clause.demand), element("span", { class: "aside" }, clause.level)],
    (inside) => fillClause(inside, clause), { "data-clause": clause.id });
}

/* ---- filters ---- */

const sorted = (items, verdict) => [...items].sort((a, b) => gravity(verdict(a)) - gravity(verdict(b)));
let state = {};

function choose(changes, keep) {
  const { case: _, ...rest } = state;
  state = { ...rest, ...changes };
  choices.write(state, keep);
  show();
  if (keep && !state.case) byId("results").scrollIntoView();
}

const pressedVerdicts = () => (state.verdict ? state.verdict.split(" ") : []);
const words = () => (state.text || "").toLowerCase().split(/\s+/).filter(Boolean);
const has = (item, wanted) => wanted.every((word) => item.words.includes(word));
const inPlace = (clause) => (!state.document || clause.document === state.document) && (!state.section || clause.part === state.section) &&
  (!state.level || clause.level === state.level);

/* The items that all filters but the verdicts let through. */
function candidates() {
  const wanted = words();
  if (state.view === "clauses") return clauses.filter((clause) => inPlace(clause) && has(clause, wanted));
  const anywhere = !state.document && !state.section && !state.level;
  return cases.filter((one) => (anywhere || one.proves.some(({ clause }) => inPlace(clause))) && has(one, wanted));
}

function showClauses(list, items) {
  growingList(list, state.section || state.document || words().length > 0 ? items : sorted(items, (clause) => clause.verdict), clauseRow);
  return plural(items.length, "clause");
}

function showScenarios(list, items) {
  const wanted = new Set(items);
  const found = scenarios.map(({ id, members }) => ({ id, members: members.filter((one) => wanted.has(one)) })).filter(({ members }) => members.length > 0);
  growingList(list, sorted(found, ({ members }) => gravest(members.map((one) => one.verdict))), scenarioRow);
  return `${plural(found.length, "scenario")}, ${plural(items.length, "case")}`;
}

function show() {
  const pressed = pressedVerdicts();
  const all = candidates();
  const items = pressed.length === 0 ? all : all.filter((item) => pressed.includes(item.verdict));
  const list = byId("list");
  const filtered = pressed.length > 0 || words().length > 0 || state.document || state.level;
  list.replaceChildren();
  const told = state.view === "clauses" ? showClauses(list, items) : showScenarios(list, items);
  if (items.length === 0) list.append(element("p", { class: "nothing" }, "Nothing is like that. Clear a filter?"));
  byId("found").replaceChildren(element("span", { role: "status" }, `${told}${state.section ? ` of section ${state.section}` : ""}`),
    filtered ? element("button", { type: "button", class: "link", onclick: () => choose({ verdict: "", text: "", document: "", section: "", level: "" }) }, "show all") : "");
  press(tools.view, [state.view === "clauses" ? "clauses" : "scenarios"]);
  press(tools.verdicts, pressed, countBy(all, (item) => item.verdict));
  if (tools.text.value !== (state.text || "")) tools.text.value = state.text || "";
  tools.level.value = state.level || "";
  tools.document.value = state.document || "";
  if (state.case) openCase(list);
}

/* Opens the case that the address names, and its scenario around it. */
function openCase(list) {
  const one = cases.find(({ name }) => name === state.case);
  if (!one) return;
  const { members } = groups.get(one.group);
  list.replaceChildren();
  growingList(list, [{ id: one.group, members }], scenarioRow);
  const group = list.firstElementChild;
  if (members.length > 1) openRow(group);
  const row = members.length === 1 ? group : group.querySelector(`[data-case="${CSS.escape(one.name)}"]`) ||
    group.querySelector(".rows").appendChild(caseRow(one, one.name));
  openRow(row).querySelector("summary").focus();
  byId("found").replaceChildren(element("span", { role: "status" }, `One scenario: ${one.group}`), element("button", { type: "button", class: "link",
    onclick: () => choose({}) }, "show all"));
}

const tools = {
  view: buttons("What to show", "switch", [["scenarios", "Scenarios"], ["clauses", "Clauses"]], (view) => choose({ view, verdict: "" })),
  text: element("input", { type: "search", placeholder: "Find an id, a word, a reply…", "aria-label": "Find", oninput: () => choose({ text: tools.text.value }) }),
  level: selection("Level", "every level", LEVELS, (level) => choose({ level })),
  document: selection("Document", "every document", [...new Set(clauses.map((clause) => clause.document))], (document) => choose({ document, section: "" })),
  verdicts: buttons("Verdicts", "", [...VERDICTS, "untested"].map((verdict) => [verdict, verdict, verdict]), (verdict) => {
    const pressed = pressedVerdicts();
    choose({ verdict: (pressed.includes(verdict) ? pressed.filter((one) => one !== verdict) : [...pressed, verdict]).join(" ") });
  }),
};

function start() {
  showCoverage();
  byId("tools").append(tools.view, tools.text, tools.level, tools.document, tools.verdicts, element("div", { class: "found", id: "found" }));
  byId("list").addEventListener("keydown", rowKeys);
  byId("list").addEventListener("toggle", (event) => {
    const row = event.target;
    if (row.open && row.dataset.case && row.isConnected) {
      state.case = row.dataset.case;
      choices.write(state);
    }
  }, true);
  tools.text.addEventListener("keydown", (event) => event.key === "Escape" && choose({ text: "" }));
  addEventListener("popstate", () => { state = choices.read(); show(); });
  state = choices.read();
  show();
  document.body.dataset.ready = String(Math.round(performance.now()));
}

start();
