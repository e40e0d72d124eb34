// One row that a verifier judged: what was said, what was read of it, and why it was judged so.

const ERRORS = ["False positive", "False negative", "Unscored"];
const ERROR_KEYS = ["false_positives", "false_negatives", "unscored"];
const LABELS = { true: "right", false: "wrong" };

function labelOf(item) {
  return LABELS[item.label] || "not labelled";
}

function completionOf(passage, search, name) {
  const length = passage.reduce((sum, piece) => sum + (typeof piece === "number" ? 0 : piece.length === 1 ? piece[0].length : piece.length), 0);
  if (!passage.length) return h("p", { class: "quiet" }, "(an empty completion)");
  const lines = wordsOf(passage).split("\n").length;
  return framedText(name, "said", drawn(passage, search), length, lines);
}

/** What a verifier made of a completion, as definitions. */
function verdictRows(one, search) {
  const why = one.explanation || {};
  const read = why.read !== undefined && why.read !== one.answer ? why.read : null;
  return [
    ["verdict", h("span", null, h("b", { class: one.reward === null ? "bad" : null }, one.reward === null ? "unscored" : `reward ${say(one.reward)}`), one.reason ? [" ", MIDDOT, " ", visible(one.reason, search)] : null)],
    ["answer", one.answer === null ? h("span", { class: "quiet" }, "nothing was read") : h("code", null, visible(one.answer, search))],
    ["read", read === null ? null : h("code", null, visible(read, search))],
    ["by rule", why.rule],
    ["compared", why.forms ? forms(why.forms, search) : null],
    ["decided by", why.stage],
    ["time", times(one, why)],
    ["error", one.error ? h("span", { class: "error" }, visible(one.error, search)) : null],
    ["notes", why.notes ? h("ul", null, why.notes.map((note) => h("li", null, visible(note, search)))) : null],
  ];
}

function forms(found, search) {
  return h("dl", { class: "forms" }, found.map(([name, form]) => h("div", null, h("dt", null, visible(name)), h("dd", null, plainText(name, form, search)))));
}

function times(one, why) {
  const stages = (why.ms || []).filter(([, ms]) => ms > 0).map(([name, ms]) => `${name} ${clock(ms)}`);
  const all = one.ms === undefined ? null : clock(one.ms);
  if (!stages.length) return all;
  return [all ? `${all}: ` : "", h("span", { class: "quiet" }, visible(stages.join(", ")))];
}

/** A card: its head says what it is of, its body what was said beside what was made of it. */
function caseCard({ kind, badge, who, item, href, body }) {
  const link = h("a", { class: "here", href, title: "A link to this row" }, visible(item.id || "(no id)"));
  return h("li", { class: `case ${kind}`, tabindex: -1 },
    h("div", { class: "top" }, h("h3", { class: "badge" }, badge), who, item.kind ? h("span", { class: "tag" }, visible(item.kind)) : null, link),
    item.why ? h("p", { class: "why" }, h("i", null, "labelled ", labelOf(item), ":"), " ", visible(item.why)) : null,
    body);
}

function asked(item, search) {
  return [
    ["label", item.why ? null : labelOf(item)],
    ["reference", item.reference === undefined ? null : plainText("Reference", item.reference, search)],
  ];
}
