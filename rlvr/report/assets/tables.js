// The map of difficulty, and the completions that are paid much for little.

function difficulty(runs, find) {
  const all = runs.flatMap((run, place) => run.maps.map((map) => ({ map, place, label: runs.length > 1 ? `${run.name}: ${map.by}` : map.by })));
  if (!all.length) return section("difficulty", "Difficulty", h("p", { class: "quiet" }, "The tasks cannot be told apart: each was seen once, or there is one."));
  const place = h("div");
  const show = (n) => place.replaceChildren(heat(all[n], find));
  show(0);
  const chooser = select("Tasks by", all.map(({ label }, n) => [n, label]), (n) => show(Number(n)));
  return section("difficulty", "Difficulty", h("p", { class: "quiet" }, "Mean reward by kind of task, the hardest first, and by time."), h("div", { class: "controls" }, chooser), place);
}

function heat({ map, place }, find) {
  const values = map.rows.flatMap((row) => row.cells).filter((value) => value !== null);
  const inside = values.every((value) => value >= 0 && value <= 1);
  const low = inside ? 0 : Math.min(...values);
  const high = inside ? 1 : Math.max(...values);
  const level = (value) => Math.min(6, Math.floor((7 * (value - low)) / (high - low || 1)));
  const findable = ["task", "prompt", "reference"].includes(map.by);
  const body = map.rows.map((row) => {
    const look = (from, to) => find({ place, where: map.by, text: row.kind, from, to });
    const name = findable && row.kind ? h("button", { type: "button", class: "link", click: () => look("", "") }, visible(row.kind)) : visible(row.kind || "(none)");
    return h("tr", null,
      h("th", { scope: "row", title: row.kind }, name),
      h("td", null, row.completions.toLocaleString("en")),
      h("td", null, say(row.mean)),
      row.cells.map((value, n) => {
        if (value === null) return h("td", { class: "cell none" });
        const [first, last] = map.columns[n];
        const says = { type: "button", title: `${row.kind}, steps ${first} to ${last}`, click: () => look(first, last) };
        return h("td", { class: `cell heat${level(value)}` }, findable && row.kind ? h("button", says, brief(value)) : brief(value));
      }));
  });
  const head = h("tr", null,
    h("th", { scope: "col" }, map.by), h("th", { scope: "col" }, "completions"), h("th", { scope: "col" }, "mean"),
    map.columns.map(([first, last]) => h("th", { scope: "col", class: "column", title: `steps ${first} to ${last}` }, String(last))));
  const table = h("table", { class: "heat" }, h("caption", null, `Mean reward; each column ends at the step above it.`), h("thead", null, head), h("tbody", null, body));
  const left = map.left_out ? h("p", { class: "quiet" }, `The most-seen ${map.rows.length} are shown; ${count(map.left_out, "other")} left out.`) : null;
  return h("div", null, framed("Map of difficulty", table), left);
}

function brief(value) {
  return Math.abs(value) < 10 ? value.toFixed(2).replace(/^(-?)0\./, "$1.").replace(/\.00$/, "") || "0" : value.toPrecision(2);
}

function suspicious(runs, rollouts, open) {
  const blocks = runs.map((run, place) => [run, suspectRows(run, rollouts[place], place, open)]).filter(([, rows]) => rows.length);
  const none = h("p", { class: "quiet" }, "None: no completion is paid more than another.");
  return section("suspicious", "Suspicious", ...(blocks.length ? blocks.flatMap(([run, rows]) => suspectTable(run, rows, runs.length > 1)) : [none]));
}

function suspectTable(run, rows, several) {
  const { from_reward: from, median_length: median } = run.suspects;
  const words = `Completions paid ${say(from)} or more (the upper tenth of the range), one a group, the least work first` +
    `${run.measure ? `; those that are not right by ${run.measure} before all others` : ""}. ` +
    `Their median length is ${say(median)}. Equal texts are shown once.`;
  const names = ["reward", run.measure, "length", "of the median", "reason", "groups", "first in", "completion"].filter(Boolean);
  const head = h("tr", null, names.map((name) => h("th", { scope: "col" }, name)));
  return [
    several ? h("h3", null, visible(run.name)) : null,
    h("p", { class: "quiet" }, words),
    framed(`Suspicious completions of ${run.name}`, h("table", { class: "suspects" }, h("thead", null, head), h("tbody", null, rows))),
  ];
}

function suspectRows(run, held, place, open) {
  return run.suspects.groups.map(({ group, seen, length }) => {
    const best = suspectOf(held.groups[group], run, held.words);
    const wrong = best.measure !== null && best.measure < 1;
    return h("tr", { class: wrong ? "wrong" : null },
      h("td", null, say(best.reward)),
      run.measure ? h("td", null, say(best.measure)) : null,
      h("td", null, say(length)),
      h("td", null, `${((100 * length) / (run.suspects.median_length || 1)).toFixed(0)}%`),
      h("td", null, visible(held.words[best.reason])),
      h("td", null, say(seen)),
      h("td", null, h("button", { type: "button", class: "link", click: () => open(place, group, best.place) }, `step ${held.groups[group].step}`)),
      h("td", { class: "text" }, best.text ? h("code", null, visible(best.text.slice(0, 200)), best.text.length > 200 ? " ..." : null) : h("i", null, "empty")));
  });
}

/** Of a group the best-paid completion that is not right, the shortest of them. */
function suspectOf(group, run, words) {
  const most = Math.max(...group.rollouts.map((one) => (one.reward === null ? -Infinity : one.reward)));
  const rated = group.rollouts.map((one, place) => {
    const part = run.measure ? one.parts.find(([name]) => words[name] === run.measure) : null;
    return { ...one, place, measure: part ? part[1] : null, length: one.tokens || one.text.length };
  });
  const right = (one) => (one.measure === null || one.measure >= 1 - 1e-9 ? 1 : 0);
  return rated.filter((one) => one.reward === most).sort((a, b) => right(a) - right(b) || a.length - b.length)[0];
}
