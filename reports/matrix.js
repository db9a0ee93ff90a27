/* Runs side by side: a row for each clause, a column for each run; and what changed between two runs of one server. */
const GOOD = ["pass", "info", "skip"];
const LEVELS = ["must", "stated", "should", "may", "security"];
const clauses = data.clauses.map((row) => ({ ...row, cases: row.cases.map((indexes, run) => indexes.map((index) => data.runs[run].cases[index])) }));
const rows = clauses.map((row) => ({ ...row, document: placeOf(row.section)[0], kept: row.verdicts.every((verdict) => !verdict || GOOD.includes(verdict)),
  differs: new Set(row.verdicts.filter((verdict) => verdict && verdict !== "skip")).size > 1,
  words: [row.id, row.section, row.demand, ...row.cases.flat().flatMap((one) => [one.name, one.title, one.reason, one.actual])].join("\n").toLowerCase() }));

/* ---- differences ---- */

function changeRow({ kind, name, title, before, after }) {
  const was = before ? verdictWord(before) : element("span", { class: "dim" }, "not run");
  const is = after ? verdictWord(after) : element("span", { class: "dim" }, "not run");
  return element("li", null, verdictWord(kind), element("span", { class: "title" }, title, element("span", { class: "id dim" }, ` ${name}`)),
    element("span", null, was, " → ", is));
}

function showComparisons() {
  byId("difference-section").hidden = data.comparisons.length === 0;
  for (const { before, after, changes } of data.comparisons) {
    const differences = changes.filter(({ kind }) => kind !== "remark").length;
    const list = element("ul", { class: "changes" });
    byId("comparisons").append(element("h3", null, `${data.runs[after].name} against run ${before + 1}`),
      element("p", { class: "dim" }, changes.length === 0 ? "The same verdicts in all cases."
        : `${differences === 0 ? "The same verdicts in all cases" : plural(differences, "difference")}: ${[...countBy(changes, ({ kind }) => kind)].map(([kind, count]) => `${count} ${kind}`).join(", ")}.`), list);
    growingList(list, changes, changeRow);
  }
}

/* ---- clauses ---- */

/* What was said in a case, behind a button: most readers come for one of many. */
function conversation({ wire, again }) {
  const inside = element("div", { hidden: true });
  const button = element("button", { type: "button", class: "link", "aria-expanded": "false", onclick: () => {
    if (!inside.firstChild) inside.append(transcript(wire), again ? command(again) : "");
    inside.hidden = !inside.hidden;
    button.setAttribute("aria-expanded", String(!inside.hidden));
  } }, "The conversation");
  return [button, inside];
}

function finding(one) {
  return element("li", null, verdictWord(one.verdict), " ", element("code", null, one.name), element("span", { class: "dim" }, ` ${one.title}`),
    one.reason ? element("p", null, one.reason) : null,
    one.actual ? element("p", null, "expected ", octetsBox(one.expected || ""), ", got ", octetsBox(one.actual)) : null,
    one.wire ? conversation(one) : null);
}

function fillRow(inside, row) {
  inside.append(element("p", null, `${row.section} (${row.level}): ${row.demand}`));
  row.cases.forEach((cases, index) => {
    if (cases.length === 0) return;
    const list = element("ul", { class: "findings" });
    inside.append(element("h3", null, data.runs[index].name, element("span", { class: "dim" }, ` ${plural(cases.length, "case")}`)), list);
    growingList(list, cases, finding, 8);
  });
  if (row.cases.every((cases) => cases.length === 0)) inside.append(element("p", { class: "dim" }, "No case about it failed."));
}

function clauseRow(row) {
  const cells = row.verdicts.map((verdict, index) => element("span", { class: `cell ${verdict || "none"}` },
    element("span", { class: "hidden" }, `${data.runs[index].name}: `), verdict || "–"));
  return opening([element("span", { class: "title" }, element("span", { class: "demand" }, row.demand), element("span", { class: "id" }, row.id)), ...cells], (inside) => fillRow(inside, row), { "data-clause": row.id });
}

/* ---- filters ---- */

let state = {};
const SHOWN = { broken: (row) => !row.kept, differing: (row) => row.differs, all: () => true };

function choose(changes) {
  state = { ...state, ...changes };
  choices.write(state);
  show();
}

function show() {
  const words = (state.text || "").toLowerCase().split(/\s+/).filter(Boolean);
  const shown = SHOWN[state.show] ? state.show : "broken";
  const found = rows.filter((row) => SHOWN[shown](row) && (!state.document || row.document === state.document) && (!state.level || row.level === state.level) &&
    words.every((word) => row.words.includes(word)));
  const list = element("div", { class: "rows", onkeydown: rowKeys });
  byId("matrix").replaceChildren(element("div", { class: "line", "aria-hidden": "true" }, element("span", null, "Clause"),
    ...data.runs.map(({ name }) => element("span", null, name))), list);
  growingList(list, found, clauseRow);
  if (found.length === 0) list.append(element("p", { class: "nothing" }, "No clause is like that."));
  byId("found").replaceChildren(element("span", { role: "status" }, `${plural(found.length, "clause")} of ${rows.length}`));
  press(tools.show, [shown]);
  if (tools.text.value !== (state.text || "")) tools.text.value = state.text || "";
  tools.level.value = state.level || "";
  tools.document.value = state.document || "";
}

const tools = {
  show: buttons("Which clauses", "switch", [["broken", "Broken"], ["differing", "Differing"], ["all", "All"]], (show) => choose({ show })),
  text: element("input", { type: "search", placeholder: "Find a clause, a case, a reply…", "aria-label": "Find", oninput: () => choose({ text: tools.text.value }) }),
  level: selection("Level", "every level", LEVELS, (level) => choose({ level })),
  document: selection("Document", "every document", [...new Set(rows.map((row) => row.document))].sort(inOrder), (document) => choose({ document })),
};

byId("tools").append(tools.show, tools.text, tools.level, tools.document, element("div", { class: "found", id: "found" }));
byId("matrix").style.setProperty("--runs", data.runs.length);
tools.text.addEventListener("keydown", (event) => event.key === "Escape" && choose({ text: "" }));
addEventListener("popstate", () => { state = choices.read(); show(); });
state = choices.read();
showComparisons();
show();
document.body.dataset.ready = String(Math.round(performance.now()));
