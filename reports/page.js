"use strict";
/*
 * What all pages share. The data stands in the page as JSON and is shown by textContent alone: nothing in it can become
 * markup. Rows are made when they come into sight, and what they hold when they are opened.
 */
const VERDICTS = ["fail", "xpass", "error", "blocked", "warn", "xfail", "info", "skip", "pass"]; // gravest first
const ROWS_AT_ONCE = 60;
const data = JSON.parse(document.getElementById("data").textContent);

/* An element with attributes ("class", "aria-label", ...), listeners (functions: "onclick") and children (nodes or texts). */
function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (typeof value === "function") made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

const byId = (id) => document.getElementById(id);
const plural = (count, one, many = one + "s") => `${count} ${count === 1 ? one : many}`;
const gravity = (verdict) => (VERDICTS.indexOf(verdict) + 1) || VERDICTS.length + 1; // what is no verdict comes last
const gravest = (verdicts) => verdicts.reduce((a, b) => (gravity(b) < gravity(a) ? b : a));
const verdictWord = (verdict) => element("span", { class: `word ${verdict.replace(" ", "-")}` }, verdict);

function countBy(items, key) {
  const counts = new Map();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) || 0) + 1);
  return counts;
}

/* Printable text with what it escapes told apart; MARK, [first, behind last] character, is the part that is wrong. */
function octets(text, mark) {
  const parts = document.createDocumentFragment();
  const [from, to] = mark || [-1, -1];
  let marked = null;
  for (const { 0: token, index } of text.matchAll(/\\(?:[rn0\\]|x[0-9A-F]{2})|\[redacted\]|[^\\[]+|[^]/g)) {
    let rest = token, at = index;
    while (rest !== "") {
      const inside = at >= from && at < to;
      const atomic = token[0] === "\\" || token === "[redacted]";
      const end = atomic ? rest.length : inside ? to - at : at < from ? from - at : rest.length;
      const piece = rest.slice(0, end);
      const kind = token === "[redacted]" ? "redacted" : atomic ? "escape" : null;
      const node = kind ? element("span", { class: kind }, piece) : document.createTextNode(piece);
      if (inside && !marked) parts.append(marked = element("mark"));
      (inside ? marked : parts).append(node);
      at += piece.length;
      rest = rest.slice(piece.length);
    }
  }
  return parts;
}

const octetsBox = (text, mark) => element("span", { class: "octets" }, octets(text, mark));

/* A row that opens; FILL(inside) makes what it holds, once. */
function opening(summary, fill, attributes) {
  const inside = element("div", { class: "inside" });
  const row = element("details", attributes, element("summary", null, ...summary), inside);
  row.addEventListener("toggle", () => row.open && !inside.firstChild && fill(inside));
  return row;
}

function openRow(row) {
  row.open = true;
  row.dispatchEvent(new Event("toggle"));
  return row;
}

/* Fills CONTAINER with RENDER(item) of ITEMS, some at a time: as the reader comes near the end, or asks. */
function growingList(container, items, render, atOnce = ROWS_AT_ONCE) {
  let shown = 0;
  const watcher = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && grow(), { rootMargin: "600px" });
  const more = element("button", { type: "button", class: "plain more", onclick: () => grow() });
  const grow = () => {
    const from = container.children.length;
    const focused = document.activeElement === more;
    more.remove();
    container.append(...items.slice(shown, shown + atOnce).map(render));
    shown = Math.min(shown + atOnce, items.length);
    if (shown < items.length) {
      more.textContent = `Show more (${items.length - shown} left)`;
      container.append(more);
      watcher.unobserve(more);
      watcher.observe(more);
    }
    if (focused) container.children[from - 1]?.querySelector("summary")?.focus();
  };
  grow();
}

/* Arrow keys go from row to row, Home and End to the first and last; Escape closes the row around. */
function rowKeys(event) {
  const summaries = [...event.currentTarget.querySelectorAll("summary")].filter((summary) => summary.offsetParent !== null);
  const at = summaries.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: summaries.length - 1 }[event.key];
  if (event.key === "Escape") {
    const row = event.target.closest("details[open]");
    if (!row) return;
    row.open = false;
    row.querySelector("summary").focus();
  } else if (at < 0 || to === undefined || !summaries[to]) {
    return;
  } else {
    summaries[to].focus();
  }
  event.preventDefault();
}

/* A conversation: when, who, which octets. A line is [microseconds, "C", "S" or "-", connection, text, mark or nothing]. */
function transcript(lines) {
  const kinds = { C: "client", S: "server", "-": "note" };
  const rows = lines.map(([us, from, connection, text, mark]) =>
    element("tr", { class: kinds[from] + (mark ? " offending" : "") },
      element("td", { class: "time" }, (us / 1000).toFixed(2)),
      element("td", null, from === "-" ? "" : from + (connection > 1 ? connection : "")),
      element("td", null, octets(text, mark), mark ? element("span", { class: "hidden" }, " (the marked octet is the one that is wrong)") : null)));
  return element("table", { class: "wire" },
    element("caption", { class: "hidden" }, "The conversation, octet by octet"),
    element("thead", null, element("tr", null, element("th", { scope: "col", class: "time" }, "ms"), element("th", { scope: "col" },
      element("span", { class: "hidden" }, "who")), element("th", { scope: "col" }, "octets"))),
    element("tbody", null, ...rows));
}

/* A command line with a button that copies it. */
function command(text) {
  const code = element("code", null, text);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
    }
  };
  const button = element("button", { type: "button", class: "plain", onclick: copy }, "Copy");
  return element("div", { class: "command" }, code, button);
}

/* A list of [term, node or text]; what is null or empty is left out. */
function facts(pairs) {
  return element("dl", null, ...pairs.filter(([, value]) => value).flatMap(([term, value]) => [element("dt", null, term), element("dd", null, value)]));
}

/* The reader's choices live behind the # of the address, so that a view can be sent to somebody. */
const choices = {
  read() { return Object.fromEntries(new URLSearchParams(location.hash.slice(1))); },
  write(state, keep) {
    const words = new URLSearchParams(Object.entries(state).filter(([, value]) => value)).toString();
    history[keep ? "pushState" : "replaceState"](null, "", `#${words}`);
  },
};

/* A group of buttons; OPTIONS: [value, label, class]. press() says which are pressed, and how many each would show. */
function buttons(label, kind, options, click) {
  return element("div", { class: `choices ${kind}`, role: "group", "aria-label": label }, ...options.map(([value, text, colour]) =>
    element("button", { type: "button", class: colour, "data-value": value, onclick: () => click(value) }, text, element("small"))));
}

function press(group, pressed, counts) {
  for (const button of group.children) {
    const count = counts ? counts.get(button.dataset.value) || 0 : null;
    button.setAttribute("aria-pressed", String(pressed.includes(button.dataset.value)));
    button.querySelector("small").textContent = count === null ? "" : ` ${count}`;
    button.hidden = count === 0 && !pressed.includes(button.dataset.value);
  }
}

/* A choice of one of OPTIONS, or of all. */
function selection(label, all, options, change) {
  const select = element("select", { "aria-label": label, onchange: () => change(select.value) },
    element("option", { value: "" }, all), ...options.map((value) => element("option", { value }, value)));
  return select;
}

/* "RFC 1939 section 5" and "advisory memory" as [document, section]. */
function placeOf(section) {
  const parts = section.match(/^(RFC \d+) section (.*)$/) || section.match(/^(\S+) ?(.*)$/) || [null, section, ""];
  return [parts[1], parts[2]];
}

const inOrder = new Intl.Collator("en", { numeric: true }).compare;
