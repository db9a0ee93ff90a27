/* The proof of the suite: faults by clauses and by seams, variants alone and together, and what is missing. */
const STATES = ["missed", "stray", "untouched", "flagged", "idle", "without a fault", "without a variant", "stale", "caught", "clean"]; // gravest first
const worst = (states) => STATES[Math.min(...states.map((state) => STATES.indexOf(state)))];

const faults = data.faults.map((fault) => ({ ...fault, kind: fault.state,
  words: [fault.id, fault.clause, fault.what, fault.seam, fault.position, fault.caught_by, ...fault.history].join("\n").toLowerCase() }));
const variantOf = (variant) => ({ ...variant, kind: variant.clean ? "clean" : "flagged",
  words: [variant.id, variant.clause, variant.what, ...variant.flags.map((flag) => flag.case)].join("\n").toLowerCase() });
const named = (kind) => (id) => ({ id, kind, words: id });
const clauseRows = [...faults.reduce((clauses, fault) => {
  if (!clauses.has(fault.clause)) clauses.set(fault.clause, { id: fault.clause, faults: [] });
  clauses.get(fault.clause).faults.push(fault);
  return clauses;
}, new Map()).values()].map((clause) => ({ ...clause, kind: worst(clause.faults.map(({ state }) => state)),
  words: clause.faults.map(({ words }) => words).join("\n") })).sort((a, b) => inOrder(a.id, b.id));
const VIEWS = {
  clauses: { label: "Clauses", items: clauseRows, row: clauseRow, noun: "clause" },
  faults: { label: "Faults", items: faults, row: faultRow, noun: "fault" },
  variants: { label: "Variants", items: data.variants.map(variantOf), row: variantRow, noun: "variant" },
  combinations: { label: "Combinations", items: data.combinations.map(variantOf), row: variantRow, noun: "combination" },
  missing: { label: "Missing", row: missingRow, noun: "thing missing", nouns: "things missing", items: [...data.idle.map(named("idle")),
    ...data.faultless_clauses.map(named("without a fault")), ...data.unvaried_clauses.map(named("without a variant")),
    ...(data.whole ? data.faults.filter((fault) => fault.stale.length > 0) : []).map(({ id, stale }) => ({ id, stale, kind: "stale", words: [id, ...stale].join("\n") }))] },
};

function stateWord(state) {
  return element("span", { class: `word ${STATES.indexOf(state) < STATES.indexOf("caught") ? state === "untouched" ? "untouched" : "missed" : "caught"}` }, state);
}

const code = (text) => text && element("code", null, text);
const list = (items, make = (item) => item) => (items.length === 0 ? "" : element("ul", { class: "history" }, ...items.map((item) => element("li", null, make(item)))));

/* ---- rows ---- */

function faultFacts(fault) {
  return facts([["Does", fault.what], ["Only", fault.position], ["As a place of", code(fault.base)], ["Breaks", code(fault.clause)], ["Acts at", fault.seam],
    ["Caught by", code(fault.caught_by)], ["Seen in", list(fault.history)], ["May also break", list(fault.also, code)], ["Failed", list(fault.failed, code)],
    ["Not listed", list(fault.strays.map((stray, index) => `${stray}, by ${fault.stray_cases[index]}`))], ["Cases", String(fault.cases)], ["Trouble", fault.trouble]]);
}

function faultRow(fault) {
  return opening([stateWord(fault.state), element("span", { class: "title" }, fault.what, element("span", { class: "id" }, fault.id)),
    element("span", { class: "aside" }, fault.seam)], (inside) => inside.append(faultFacts(fault)), { "data-fault": fault.id });
}

function clauseRow(clause) {
  const squares = [...clause.faults].sort((a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state)).map(({ state }) => element("i", { class: `square ${state}` }));
  return opening([stateWord(clause.kind), element("span", { class: "title" }, element("code", null, clause.id)),
    element("span", { class: "aside" }, element("span", { class: "squares", "aria-hidden": "true" }, ...squares), ` ${plural(clause.faults.length, "fault")}`)],
  (inside) => growingList(inside.appendChild(element("div", { class: "rows" })), clause.faults, faultRow), { "data-clause": clause.id });
}

