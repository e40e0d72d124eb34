// Which curves there are, which are shown, and the alarms under the reward.

const PANELS = [
  { title: "Reward", keys: ["reward", "{measure}", "{held out}"], shown: true, tall: true, share: true },
  { title: "Entropy", keys: ["entropy"], shown: true },
  { title: "Length", keys: ["mean_length"], shown: true },
  { title: "KL", keys: ["kl", "mismatch_kl"], shown: true },
  { title: "Zero-variance groups", keys: ["zero_variance"], shown: true, share: true },
  { title: "Seconds a step", keys: ["generate_s", "score_s", "update_s"], shown: true, stacked: true },
  { title: "Parts of the reward", keys: ["{parts}"] },
  { title: "Cut off at the longest length", keys: ["truncated"], share: true },
  { title: "Loss", keys: ["loss"] },
  { title: "Gradient norm", keys: ["grad_norm"] },
  { title: "Learning rate", keys: ["learning_rate"] },
  { title: "Clip ratio", keys: ["clip_ratio"] },
  { title: "Not judged", keys: ["unscored", "errors", "timeouts"] },
  { title: "Tokens", keys: ["tokens"] },
];

const NAMES = {
  "{held out}": "held-out pass@1",
  mean_length: "mean length",
  mismatch_kl: "mismatch KL",
  zero_variance: "share of groups",
  generate_s: "generate",
  score_s: "score",
  update_s: "update",
  grad_norm: "gradient norm",
  learning_rate: "learning rate",
  clip_ratio: "clip ratio",
  truncated: "share of completions",
};

/** The section of curves; `open(run, group)` shows a group, `openStep(step)` the groups of a step. */
function curves(runs, open, openStep) {
  const domain = domainOf(runs);
  if (!domain) return section("curves", "Curves", h("p", { class: "quiet" }, "No step has been logged."));
  const several = runs.length > 1;
  const panels = allPanels(runs).flatMap((panel) => (several ? apart(panel) : [panel]));
  const made = panels.map((panel) => ({ panel, series: seriesOf(panel, runs) })).filter(({ series }) => series.length);
  const grid = h("div", { class: "charts" });
  const boxes = made.map(({ panel, series }) => {
    const alarms = panel.keys[0] === "reward" ? alarmsOf(runs) : [];
    const chart = makeChart({ ...panel, series, domain, pick: openStep, marks: alarms.map(({ alarm }) => alarm.step) });
    if (alarms.length) timeline(chart, alarms, open);
    if (panel.tall) chart.figure.classList.add("wide");
    chart.figure.hidden = !panel.shown;
    grid.append(chart.figure);
    const box = h("input", { type: "checkbox", checked: panel.shown, change: () => (chart.figure.hidden = !box.checked) });
    return h("label", { class: "choice" }, box, panel.title);
  });
  const chooser = h("fieldset", { class: "chooser" }, h("legend", null, "Shown"), boxes);
  const smooth = select("Smoothing", [["0.0333", "a thirtieth of the steps"], ["0.1", "a tenth"], ["0", "none"]], (value) => smoothen(Number(value)));
  const hint = "Point at a chart, or move along it with the arrow keys, to read a step; a click or Enter shows its groups.";
  return section("curves", "Curves", h("div", { class: "controls" }, chooser, smooth), grid, h("p", { class: "quiet screen" }, hint));
}

function domainOf(runs) {
  const steps = runs.flatMap((run) => [...(run.metrics.step || []), ...run.evaluations.map((row) => row.step)]);
  return steps.length ? [Math.min(...steps), Math.max(...steps)] : null;
}

/** The known panels, and one for each number that none of them shows. */
function allPanels(runs) {
  const measure = runs.map((run) => run.measure).find((name) => name !== null);
  const logged = [...new Set(runs.flatMap((run) => Object.keys(run.metrics)))];
  const expand = (key) => {
    if (key === "{measure}") return measure ? [measure] : [];
    return key === "{parts}" ? logged.filter((name) => name.startsWith("parts/")) : [key];
  };
  const known = PANELS.map((panel) => ({ ...panel, keys: panel.keys.flatMap(expand) }));
  const taken = new Set(["step", ...known.flatMap((panel) => panel.keys)]);
  return [...known, ...logged.filter((name) => !taken.has(name)).map((name) => ({ title: name, keys: [name] }))];
}

/** With several runs a chart shows one number, a line a run. */
function apart(panel) {
  if (panel.stacked) return [{ ...panel, keys: ["wall_s"], stacked: false }];
  return panel.keys.map((key, n) => ({ ...panel, keys: [key], title: n === 0 ? panel.title : nameOf(key) }));
}

function seriesOf(panel, runs) {
  const several = runs.length > 1;
  return runs.flatMap((run, place) =>
    panel.keys
      .map((key, n) => ({ ...columnOf(run, key), name: several ? run.name : nameOf(key), colour: (several ? place : n) % 8 }))
      .filter((one) => one.values.some((value) => value !== null)),
  );
}

function nameOf(key) {
  return NAMES[key] || key.replace(/^parts\//, "");
}

function columnOf(run, key) {
  if (key !== "{held out}") return { steps: run.metrics.step || [], values: run.metrics[key] || [] };
  const rows = run.evaluations;
  const end = (row, n) => (row.interval ? row.interval[n] : null);
  return {
    steps: rows.map((row) => row.step),
    values: rows.map((row) => row.pass),
    low: rows.map((row) => end(row, 0)),
    high: rows.map((row) => end(row, 1)),
    dots: true,
  };
}

function alarmsOf(runs) {
  return runs.flatMap((run, place) => run.alarms.map((alarm) => ({ run, place, alarm })));
}

/** Buttons under the curve where alarms rang, and what they said. */
function timeline(chart, alarms, open) {
  const first = ({ place, alarm }) => {
    const example = alarm.examples.find(({ group }) => group !== null);
    return example ? () => open(place, example.group) : null;
  };
  const flags = alarms.map((one, n) =>
    h("button", {
      type: "button", class: "flag", disabled: !first(one), click: first(one),
      "aria-label": `Alarm ${n + 1} at step ${one.alarm.step}: show a group that it names`,
    }, String(n + 1)));
  chart.options.drawn = () => {
    let free = -Infinity;
    flags.forEach((flag, n) => {
      const left = Math.max(chart.scale.x(alarms[n].alarm.step), free);
      flag.style.left = `${left}px`;
      free = left + 26;
    });
  };
  const list = alarms.map(({ run, place, alarm }) =>
    h("li", null,
      h("p", null, h("b", null, `Step ${alarm.step}`), " ", h("code", null, alarm.kind), run.several ? ` in ${run.name}` : null, ": ", visible(alarm.words), "."),
      h("p", { class: "examples" }, "Groups: ", alarm.examples.map(({ id, group }) => exampleOf(id, group, () => open(place, group)))),
    ));
  chart.under.append(h("div", { class: "flags" }, flags), h("ol", { class: "alarms" }, list));
}

function exampleOf(id, group, click) {
  if (group === null) return h("span", { class: "quiet" }, visible(id), " (not on this page) ");
  return h("button", { type: "button", class: "link", click }, visible(id));
}
