// What the pages of verifiers share: shares and times in words, passages of texts, how a page begins and prints.

const MIDDOT = "\u00b7";

/** Say a share in percent, and never all or none of what is not. */
function percent(value) {
  if (value === null || value === undefined) return DASH;
  if (value === 0 || value === 1) return `${100 * value}%`;
  const places = value > 0.99 || value < 0.01 ? 2 : 1;
  const words = (100 * value).toFixed(places);
  if (Number(words) === 100) return "> 99.99%";
  return Number(words) === 0 ? "< 0.01%" : `${words}%`;
}

/** Say a time, given in milliseconds, in the unit that suits it. */
function clock(ms) {
  if (ms === null || ms === undefined) return DASH;
  if (ms >= 120000) return duration(ms / 1000);
  if (ms >= 1000) return `${Number((ms / 1000).toPrecision(3))} s`;
  if (ms >= 0.1 || ms === 0) return `${Number(ms.toPrecision(ms < 1 ? 2 : 3))} ms`;
  return `${Number((1000 * ms).toPrecision(2))} \u00b5s`;
}

/** Draw a passage: what was read is marked, what this page leaves out is said. */
function drawn(passage, search) {
  return passage.map((piece) => {
    if (typeof piece === "number") return h("span", { class: "gap" }, ` ${count(piece, "character")} left out of this page `);
    if (Array.isArray(piece)) return h("mark", { class: "was-read" }, visible(piece[0], search));
    return visible(piece, search);
  });
}

function wordsOf(passage) {
  return passage.map((piece) => (typeof piece === "number" ? "\n" : Array.isArray(piece) ? piece[0] : piece)).join("");
}

/** A text in a frame that scrolls where the text is long: by keyboard too. */
function framedText(label, kind, content, length, lines) {
  const long = length > 500 || lines > 12;
  return h("pre", { dir: "auto", class: kind, ...(long ? { tabindex: 0, role: "group", "aria-label": label } : {}) }, content);
}

function plainText(label, text, search) {
  return framedText(label, "text", visible(text, search), text.length, text.split("\n").length);
}

function definitions(rows, kind) {
  const there = rows.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return h("dl", { class: kind }, there.map(([name, value]) => h("div", null, h("dt", null, visible(name)), h("dd", null, typeof value === "string" ? visible(value) : value))));
}

/** The head of a page: what it is of, facts in a line, what there is to say first, and its sections. */
function begin({ kind, title, facts, lead, notes }, sections) {
  const there = facts.filter(([, value]) => value !== null && value !== undefined && value !== "");
  const line = there.map(([name, value]) => h("span", null, h("i", null, name), " ", typeof value === "string" ? visible(value) : value));
  const links = sections.map((one) => h("li", null, h("a", { href: `#${one.id}` }, one.firstChild.textContent)));
  document.getElementById("top").append(
    h("p", { class: "kind" }, kind),
    h("h1", null, visible(title)),
    h("p", { class: "facts" }, line),
    ...(lead || []),
    ...(links.length > 1 ? [h("nav", { "aria-label": "Sections" }, h("ul", null, links))] : []));
  const said = notes && notes.length ? [h("ul", { class: "notes", "aria-label": "Notes" }, notes.map((words) => h("li", null, visible(words))))] : [];
  document.getElementById("main").append(...said, ...sections);
  requestAnimationFrame(() => setTimeout(() => {
    performance.mark("rlvr-ready");
    for (const follow of followers) follow();
  }));
}

const followers = [];

/** How it was done: tables of what is known of the data, the settings, the machine, and the command. */
function conditions(shown, blocks) {
  const made = blocks.filter(([, rows]) => rows && rows.length).map(([title, rows]) => h("div", null, h("h3", null, title), definitions(rows, "known")));
  if (shown.command) made.push(h("div", { class: "run" }, h("h3", null, "Command"), h("pre", { class: "command" }, visible(shown.command))));
  return section("conditions", "How it was measured", h("div", { class: "setup" }, made));
}

/** Call for printing and for its end, whether it is begun by the reader or by a tool. */
function whenPrinting(change) {
  matchMedia("print").addEventListener("change", (event) => change(event.matches));
  addEventListener("beforeprint", () => change(true));
  addEventListener("afterprint", () => change(false));
}
