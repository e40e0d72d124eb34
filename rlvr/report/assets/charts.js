// Line charts and stacked ones, drawn to the width they have; one cursor for all of them.

const charts = [];
const cursor = { step: null };
const smoothing = { share: 1 / 30 };
const MARGIN = { left: 46, right: 12, top: 8, bottom: 20 };

function moveCursor(step) {
  cursor.step = step;
  for (const chart of charts) chart.point();
}

function smoothen(share) {
  smoothing.share = share;
  for (const chart of charts) chart.draw();
}

/**
 * Make a chart.
 * title, series: [{name, colour, steps, values, low, high, dots}], domain: [first, last step], stacked,
 * share: from 0 to 1, tall, pick(step): what a click or Enter does.
 * Where x is not the step: by: what it is, sayStep(x), log: its axis goes by powers of ten;
 * rest: what is read while nobody points; sayValue(y), sayTick(y).
 * A series is `exact` where it is not to be smoothed, and `dots` or `held` where its last value holds until the next.
 */
function makeChart(options) {
  const legend = h("ul", { class: "legend" });
  const plot = h("div", {
    class: options.tall ? "plot tall" : "plot",
    tabindex: 0,
    role: "slider",
    "aria-label": `${options.title}, by ${options.by || "step"}`,
    "aria-valuemin": options.domain[0],
    "aria-valuemax": options.domain[1],
  });
  const under = h("div", { class: "under" });
  const figure = h("figure", { class: "chart" }, h("figcaption", null, h("h3", null, options.title), legend), plot, under);
  const chart = { options, figure, legend, plot, under, line: null, scale: null };
  chart.draw = () => drawChart(chart);
  chart.point = () => pointAt(chart);
  listen(chart);
  charts.push(chart);
  resized.observe(plot);
  return chart;
}

const resized = new ResizeObserver((entries) => {
  for (const entry of entries) charts.find((chart) => chart.plot === entry.target).draw();
});

function listen(chart) {
  const { plot, options } = chart;
  const steps = [...new Set(options.series.flatMap((one) => one.steps))].sort((a, b) => a - b);
  const stepAt = (event) => {
    const box = plot.getBoundingClientRect();
    return nearest(steps, chart.scale.toStep(event.clientX - box.left));
  };
  plot.addEventListener("pointermove", (event) => moveCursor(stepAt(event)));
  plot.addEventListener("pointerleave", () => moveCursor(null));
  if (options.pick) plot.addEventListener("click", (event) => options.pick(stepAt(event)));
  plot.addEventListener("blur", () => moveCursor(null));
  plot.addEventListener("keydown", (event) => {
    const now = cursor.step === null ? steps.length - 1 : steps.indexOf(nearest(steps, cursor.step));
    const far = Math.max(1, Math.round(steps.length / 10));
    const moves = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -far, PageUp: far };
    const ends = { Home: 0, End: steps.length - 1 };
    if (event.key === "Enter" && options.pick) options.pick(steps[now]);
    else if (event.key in moves) moveCursor(steps[clamp(now + moves[event.key], 0, steps.length - 1)]);
    else if (event.key in ends) moveCursor(steps[ends[event.key]]);
    else return;
    event.preventDefault();
  });
}

function drawChart(chart) {
  const { options, plot } = chart;
  const width = plot.clientWidth;
  if (width <= MARGIN.left + MARGIN.right) return;
  const height = plot.clientHeight;
  const inner = { width: width - MARGIN.left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom };
  const drawn = options.series.map((one) => ({ ...one, smooth: smoothed(one) }));
  if (options.stacked) stack(drawn);
  const [low, high] = rangeOf(drawn, options);
  const [first, last] = options.domain;
  const along = options.log ? Math.log10 : (step) => step;
  const back = options.log ? (place) => 10 ** place : (place) => place;
  const reach = along(last) - along(first);
  const x = (step) => ((along(step) - along(first)) / (reach || 1)) * inner.width;
  const y = (value) => (1 - (value - low) / (high - low || 1)) * inner.height;
  chart.scale = { x: (step) => MARGIN.left + x(step), toStep: (px) => back(along(first) + ((px - MARGIN.left) / inner.width) * reach) };
  const field = s("svg", { x: MARGIN.left, y: MARGIN.top, ...inner });
  for (const one of drawn) field.append(...(options.stacked ? area(one, x, y) : lines(one, x, y)));
  for (const step of options.marks || []) field.append(s("line", { class: "mark", x1: x(step), x2: x(step), y1: 0, y2: inner.height }));
  chart.line = s("line", { class: "cursor", y1: MARGIN.top, y2: MARGIN.top + inner.height });
  const image = s("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" }, axes(inner, x, y, [low, high], options), field, chart.line);
  plot.replaceChildren(image);
  chart.point();
  if (options.drawn) options.drawn(chart);
}

