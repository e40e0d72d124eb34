// Where verifiers go wrong: confusion, noise in groups, kinds of rows, agreement, findings.

function level(share) {
  return [0, 0.01, 0.03, 0.1, 0.25, 0.5].filter((from) => share > from).length;
}

function confusions(verifiers, look) {
  const labelled = verifiers.filter((one) => one.tp !== null && one.tp + one.fp + one.fn + one.tn > 0);
  if (!labelled.length) return null;
  return section("confusion", "Confusion", h("ul", { class: "matrices" }, labelled.map((one) => h("li", null, confusion(one, look)))));
}

function confusion(one, look) {
  const cell = (n, kind, error) => {
    const words = n.toLocaleString("en");
    const button = () => h("button", { type: "button", class: "link", "aria-label": `${words} ${ERRORS[error].toLowerCase()} of ${one.label}: show`, click: () => look({ verifier: one.label, error: ERROR_KEYS[error] }) }, words);
    return h("td", { class: kind }, n && error !== null && one.held[error] ? button() : words);
  };
  const heads = ["", "judged right", "judged wrong", "unscored"];
  const unscored = [one.unscored_right, one.unscored_wrong].map((n) => cell(n || 0, "none", 2));
  return h("table", { class: "matrix" },
    h("caption", null, who(one)),
    h("thead", null, h("tr", null, heads.map((words) => h(words ? "th" : "td", words ? { scope: "col" } : null, words)))),
    h("tbody", null,
      h("tr", null, h("th", { scope: "row" }, "labelled right"), cell(one.tp, "good", null), cell(one.fn, one.fn ? "miss" : null, 1), unscored[0]),
      h("tr", null, h("th", { scope: "row" }, "labelled wrong"), cell(one.fp, one.fp ? "amiss" : null, 0), cell(one.tn, "good", null), unscored[1])));
}

function noise(verifiers) {
  const there = verifiers.filter((one) => one.noise && one.noise.group_size);
  if (!there.length) return null;
  const rows = there.map((one) => h("li", null, h("h3", null, who(one)), h("p", null, noiseWords(one.noise))));
  const how = there.every((one) => one.noise.measured)
    ? "Counted in the groups of the data."
    : "The data has no groups, or not in all: worked out from the rates of single rows as though errors fell independently.";
  return section("noise", "Reward noise", h("p", { class: "quiet" }, `What a trainer would see that pays by these verdicts. ${how}`), h("ul", { class: "noise" }, rows));
}

function noiseWords(found) {
  const { group_size: size, groups } = found;
  const { groups_with_false_positive: paid, groups_with_false_negative: missed } = found;
  const strong = (value, words) => (value === null ? null : [h("b", null, percent(value)), words]);
  const both = (first, second, between) => (first && second ? [first, between, second] : [first || second]);
  const inGroups = both(strong(paid, " hold a completion that is paid though it is wrong"), strong(missed, " hold one that is right and not paid"), ", ");
  const ofRows = both(strong(found.false_positive_rate, " of wrong completions are paid"), strong(found.false_negative_rate, " of right ones are not"), ", ");
  const counted = groups && found.measured ? ` (${count(groups, "group")})` : "";
  return [`In groups of ${say(size)}${counted}: `, inGroups, ". Of single rows: ", ofRows, "."];
}

const MEASURES = [
  ["amiss", "judged amiss or not at all", ([, , fp, fn, , unscored]) => fp + fn + unscored],
  ["fp", "false positives", ([, , fp]) => fp],
  ["fn", "false negatives", ([, , , fn]) => fn],
  ["unscored", "unscored", ([, , , , , unscored]) => unscored],
];

/** The table of kinds; its counts are [n, tp, fp, fn, tn, unscored] a verifier. */
function kinds(shown, verifiers, look) {
  const { rows, left_out: left } = shown.kinds;
  if (!rows.some(([kind]) => kind)) return null;
  const place = h("div");
  const show = (name) => {
    const [, words, amount] = MEASURES.find(([each]) => each === name);
    place.replaceChildren(kindTable({ rows, verifiers, words, amount, error: ["fp", "fn", "unscored"].indexOf(name), look }));
  };
  show("amiss");
  const chooser = select("Share of rows", MEASURES.map(([name, words]) => [name, words]), show);
  const said = ["The kinds of rows, the worst first. In each cell the share of a kind's rows", h("span", { class: "screen" }, "; pick one to see them"), "."];
  return section("kinds", "Kinds", h("p", { class: "quiet" }, said), h("div", { class: "controls" }, chooser), place,
    left ? h("p", { class: "quiet" }, `${count(left, "kind")} with fewer errors left out of this page.`) : null);
}

