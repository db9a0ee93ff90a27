"""The summary of a campaign as one HTML page that needs nothing else: plots over time, finds, coverage."""

import html
import os
import time

import coverage as coverage_module
import engines
import state as state_module

WIDTH, HEIGHT, MARGIN_LEFT, MARGIN_BELOW = 420, 150, 62, 22
PLOTS = (("execs", "executions"), ("coverage", "coverage"), ("finds", "finds"))

STYLE = """
:root { color-scheme: light dark; --ink: #1c1f24; --paper: #fff; --quiet: #667; --rule: #d8dce2; --libfuzzer: #1663b8; --aflpp: #b85c00;
  --bad: #b3261e; --good: #1d7a3e }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8ec; --paper: #16181d; --quiet: #9aa3b2; --rule: #343a44; --libfuzzer: #6aaef5;
  --aflpp: #f0a35a; --bad: #f28b82; --good: #7ccf94 } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 88rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem; border-top: 1px solid var(--rule); padding-top: 1rem }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--rule); vertical-align: top }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums }
code { font: 13px ui-monospace, monospace; overflow-wrap: anywhere } .quiet { color: var(--quiet) } .bad { color: var(--bad) } .good { color: var(--good) }
.plots { display: flex; flex-wrap: wrap; gap: 1rem } figure { margin: 0 } figcaption { color: var(--quiet); font-size: 13px }
svg { display: block } svg text { fill: var(--quiet); font-size: 11px } svg .axis { stroke: var(--rule) }
svg .libfuzzer { stroke: var(--libfuzzer) } svg .aflpp { stroke: var(--aflpp) } svg polyline { fill: none; stroke-width: 1.8 }
.key span::before { content: "\\2014 "; font-weight: bold } .key .libfuzzer::before { color: var(--libfuzzer) } .key .aflpp::before { color: var(--aflpp) }
"""


def short(number):
    """1234567 as 1.23M."""
    for limit, unit in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if number >= limit:
            return f"{number / limit:.3g}{unit}"
    return str(number)


def duration(seconds):
    seconds = int(seconds)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def points(times, rows, column, limits):
    longest, highest = limits
    width, height = WIDTH - MARGIN_LEFT - 8, HEIGHT - MARGIN_BELOW - 8
    return " ".join(f"{MARGIN_LEFT + width * moment / longest:.1f},{8 + height * (1 - row[column] / highest):.1f}"
                    for moment, row in zip(times, rows))


def plot(series, column, title):
    """SERIES: {engine: (seconds that the target had, rows)}."""
    longest = max((times[-1] for times, _ in series.values()), default=0) or 1
    highest = max((row[column] for _, rows in series.values() for row in rows), default=0) or 1
    lines = "".join(f'<polyline class="{engine}" points="{points(times, rows, column, (longest, highest))}"/>'
                    for engine, (times, rows) in sorted(series.items()))
    ground = HEIGHT - MARGIN_BELOW
    return f"""<figure><svg width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="{title} over time">
<line class="axis" x1="{MARGIN_LEFT}" y1="{ground}" x2="{WIDTH - 8}" y2="{ground}"/><line class="axis" x1="{MARGIN_LEFT}" y1="8" x2="{MARGIN_LEFT}" y2="{ground}"/>
<text x="{MARGIN_LEFT - 6}" y="16" text-anchor="end">{short(highest)}</text><text x="{MARGIN_LEFT - 6}" y="{ground}" text-anchor="end">0</text>
<text x="{MARGIN_LEFT}" y="{HEIGHT - 6}">0:00:00</text><text x="{WIDTH - 8}" y="{HEIGHT - 6}" text-anchor="end">{duration(longest)}</text>
{lines}</svg><figcaption>{title}</figcaption></figure>"""


def growing(rows):
    """Coverage as the most that was reached so far: an engine counts anew when a turn begins."""
    most, found = 0, []
    for row in rows:
        most = max(most, row["coverage"])
        found.append({**row, "coverage": most})
    return found


def plots_of(target, history):
    series = {}
    for engine in sorted({row["engine"] for row in history if row["target"] == target}):
        rows = [row for row in history if row["target"] == target and row["engine"] == engine]
        series[engine] = ([row["spent"] for row in rows], growing(rows))
    if not series:
        return '<p class="quiet">It did not run yet.</p>'
    return '<div class="plots">' + "".join(plot(series, column, title) for column, title in PLOTS) + "</div>"


