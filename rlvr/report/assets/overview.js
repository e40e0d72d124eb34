// What the run was, what it reached, how it was set up; with several runs, how they differ.

function masthead(runs, sections) {
  const top = document.getElementById("top");
  const title = runs.length > 1 ? `${runs.length} runs` : runs[0].name;
  top.append(h("p", { class: "kind" }, "rlvr report"), h("h1", null, visible(title)));
  if (runs.length === 1) top.append(h("p", { class: "facts" }, factsOf(runs[0])));
  const rung = runs.reduce((sum, run) => sum + run.alarms.length, 0);
  if (rung) top.append(h("p", { class: "rung" }, h("a", { href: "#curves" }, `${count(rung, "alarm")} rang.`), " ", rung === 1 ? visible(alarmsOf(runs)[0].alarm.words + ".") : null));
  const links = sections.map((one) => h("li", null, h("a", { href: `#${one.id}` }, one.firstChild.textContent)));
  top.append(h("nav", { "aria-label": "Sections" }, h("ul", null, links)));
}

function factsOf(run) {
  const { summary, setup, config } = run;
  const facts = [
    ["environment", setup.environment || config["environment.name"]],
    ["model", config["model.name"]],
    ["seed", setup.seed],
    ["steps", summary.steps.toLocaleString("en")],
    ["in", duration(summary.steps_s)],
    ["completions", summary.completions.toLocaleString("en")],
    ["unscored", summary.unscored.toLocaleString("en")],
    ["started", setup.started.replace("T", " ")],
  ];
  return facts.filter(([, value]) => value).map(([name, value]) => h("span", null, h("i", null, name), " ", visible(value)));
}

/** What the reader should know before reading on: what is not on the page, what was torn. */
function notes(runs) {
  const said = runs.flatMap((run) => {
    const { summary } = run;
    const own = [...summary.notes];
    if (summary.completions_kept < summary.completions) {
      own.unshift(
        `This page holds ${summary.completions_kept.toLocaleString("en")} of ${count(summary.completions, "completion")} ` +
        `(${run.groups_kept.toLocaleString("en")} of ${count(summary.groups, "group")}): those that alarms and the list of suspicious ` +
        "ones name, and of the others an even sample. Curves, figures and the map of difficulty are of all.",
      );
    }
    if (run.averaged) own.push("Curves are means over stretches of steps.");
    return own.map((words) => (runs.length > 1 ? `${run.name}: ${words}` : words));
  });
  return said.length ? h("ul", { class: "notes", "aria-label": "Notes" }, said.map((words) => h("li", null, visible(words)))) : null;
}

function reachedSection(runs, differences) {
  return runs.length > 1 ? comparison(runs, differences) : section("reached", "Reached", reachedTable(runs[0]));
}

function reachedTable(run) {
  const rows = run.summary.reached;
  if (!rows.length) return h("p", { class: "quiet" }, "Nothing has been measured.");
  const head = h("tr", null, ["", "before", "after", "0 to 1"].map((words) => h(words ? "th" : "td", words ? { scope: "col" } : null, words)));
  const body = rows.map(({ what, before, after }) =>
    h("tr", null, h("th", { scope: "row" }, visible(what)), h("td", null, figure(before)), h("td", { class: "strong" }, figure(after)), h("td", { class: "range" }, spread(before, after))));
  return h("div", null, framed("Before and after", h("table", { class: "figures" }, h("thead", null, head), h("tbody", null, body))), meant());
}

function meant() {
  return h("p", { class: "quiet meant" }, "Held out: the first and the last evaluation, on tasks that are not trained on, with the 95% interval. Training: means over the first and the last tenth of the steps.");
}

function figure(shown) {
  if (!shown) return DASH;
  const { value, interval } = shown;
  const words = Math.abs(value) <= 1 ? value.toFixed(3) : say(value);
  if (!interval) return words;
  return [words, " ", h("small", null, `[${interval.map((end) => end.toFixed(3)).join(", ")}]`)];
}

