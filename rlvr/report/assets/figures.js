// Verifiers side by side: how often they are right, how fast they are, how long they can take.

const FLOORS = [0.99, 0.98, 0.95, 0.9, 0.8, 0.5, 0];

function who(one) {
  return h("span", { class: "who" }, swatch({ colour: one.colour }), h("span", null, visible(one.label)));
}

function sideBySide(verifiers, look) {
  const floor = floorOf(verifiers);
  const share = (key, name, title) => ({ name, title, value: (one) => one[key], cell: (one) => withInterval(one[key], one[`${key}_ci95`]), kind: "number" });
  const number = (key, name, error, rate) => ({
    name, title: `${ERRORS[error]}s: show them`, up: true, kind: "number", value: (one) => one[key],
    cell: (one) => amountOf(one, one[key], error, rate(one), look),
  });
  const columns = [
    { name: "verifier", value: (one) => one.label, cell: who, up: true },
    { name: "accuracy", value: (one) => one.accuracy, cell: (one) => withInterval(one.accuracy, one.accuracy_ci95), kind: "number strong" },
    { name: scaleOf(floor), said: `from ${Math.round(100 * floor)}% to 100%`, cell: (one) => accuracyBar(one, floor), kind: "range" },
    number("fp", "false positives", 0, (one) => one.noise && one.noise.false_positive_rate),
    number("fn", "false negatives", 1, (one) => one.noise && one.noise.false_negative_rate),
    number("unscored", "unscored", 2, (one) => (one.unscored === null || !one.n ? null : one.unscored / one.n)),
    share("precision", "precision"),
    share("recall", "recall"),
    { name: "F1", value: (one) => one.f1, cell: (one) => percent(one.f1), kind: "number" },
  ];
  const words = "Accuracy: the share of all labelled rows that is judged as labelled; one that is unscored counts as not right. " +
    "Brackets and whiskers: 95% intervals. Of false positives the share of wrong completions that are paid, of false negatives that of right ones that are not.";
  return section("verdicts", "Right and wrong",
    sortable({ label: "Right and wrong, by verifier", columns, rows: verifiers, by: 1, kind: "measured" }),
    h("p", { class: "quiet meant" }, words));
}

function withInterval(value, ends) {
  return [percent(value), ends && value !== null ? h("small", { class: "interval" }, ` ${(100 * ends[0]).toFixed(1)}\u2013${(100 * ends[1]).toFixed(1)}`) : null];
}

function amountOf(one, n, error, rate, look) {
  if (n === null) return DASH;
  const label = `${n.toLocaleString("en")} ${ERRORS[error].toLowerCase()} of ${one.label}: show`;
  const words = one.held[error] ? h("button", { type: "button", class: "link", "aria-label": label, click: () => look({ verifier: one.label, error: ERROR_KEYS[error] }) }, n.toLocaleString("en")) : n.toLocaleString("en");
  return [words, n && rate !== null ? h("small", null, ` ${percent(rate)}`) : null];
}

/** Where the axis of accuracy starts: as near as the lowest whisker lets it. */
function floorOf(verifiers) {
  const lows = verifiers.flatMap((one) => (one.accuracy === null ? [] : [one.accuracy_ci95 ? one.accuracy_ci95[0] : one.accuracy]));
  return lows.length ? FLOORS.find((floor) => floor <= Math.min(...lows)) : 0;
}

function scaleOf(floor) {
  return h("span", { class: "scale", title: floor ? `The bars are cut off: they start at ${Math.round(100 * floor)}%` : null }, h("span", null, `${floor ? "from " : ""}${Math.round(100 * floor)}%`), h("span", null, "100%"));
}

/** A bar with whiskers; where the axis does not start at nothing, the bar is torn. */
function accuracyBar(one, floor) {
  if (one.accuracy === null) return DASH;
  const x = (value) => 2 + (156 * (value - floor)) / (1 - floor);
  const end = x(one.accuracy);
  const image = s("svg", { class: `bar-of c${one.colour}`, viewBox: "0 0 160 20", "aria-hidden": "true" },
    s("rect", { class: "track", x: 2, y: 4, width: 156, height: 12 }),
    s("rect", { class: "filled", x: 2, y: 4, width: Math.max(0, end - 2), height: 12 }));
  if (floor) image.append(s("path", { class: "torn", d: "M9,1 L5,7 L10,12 L6,19" }));
  if (one.accuracy_ci95) {
    const [low, high] = one.accuracy_ci95.map(x);
    image.append(s("path", { class: "whisker", d: `M${low},10H${high}M${low},5.5V14.5M${high},5.5V14.5` }));
  }
  return image;
}