function pointAt(chart) {
  const { options, legend, plot, line } = chart;
  const step = cursor.step === null ? options.rest || options.domain[1] : cursor.step;
  const [sayStep, sayValue] = [options.sayStep || ((one) => `step ${one.toLocaleString("en")}`), options.sayValue || say];
  const said = options.series.map((one) => [one, valueAt(one, step)]);
  legend.replaceChildren(
    ...said.map(([one, value]) => h("li", null, swatch(one), visible(one.name), " ", h("b", null, sayValue(value)))),
    h("li", { class: "step" }, sayStep(step)),
  );
  plot.setAttribute("aria-valuenow", step);
  plot.setAttribute("aria-valuetext", `${sayStep(step)}: ` + said.map(([one, value]) => `${one.name} ${sayValue(value)}`).join(", "));
  if (!line) return;
  line.style.display = cursor.step === null ? "none" : "";
  line.setAttribute("x1", chart.scale.x(step));
  line.setAttribute("x2", chart.scale.x(step));
}

function swatch(one) {
  return s("svg", { class: "swatch", viewBox: "0 0 22 8", "aria-hidden": "true" },
    s("line", { class: `stroke c${one.colour}`, x1: 0, x2: 22, y1: 4, y2: 4 }));
}

function lines(one, x, y) {
  const made = [];
  const colour = `c${one.colour}`;
  if (one.low) made.push(s("path", { class: `band ${colour}`, d: bandOf(one, x, y) }));
  if (one.smooth !== one.values) made.push(s("path", { class: `raw ${colour}`, d: pathOf(one.steps, one.values, x, y) }));
  made.push(s("path", { class: `stroke ${colour}`, d: pathOf(one.steps, one.smooth, x, y) }));
  if (one.dots) {
    const there = one.steps.map((step, i) => [step, one.values[i]]).filter(([, value]) => value !== null);
    made.push(...there.map(([step, value]) => s("circle", { class: `dot ${colour}`, cx: x(step), cy: y(value), r: 2.6 })));
  }
  return made;
}

function area(one, x, y) {
  const over = one.steps.map((step, i) => `${x(step).toFixed(1)},${y(one.top[i]).toFixed(1)}`);
  const back = one.steps.map((step, i) => `${x(step).toFixed(1)},${y(one.bottom[i]).toFixed(1)}`).reverse();
  return [s("path", { class: `area c${one.colour}`, d: `M${over.join("L")}L${back.join("L")}Z` })];
}

function stack(drawn) {
  let bottom = null;
  for (const one of drawn) {
    one.bottom = bottom || one.smooth.map(() => 0);
    one.top = one.smooth.map((value, i) => one.bottom[i] + (value || 0));
    bottom = one.top;
  }
}

function pathOf(steps, values, x, y) {
  let path = "";
  let pen = false;
  for (let i = 0; i < steps.length; i++) {
    if (values[i] !== null) path += `${pen ? "L" : "M"}${x(steps[i]).toFixed(1)},${y(values[i]).toFixed(1)}`;
    pen = values[i] !== null;
  }
  return path;
}