/** Before (hollow) and after (full) with their intervals, on a line from 0 to 1. */
function spread(before, after) {
  const inside = [before, after].every((one) => !one || (one.value >= 0 && one.value <= 1));
  if (!inside) return DASH;
  const x = (value) => 6 + 148 * value;
  const image = s("svg", { class: "spread", viewBox: "0 0 160 18", "aria-hidden": "true" }, s("line", { class: "base", x1: 6, x2: 154, y1: 9, y2: 9 }));
  for (const [one, kind] of [[before, "hollow"], [after, "full"]]) {
    if (one && one.interval) image.append(s("line", { class: `reach ${kind}`, x1: x(one.interval[0]), x2: x(one.interval[1]), y1: 9, y2: 9 }));
    if (one) image.append(s("circle", { class: kind, cx: x(one.value), cy: 9, r: 4 }));
  }
  return image;
}

function comparison(runs, differences) {
  const whats = [...new Set(runs.flatMap((run) => run.summary.reached.map(({ what }) => what)))];
  whats.sort((a, b) => a.startsWith("training") - b.startsWith("training"));
  const figureOf = (run, what) => run.summary.reached.find((row) => row.what === what);
  const plain = [
    ["steps", (run) => say(run.summary.steps)],
    ["time in steps", (run) => duration(run.summary.steps_s)],
    ["completions", (run) => say(run.summary.completions)],
    ["unscored", (run) => say(run.summary.unscored)],
    ["alarms", (run) => say(run.alarms.length)],
  ];
  const rows = [
    ...whats.map((what) => [what, (run) => beforeAndAfter(figureOf(run, what))]),
    ...plain,
  ];
  const reached = sideBySide(runs, rows.map(([what, cell]) => [what, runs.map(cell)]));
  const differ = differences.map(({ key, values }) => [key, values.map((value) => (value === null ? DASH : visible(value)))]);
  return section("reached", "Reached",
    framed("Reached, by run", reached),
    meant(),
    h("h3", null, "Settings that differ"),
    differ.length ? framed("Settings that differ", sideBySide(runs, differ, "settings")) : h("p", { class: "quiet" }, "None: the runs have the same settings."));
}

function beforeAndAfter(row) {
  if (!row) return DASH;
  return row.before ? [h("span", { class: "before" }, figure({ value: row.before.value }), " to "), figure(row.after)] : [figure(row.after)];
}

function sideBySide(runs, rows, kind) {
  const head = h("tr", null, h("td"), runs.map((run, n) => h("th", { scope: "col" }, swatch({ colour: n % 8 }), " ", visible(run.name))));
  const body = rows.map(([what, cells]) => h("tr", null, h("th", { scope: "row" }, visible(what)), cells.map((cell) => h("td", null, cell))));
  return h("table", { class: `figures ${kind || ""}` }, h("thead", null, head), h("tbody", null, body));
}

function setupSection(runs) {
  return section("setup", "Setup", runs.map((run) => setupOf(run, runs.length > 1)));
}

function setupOf(run, several) {
  const { setup } = run;
  const pairs = (table) => h("dl", null, Object.entries(table).map(([key, value]) => h("div", null, h("dt", null, visible(key)), h("dd", null, visible(value)))));
  const plugins = h("table", { class: "plugins" },
    h("thead", null, h("tr", null, ["plugin", "version", "hash", "status"].map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", null, setup.plugins.map((row) => h("tr", null, row.map((cell) => h("td", null, visible(cell)))))));
  const block = (title, ...content) => h("div", null, h("h3", null, title), ...content);
  return h("div", { class: "setup" },
    several ? h("h3", { class: "run" }, visible(run.name)) : null,
    block("Config", pairs(run.config)),
    block("Plugins", framed(`Plugins of ${run.name}`, plugins)),
    block("Versions", pairs({ ...setup.versions, ...setup.machine })),
    block("Command", h("p", null, h("code", null, visible(setup.command))), h("p", { class: "quiet" }, "in ", visible(run.path))));
}