def find_row(find):
    found = time.strftime("%Y-%m-%d %H:%M", time.gmtime(find["found"]))
    return (f'<tr><td><code>{html.escape(find["fingerprint"])}</code></td><td>{html.escape(find["target"])}</td><td>{found}</td>'
            f'<td class="number">{find["octets"]}</td><td class="number">{find["hits"]}</td><td>{html.escape(find["engine"])}</td>'
            f'<td><code>{html.escape(find["replay"])}</code></td></tr>')


def finds_table(finds):
    if not finds:
        return '<p class="good">Nothing was found.</p>'
    rows = "".join(find_row(find) for find in finds)
    return ('<table><tr><th>fingerprint<th>target<th>found<th class="number">octets<th class="number">hits<th>engine<th>to repeat it</tr>'
            f"{rows}</table>")


def share(counts):
    covered, everything = counts
    return f"{100 * covered / everything:.1f} %" if everything else "-"


def coverage_table(found):
    if not found:
        return '<p class="quiet">Coverage was not measured.</p>'
    names = [name for name in coverage_module.LAYERS if name in found] + sorted(set(found) - set(coverage_module.LAYERS))
    rows = "".join(f'<tr><td><code>harness/{name}</code></td><td class="number">{share(found[name]["lines"])}</td>'
                   f'<td class="number">{share(found[name]["branches"])}</td></tr>' for name in names)
    return ('<table><tr><th>folder<th class="number">lines<th class="number">branches</tr>' + rows +
            '</table><p><a href="coverage/index.html">Line by line</a></p>')


def stability_of(engine, folder):
    """AFL++'s own word for whether an input does the same each time."""
    return (engines.stability(folder) if engine == "aflpp" else None) or "-"


def summary(targets, state, history):
    rows = ""
    for target in targets:
        for engine in sorted({row["engine"] for row in history if row["target"] == target}):
            last = [row for row in history if row["target"] == target and row["engine"] == engine][-1]
            rows += (f'<tr><td>{target}</td><td>{engine}</td><td class="number">{duration(state.spent(target))}</td>'
                     f'<td class="number">{short(last["execs"])}</td><td class="number">{last["coverage"]}</td>'
                     f'<td class="number">{last["corpus"]}</td><td class="number">{stability_of(engine, state.folder / target)}</td></tr>')
    return ('<table><tr><th>target<th>engine<th class="number">time<th class="number">executions<th class="number">coverage'
            f'<th class="number">corpus<th class="number">stability</tr>{rows}</table>')


def asides(finds):
    """What else became of inputs: FINDS is {target: Finds}."""
    mended = sum(each.mended_count() for each in finds.values())
    unrepeated = sum(each.unrepeated_count() for each in finds.values())
    said = [f"{mended} earlier {'find fails' if mended == 1 else 'finds fail'} no more, and lie in <code>mended/</code>."] if mended else []
    said += [f"{unrepeated} {'input' if unrepeated == 1 else 'inputs'} could not be repeated, and lie in <code>unrepeated/</code>."] if unrepeated else []
    return f'<p class="quiet">{" ".join(said)}</p>' if said else ""


def troubles_list(troubles):
    if not troubles:
        return ""
    return '<h2>Troubles</h2><ul class="bad">' + "".join(f"<li>{html.escape(trouble)}</li>" for trouble in troubles) + "</ul>"


def write(folder, campaign, found_coverage):
    """Writes FOLDER/index.html: what CAMPAIGN did so far."""
    history = campaign.state.history()
    targets = campaign.arguments.targets
    sections = "".join(f"<h2>{target}</h2>{plots_of(target, history)}" for target in targets)
    text = f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fuzzing campaign</title><style>{STYLE}</style>
<h1>Fuzzing campaign</h1>
<p class="quiet">{time.strftime("%Y-%m-%d %H:%M", time.gmtime())} UTC; {campaign.arguments.cores} of {os.cpu_count()} processors. Coverage is the engine's own:
edges for libFuzzer, map entries for AFL++; they are not to be compared. <span class="key"><span class="libfuzzer">libFuzzer</span> <span class="aflpp">AFL++</span></span></p>
{troubles_list(campaign.troubles)}
<h2>Finds</h2>{finds_table(campaign.all_finds())}{asides(campaign.finds)}
<h2>Targets</h2>{summary(targets, campaign.state, history)}
<h2>Coverage of the sources by the corpus</h2>{coverage_table(found_coverage)}
{sections}
</html>
"""
    state_module.write_whole(folder / "index.html", text)