function bandOf(one, x, y) {
  const there = one.steps.map((step, i) => [step, one.low[i], one.high[i]]).filter(([, low]) => low !== null);
  const over = there.map(([step, , high]) => `${x(step).toFixed(1)},${y(high).toFixed(1)}`);
  const back = there.map(([step, low]) => `${x(step).toFixed(1)},${y(low).toFixed(1)}`).reverse();
  return there.length ? `M${over.join("L")}L${back.join("L")}Z` : "";
}

/** The mean of each value and of those before it, over a share of all steps. */
function smoothed(one) {
  const window = one.dots || one.exact ? 1 : Math.max(1, Math.round(one.values.length * smoothing.share));
  if (window === 1) return one.values;
  const recent = [];
  return one.values.map((value) => {
    recent.push(value);
    if (recent.length > window) recent.shift();
    const there = recent.filter((each) => each !== null);
    return value === null ? null : there.reduce((sum, each) => sum + each, 0) / there.length;
  });
}

/** From the smallest to the greatest value, a hundredth of outliers left out at each end. */
function rangeOf(drawn, options) {
  const all = drawn.flatMap((one) => (options.stacked ? one.top : one.values)).filter((value) => value !== null).sort((a, b) => a - b);
  if (!all.length) return [0, 1];
  if (options.stacked) return [0, all[all.length - 1 - Math.floor(all.length / 100)] * 1.06 || 1];
  const cut = Math.floor(all.length / 100);
  const low = all[cut];
  const high = all[all.length - 1 - cut];
  if (options.share && all[0] >= 0 && all[all.length - 1] <= 1) return [0, 1];
  const from = low >= 0 && low < 0.6 * high ? 0 : low;
  const room = 0.06 * (high - from || Math.abs(high) || 1);
  return [from === 0 ? 0 : from - room, high + room];
}

function axes(inner, x, y, range, { domain, log, sayStep, sayTick }) {
  const group = s("g", { class: "axes" });
  for (const value of ticks(range[0], range[1], inner.height / 28)) {
    const place = MARGIN.top + y(value);
    group.append(s("line", { x1: MARGIN.left, x2: MARGIN.left + inner.width, y1: place, y2: place }));
    group.append(s("text", { x: MARGIN.left - 6, y: place + 3.5, "text-anchor": "end" }, (sayTick || tick)(value)));
  }
  const steps = log ? decades(domain[0], domain[1]) : ticks(domain[0], domain[1], inner.width / 90).filter(Number.isInteger);
  for (const step of steps) {
    const place = MARGIN.left + x(step);
    if (log) group.append(s("line", { x1: place, x2: place, y1: MARGIN.top, y2: MARGIN.top + inner.height }));
    group.append(s("text", { x: place, y: MARGIN.top + inner.height + 15, "text-anchor": "middle" }, (sayStep || tick)(step)));
  }
  return group;
}

function ticks(low, high, most) {
  const rough = (high - low) / Math.max(1, most) || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const unit = [1, 2, 5, 10].find((factor) => factor * power >= rough) * power;
  const made = [];
  for (let n = Math.ceil(low / unit - 1e-9); n * unit <= high + unit * 1e-9; n++) made.push(Number((n * unit).toPrecision(12)));
  return made;
}

function decades(low, high) {
  const made = [];
  for (let power = Math.ceil(Math.log10(low) - 1e-9); power <= Math.log10(high) + 1e-9; power++) made.push(Number(`1e${power}`));
  return made;
}

function tick(value) {
  const size = Math.abs(value);
  if (size >= 1e6 || (size > 0 && size < 1e-3)) return value.toExponential(0);
  return value.toLocaleString("en", { maximumFractionDigits: 4 });
}

/** The value of the step that is nearest; of what is measured now and then, the last that was known. */
function valueAt(one, step) {
  const known = one.steps.filter((each, i) => one.values[i] !== null);
  const there = one.dots || one.held ? known.filter((each) => each <= step) : known;
  if (!there.length) return null;
  return one.values[one.steps.indexOf(nearest(there, step))];
}

function nearest(sorted, wanted) {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  const before = sorted[Math.max(0, low - 1)];
  return Math.abs(before - wanted) <= Math.abs(sorted[low] - wanted) ? before : sorted[low];
}

function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}
