// The page of two verifiers over the same rows: what changed, by kind, and each flip with both sides.

const shown = JSON.parse(document.getElementById("shown").textContent);
const held = JSON.parse(document.getElementById("held").textContent);
const passages = held.passages.map((passage) => ({ passage, words: wordsOf(passage) }));
const sides = shown.sides.map((side, place) => ({ ...side, letter: "AB"[place] }));
const CHANGED = { improved: "Improved", regressed: "Regressed", unknown: "Not labelled" };
const MEANT = { improved: "wrong by A, right by B", regressed: "right by A, wrong by B", unknown: "differ, without a label that says who is right" };
const gallery = flipsGallery();
const look = (wanted) => {
  gallery.want(wanted);
  remember(gallery);
};

function sideName(side) {
  return h("span", { class: "side-of" }, h("b", { class: "letter" }, side.letter), " ", visible(side.label));
}

function tally() {
  const all = [["same", shown.same, "the same verdict", null], ["improved", shown.improved, MEANT.improved, "improved"],
    ["regressed", shown.regressed, MEANT.regressed, "regressed"], ["not labelled", shown.unlabelled_flips, "differ, no label", "unknown"]];
  const there = all.filter(([, n]) => n !== null);
  return h("ul", { class: "tiles" }, there.map(([name, n, meaning, change]) => {
    const words = [h("b", null, n.toLocaleString("en")), h("span", null, name), h("small", null, meaning)];
    const some = change && held.flips.some((one) => one.change === change);
    return h("li", { class: `tile ${n ? change || "" : ""}` }, some ? h("button", { type: "button", click: () => look({ change }) }, words) : h("div", null, words));
  }));
}

function kinds() {
  const { rows, left_out: left } = shown.kinds;
  if (!rows.some(([kind]) => kind)) return null;
  const amount = (place, change) => ({
    kind: "number", value: (row) => row[place],
    cell: (row) => (row[place] && held.flips.some((one) => one.kind === row[0] && one.change === change)
      ? h("button", { type: "button", class: "link", "aria-label": `${row[place]} ${change} of ${row[0]}: show`, click: () => look({ kind: row[0], change }) }, row[place].toLocaleString("en"))
      : row[place].toLocaleString("en")),
  });
  const columns = [
    { name: "kind", value: ([kind]) => kind, cell: ([kind]) => visible(kind || "(none)"), up: true },
    { name: "rows", value: (row) => row[1], cell: (row) => row[1].toLocaleString("en"), kind: "number" },
    { name: "regressed", ...amount(3, "regressed") },
    { name: "improved", ...amount(2, "improved") },
    { name: "not labelled", ...amount(4, "unknown") },
    { name: "net", title: "Improved less regressed", up: true, kind: "number", value: (row) => row[2] - row[3], cell: (row) => signed(row[2] - row[3]) },
  ];
  return section("kinds", "Kinds", sortable({ label: "Changes by kind", columns, rows, by: 2, kind: "measured narrow" }),
    left ? h("p", { class: "quiet" }, `${count(left, "kind")} with fewer changes left out of this page.`) : null);
}

function signed(n) {
  return n > 0 ? `+${n.toLocaleString("en")}` : n < 0 ? `\u2212${(-n).toLocaleString("en")}` : "0";
}

function flipsGallery() {
  const there = Object.keys(CHANGED).filter((change) => held.flips.some((one) => one.change === change));
  const countOf = (change) => held.flips.filter((one) => one.change === change).length.toLocaleString("en");
  const fields = [
    { name: "change", label: "Change", options: there.map((change) => [change, `${CHANGED[change]} (${countOf(change)})`]), fits: (one, change) => one.change === change },
    { name: "kind", label: "Kind", options: optionsOf(held.flips, (one) => one.kind || ""), fits: (one, kind) => one.kind === kind },
  ].filter(({ options }) => options.length);
  return makeGallery({
    id: "flips", title: "Flips", noun: "flip", items: held.flips, fields,
    intro: h("p", { class: "quiet" }, "Rows on which the verdict changed. ", h("mark", { class: "was-read" }, "Marked"), " is what each verifier read."),
    texts: (one) => [passages[one.sides[0].text].words, one.id || "", one.reference || "", one.why || "", ...one.sides.flatMap((side) => [side.answer || "", side.reason || "", side.error || ""])],
    key: (one) => one.id || "",
    card: flipCard,
  });
}

/** A flip: the completion once where both read the same of it, else once a side. */
function flipCard(one, search, href) {
  const shared = one.sides[0].text === one.sides[1].text;
  const said = (side, name) => completionOf(passages[side.text].passage, search, name);
  const columns = one.sides.map((side, place) => h("div", { class: "half" },
    h("h4", null, sideName(sides[place])),
    shared ? null : said(side, `Completion as ${sides[place].letter} read it`),
    definitions(verdictRows(side, search), "judged")));
  return caseCard({
    kind: { improved: "tn", regressed: "fp" }[one.change] || "un", badge: CHANGED[one.change] || one.change, who: null, item: one, href,
    body: [definitions(asked(one, search), "judged"), shared ? said(one.sides[0], "Completion") : null, h("div", { class: "halves" }, columns)],
  });
}

const known = (name) => (shown.data.find(([key]) => key === name) || [])[1];
const facts = [["rows", shown.rows === null ? null : shown.rows.toLocaleString("en")], ["data", known("source")], ["format", known("format")]];
const versus = h("dl", { class: "versus" }, sides.map((side) => h("div", null, h("dt", null, h("b", { class: "letter" }, side.letter), " ", visible(side.label)), h("dd", null, h("code", null, visible(side.plugin || ""))))));
const sections = [
  section("counts", "Counts", tally()), kinds(), gallery.section,
  conditions(shown, [["Data", shown.data], ["Verifiers", sides.map((side) => [side.label, side.plugin])], ["Machine", shown.machine]]),
].filter(Boolean);
begin({ kind: "rlvr diff", title: shown.title, facts, lead: [versus], notes: shown.notes }, sections);