function speed(verifiers, timeout) {
  const span = spanOf(verifiers);
  const time = (key, name) => ({ name, up: true, kind: "number", value: (one) => one[key], cell: (one) => clock(one[key]) });
  const amount = (key, name, title) => ({ name, title, up: true, kind: "number", value: (one) => one[key], cell: (one) => (one[key] ? h("b", { class: key === "memory_mb" ? null : "bad" }, say(one[key])) : say(one[key])) });
  const rate = (key, name) => ({ name, kind: "number", value: (one) => one[key], cell: (one) => (one[key] === null ? DASH : brieflyOf(one[key])) });
  const ratios = verifiers.some((one) => one.ratio);
  const columns = [
    { name: "verifier", value: (one) => one.label, cell: who, up: true },
    time("p50_ms", "p50"), time("p95_ms", "p95"), time("p99_ms", "p99"), time("max_ms", "max"),
    { name: "p50 to max", cell: (one) => rangeImage(one, span), kind: "range" },
    rate("rate_per_s", "per\u00a0s, one\u00a0core"), rate("rate_all_per_s", "per\u00a0s, all\u00a0cores"),
    ...(ratios ? [{ name: besideOf(verifiers), kind: "number", value: (one) => (one.ratio ? one.ratio.p50 : null), cell: ratioOf, up: true }] : []),
    amount("hangs", "hangs"), amount("crashes", "crashes"), amount("errors", "errors"),
    { ...amount("memory_mb", "MB", "The most memory that was held"), cell: (one) => (one.memory_mb === null ? DASH : Math.round(one.memory_mb).toLocaleString("en")) },
  ];
  return section("speed", "Speed",
    sortable({ label: "Speed, by verifier", columns, rows: verifiers, by: 1, kind: "measured" }),
    latency(verifiers, timeout));
}

function brieflyOf(value) {
  return value >= 10 ? Math.round(value).toLocaleString("en") : Number(value.toPrecision(2)).toString();
}

/** What the times are set beside, where it is the same for all. */
function besideOf(verifiers) {
  const named = [...new Set(verifiers.filter((one) => one.ratio).map((one) => one.ratio.to))];
  return named.length === 1 && named[0] ? `time beside ${shortly(named[0])}` : "time beside";
}

function ratioOf(one) {
  if (!one.ratio) return DASH;
  const { p50, p10, p90, to } = one.ratio;
  const times = (value) => Number(value.toPrecision(3)).toLocaleString("en");
  return [h("span", { title: to ? `The time of a row beside that of ${to}; 10th to 90th percentile` : null }, `${times(p50)}\u00d7`),
    p10 !== null && p90 !== null ? h("small", null, ` ${times(p10)}\u2013${times(p90)}`) : null];
}

function spanOf(verifiers) {
  const all = verifiers.flatMap((one) => [one.p50_ms, one.max_ms]).filter((ms) => ms !== null && ms > 0);
  return all.length ? [Math.min(...all), Math.max(...all)] : null;
}

/** From p50 (full) over p95 and p99 (strokes) to the slowest (hollow), on an axis by powers of ten. */
function rangeImage(one, span) {
  const there = [one.p50_ms, one.max_ms].every((ms) => ms !== null && ms > 0);
  if (!span || !there) return DASH;
  const [low, high] = span.map(Math.log10);
  const x = (ms) => 6 + (128 * (Math.log10(ms) - low)) / (high - low || 1);
  const image = s("svg", { class: `reach-of c${one.colour}`, viewBox: "0 0 140 20", "aria-hidden": "true" },
    s("line", { class: "line", x1: x(one.p50_ms), x2: x(one.max_ms), y1: 10, y2: 10 }));
  for (const ms of [one.p95_ms, one.p99_ms]) {
    if (ms !== null && ms > 0) image.append(s("line", { class: "line", x1: x(ms), x2: x(ms), y1: 5, y2: 15 }));
  }
  image.append(s("circle", { class: "full", cx: x(one.p50_ms), cy: 10, r: 4 }), s("circle", { class: "hollow", cx: x(one.max_ms), cy: 10, r: 3.5 }));
  return image;
}

function latency(verifiers, timeout) {
  const first = 0.8 * Math.min(...verifiers.flatMap((one) => one.latency.map(([upper]) => upper)));
  const series = verifiers.map((one) => latencyOf(one, first)).filter(Boolean);
  if (!series.length) return h("p", { class: "quiet" }, "Times have not been measured.");
  const uppers = series.flatMap((one) => one.steps);
  const deadline = timeout === null ? null : 1000 * timeout;
  const last = Math.max(...uppers);
  const domain = [Math.min(...uppers), last > 0.3 * (deadline || Infinity) ? Math.max(last, deadline) : last];
  const marks = deadline !== null && deadline <= domain[1] ? [deadline] : [];
  const middles = verifiers.map((one) => one.p50_ms).filter((ms) => ms !== null && ms > 0);
  const rest = middles.length ? Number(`1e${Math.ceil(Math.log10(Math.max(...middles)))}`) : domain[1];
  const chart = makeChart({
    title: "Share of verifications done within a time", by: "time", series, domain, log: true, tall: true, share: true, marks,
    rest: clamp(rest, ...domain), sayStep: clock, sayValue: percent, sayTick: (value) => `${Math.round(100 * value)}%`,
  });
  chart.figure.classList.add("wide");
  const hint = "Point at the chart, or move along it with the arrow keys, to read another time.";
  const said = marks.length ? `The broken line is the deadline, ${clock(deadline)}: what takes longer is killed. ` : "";
  chart.under.append(h("p", { class: "quiet meant" }, said, h("span", { class: "screen" }, hint)));
  return h("div", { class: "charts latency" }, chart.figure);
}

/** The share done, by time: a line between the upper ends of the buckets, from nothing on. */
function latencyOf(one, first) {
  const all = one.latency.reduce((sum, [, n]) => sum + n, 0);
  if (!all) return null;
  let done = 0;
  const shares = one.latency.map(([, n]) => (done += n) / all);
  const uppers = one.latency.map(([upper]) => upper);
  const before = [...new Set([first, 0.8 * uppers[0]])];
  return { name: one.label, colour: one.colour, exact: true, held: true, steps: [...before, ...uppers], values: [...before.map(() => 0), ...shares] };
}