function kindTable({ rows, verifiers, words, amount, error, look }) {
  const shareOf = (counts) => (counts && counts[0] ? amount(counts) / counts[0] : null);
  const worst = (row) => {
    const shares = row.slice(1).map(shareOf).filter((share) => share !== null);
    return shares.length ? Math.max(...shares) : null;
  };
  const columns = [
    { name: "kind", value: ([kind]) => kind, cell: ([kind]) => visible(kind || "(none)"), up: true },
    { name: "rows", value: (row) => rowsOf(row), cell: (row) => rowsOf(row).toLocaleString("en"), kind: "number" },
    ...(verifiers.length > 1 ? [{ name: "worst", value: worst, cell: (row) => percent(worst(row)), kind: "number" }] : []),
    ...verifiers.map((one, place) => ({
      name: who(one), value: (row) => shareOf(row[place + 1]), kind: "number column",
      cell: (row) => heatCell({ counts: row[place + 1], share: shareOf(row[place + 1]), one, kind: row[0], error, words, look }),
    })),
  ];
  return sortable({ label: "Kinds of rows", columns, rows, by: 2, kind: "heat kinds" });
}

function rowsOf(row) {
  return Math.max(0, ...row.slice(1).map((counts) => (counts ? counts[0] : 0)));
}

function heatCell({ counts, share, one, kind, error, words, look }) {
  if (share === null) return h("td", { class: "cell none" }, DASH);
  const [n, , fp, fn, , unscored] = counts;
  const title = `${kind || "(none)"}, ${one.label}: ${count(fp, "false positive")}, ${count(fn, "false negative")}, ${unscored} unscored of ${n}`;
  const said = percent(share);
  if (!share || !one.held.some(Boolean)) return h("td", { class: `cell heat${level(share)}`, title }, said);
  const click = () => look({ verifier: one.label, kind, error: error < 0 ? "" : ERROR_KEYS[error] });
  return h("td", { class: `cell heat${level(share)}`, title }, h("button", { type: "button", "aria-label": `${said} ${words}: ${title}`, click }, said));
}

function agreement(found, verifiers) {
  if (!found || !found.share) return null;
  const { names, share, kappa } = found;
  const label = (name) => {
    const one = verifiers.find((each) => each.label === name);
    return one ? who(one) : visible(name);
  };
  const at = (table, row, column) => (table && table[row] ? table[row][column] : null);
  const cell = (row, column) => {
    const value = at(share, row, column);
    const chance = at(kappa, row, column);
    if (row === column) return h("td", { class: "cell none" }, DASH);
    return h("td", { class: `cell heat${value === null ? 0 : level(1 - value)}` }, percent(value), h("small", null, chance === null || chance === undefined ? null : ` ${chance.toFixed(2)}`));
  };
  const body = names.map((name, row) => h("tr", null, h("th", { scope: "row" }, label(name)), names.map((_, column) => cell(row, column))));
  const table = h("table", { class: "heat agreement" },
    h("thead", null, h("tr", null, h("td"), names.map((name) => h("th", { scope: "col" }, label(name))))), h("tbody", null, body));
  return section("agreement", "Agreement", h("p", { class: "quiet" }, "How often two verifiers give the same verdict; behind it Cohen's kappa, which is 0 where they agree by chance only."), framed("Share of rows on which two verifiers agree", table));
}

function findings(verifiers, look) {
  const found = verifiers.flatMap((one) => one.findings.map((finding) => ({ one, ...finding })));
  const item = ({ one, what, count: n, detail, rows }) => h("li", { class: "finding" },
    h("h3", null, who(one), " ", visible(what), n === null ? null : h("small", null, ` ${n.toLocaleString("en")}\u00d7`)),
    detail ? h("p", null, visible(detail)) : null,
    rows.length ? h("p", { class: "examples" }, h("i", null, "rows "), rows.slice(0, 12).map((id) => [h("button", { type: "button", class: "link", click: () => look({ verifier: one.label, text: id }) }, visible(id)), " "]), rows.length > 12 ? h("span", { class: "quiet" }, `and ${rows.length - 12} more`) : null) : null);
  return found.length ? section("findings", "Findings", h("ul", { class: "findings" }, found.map(item))) : null;
}