function variantRow(variant) {
  const flags = variant.flags.map((flag) => element("span", null, verdictWord(flag.verdict), " ", code(flag.case), ` ${flag.reason || ""}`));
  return opening([stateWord(variant.kind), element("span", { class: "title" }, variant.what || variant.id.split("+").join(" and "),
    variant.what ? element("span", { class: "id" }, variant.id) : null), element("span", { class: "aside" }, plural(variant.cases, "case"))],
  (inside) => inside.append(facts([["Liberty of", code(variant.clause)], ["Cases", String(variant.cases)], ["Skipped more", String(variant.skipped)],
    ["Flagged", list(flags)], ["Trouble", variant.trouble]])), { "data-variant": variant.id });
}

const MISSING = {
  idle: "No fault makes this scenario fail.",
  "without a fault": "No fault breaks this clause, though it can be tested.",
  "without a variant": "This clause leaves a choice, and no variant makes it otherwise.",
  stale: "This fault lists clauses that no case breaks by it:",
};

function missingRow({ id, kind, stale }) {
  return opening([stateWord(kind), element("span", { class: "title" }, code(id))],
    (inside) => inside.append(element("p", null, MISSING[kind]), list(stale || [], code)));
}

function showSeams() {
  byId("seam-table").append(element("table", { class: "seams" }, element("thead", null, element("tr", null,
    ...["Seam", "Faults", "caught", "of"].map((text, index) => element("th", { scope: "col", class: index > 1 ? "number" : "" }, text)))),
  element("tbody", null, ...data.seams.map((seam) => {
    const members = faults.filter((fault) => fault.seam === seam.id);
    return element("tr", null, element("td", null, element("button", { type: "button", class: "link", onclick: () => choose({ view: "faults", seam: seam.id, state: "", text: "" }, true) }, seam.id)),
      element("td", null, element("span", { class: "squares wide" }, ...members.map(({ state }) => element("i", { class: `square ${state}` })))),
      element("td", { class: "number" }, String(seam.caught)), element("td", { class: "number" }, String(seam.faults)));
  }))));
}

/* ---- filters ---- */

let state = {};

function choose(changes, keep) {
  state = { ...state, ...changes };
  choices.write(state, keep);
  show();
  if (keep) byId("evidence").scrollIntoView();
}

function show() {
  const view = VIEWS[state.view] || VIEWS.clauses;
  const words = (state.text || "").toLowerCase().split(/\s+/).filter(Boolean);
  const all = view.items.filter((item) => words.every((word) => item.words.includes(word)) && (!state.seam || !item.seam || item.seam === state.seam));
  const found = all.filter((item) => !state.state || item.kind === state.state);
  const shown = byId("list");
  shown.replaceChildren();
  growingList(shown, [...found].sort((a, b) => STATES.indexOf(a.kind) - STATES.indexOf(b.kind)), view.row);
  if (found.length === 0) shown.append(element("p", { class: "nothing" }, view === VIEWS.missing && words.length === 0 ? "Nothing is missing." : "Nothing is like that."));
  byId("found").replaceChildren(element("span", { role: "status" }, plural(found.length, view.noun, view.nouns) + (state.seam && view === VIEWS.faults ? ` at ${state.seam}` : "")),
    words.length > 0 || state.state || state.seam ? element("button", { type: "button", class: "link", onclick: () => choose({ text: "", state: "", seam: "" }) }, "show all") : "");
  press(tools.view, [Object.keys(VIEWS).find((name) => VIEWS[name] === view)]);
  press(tools.states, state.state ? [state.state] : [], countBy(all, (item) => item.kind));
  if (tools.text.value !== (state.text || "")) tools.text.value = state.text || "";
}

const tools = {
  view: buttons("What to show", "switch", Object.entries(VIEWS).map(([name, { label }]) => [name, label]), (view) => choose({ view, state: "", seam: "" })),
  text: element("input", { type: "search", placeholder: "Find a fault, a clause, a server…", "aria-label": "Find", oninput: () => choose({ text: tools.text.value }) }),
  states: buttons("Verdicts", "", STATES.map((name) => [name, name]), (name) => choose({ state: state.state === name ? "" : name })),
};

byId("tools").append(tools.view, tools.text, tools.states, element("div", { class: "found", id: "found" }));
byId("list").addEventListener("keydown", rowKeys);
tools.text.addEventListener("keydown", (event) => event.key === "Escape" && choose({ text: "" }));
addEventListener("popstate", () => { state = choices.read(); show(); });
state = choices.read();
showSeams();
show();
document.body.dataset.ready = String(Math.round(performance.now()));
