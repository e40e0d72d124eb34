// The page of a bench is put together.

const shown = JSON.parse(document.getElementById("shown").textContent);
const held = JSON.parse(document.getElementById("held").textContent);
const heldOf = (place, error) => held.cases.filter((one) => one.verifier === place && one.sort === error).length;
const verifiers = shown.verifiers.map((one, place) => ({ ...one, colour: place % 8, held: ERRORS.map((_, error) => heldOf(place, error)) }));
const passages = held.passages.map((passage) => ({ passage, words: wordsOf(passage) }));
const differing = new Map(held.differences.map((row) => [row.id, row]));
const cases = makeGallery(casesOptions());
const look = (wanted) => {
  cases.want(wanted);
  remember(cases);
};

function casesOptions() {
  const kindsThere = optionsOf(held.cases, (one) => one.kind || "");
  const reasons = optionsOf(held.cases, (one) => one.reason || "");
  const fields = [
    { name: "verifier", label: "Verifier", options: verifiers.map(({ label }) => [label, shortly(label)]), fits: (one, label) => verifiers[one.verifier].label === label },
    { name: "error", label: "Error", options: ERROR_KEYS.map((key, error) => [key, `${ERRORS[error]}s`.replace("Unscoreds", "Unscored")]), fits: (one, key) => ERROR_KEYS[one.sort] === key },
    { name: "kind", label: "Kind", options: kindsThere, fits: (one, kind) => one.kind === kind },
    { name: "reason", label: "Reason", options: reasons, fits: (one, reason) => one.reason === reason },
  ].filter(({ name, options }) => options.length > (name === "verifier" ? 1 : 0));
  return {
    id: "cases", title: "Judged amiss", noun: "row", items: held.cases, fields, intro: casesIntro(),
    texts: (one) => [passages[one.text].words, one.id || "", one.reference || "", one.answer || "", one.reason || "", one.why || "", one.error || "", one.kind || ""],
    key: (one) => `${verifiers[one.verifier].label}/${ERROR_KEYS[one.sort]}/${one.id || ""}`,
    card: (one, search, href) => {
      const verifier = verifiers[one.verifier];
      return caseCard({
        kind: ["fp", "fn", "un"][one.sort], badge: ERRORS[one.sort], who: who(verifier), item: one, href,
        body: h("div", { class: "both" }, h("div", null, completionOf(passages[one.text].passage, search, `Completion ${one.id || ""}`), definitions([...asked(one, search), ["others", othersOf(one)]], "judged")),
          definitions(verdictRows(one, search), "judged")),
      });
    },
  };
}

function casesIntro() {
  const counts = verifiers.flatMap((one) => [one.fp, one.fn, one.unscored]).reduce((sum, n) => sum + (n || 0), 0);
  const less = counts > held.cases.length ? ` This page holds ${held.cases.length.toLocaleString("en")} of ${counts.toLocaleString("en")}.` : "";
  return h("p", { class: "quiet" }, "False positives are paid though they are labelled wrong, false negatives are not paid though they are labelled right. ", h("mark", { class: "was-read" }, "Marked"), ` is what the verifier read.${less}`);
}

/** What the other verifiers said of a row, where they differ on it. */
function othersOf(one) {
  const row = differing.get(one.id);
  if (!row) return null;
  const said = row.verdicts.flatMap((verdict, place) => (place === one.verifier || !verdict ? [] : [h("li", null, who(verifiers[place]), " ", judged(verdict))]));
  return said.length ? h("ul", { class: "others" }, said) : null;
}

function verdictOf(verdict) {
  if (!verdict) return null;
  return verdict.reward === null ? "unscored" : verdict.reward >= (shown.right_from === null ? 1 : shown.right_from) ? "right" : "wrong";
}

function judged(verdict) {
  return [h("b", { class: `is-${verdictOf(verdict)}` }, verdictOf(verdict)), verdict.answer === null ? null : [" ", h("code", null, visible(verdict.answer))], verdict.reason ? [" ", h("span", { class: "quiet" }, visible(verdict.reason))] : null];
}

function differences() {
  if (!held.differences.length) return null;
  const splitOf = (row) => row.verdicts.map((verdict, place) => (verdict ? `${verifiers[place].label} ${verdictOf(verdict)}` : "")).filter(Boolean).join(", ");
  const splits = optionsOf(held.differences.map((row) => ({ split: splitOf(row) })), ({ split }) => split);
  const fields = [
    { name: "split", label: "Verdicts", options: splits, fits: (row, split) => splitOf(row) === split },
    { name: "label", label: "Labelled", options: ["right", "wrong", "not labelled"].map((name) => [name, name]), fits: (row, label) => labelOf(row) === label },
    { name: "kind", label: "Kind", options: optionsOf(held.differences, (row) => row.kind || ""), fits: (row, kind) => row.kind === kind },
  ].filter(({ options }) => options.length);
  return makeGallery({
    id: "differences", title: "Where they differ", noun: "row", items: held.differences, fields,
    intro: h("p", { class: "quiet" }, "Rows on which not all verifiers give the same verdict."),
    texts: (row) => [passages[row.text].words, row.id || "", row.reference || "", ...row.verdicts.map((verdict) => (verdict && verdict.answer) || "")],
    key: (row) => row.id || "",
    card: (row, search, href) => caseCard({
      kind: "differ", badge: `labelled ${labelOf(row)}`.replace("labelled not", "not"), who: null, item: row, href,
      body: h("div", { class: "both" }, completionOf(passages[row.text].passage, search, `Completion ${row.id || ""}`),
        definitions([...asked(row, search).slice(1), ...row.verdicts.map((verdict, place) => [verifiers[place].label, verdict ? judged(verdict) : null])], "judged")),
    }),
  }).section;
}

/** What there is to say first: who is right most often, and whether the next could be as well. */
function lead() {
  const ranked = verifiers.filter((one) => one.accuracy !== null).sort((a, b) => b.accuracy - a.accuracy);
  const lines = [];
  if (ranked.length) {
    const best = ranked.filter((one) => one.accuracy === ranked[0].accuracy);
    const near = ranked.slice(best.length).filter((one) => one.accuracy_ci95 && ranked[0].accuracy_ci95 && one.accuracy_ci95[1] >= ranked[0].accuracy_ci95[0]);
    const names = (some) => some.map((one, n) => [n === 0 ? "" : n === some.length - 1 ? " and " : ", ", h("b", null, visible(one.label))]);
    const how = best.length > 1 ? " are right equally often: " : ranked.length > 1 ? " is right most often: " : " is right on ";
    const overlap = near.length ? [" The 95% ", near.length === 1 ? "interval of " : "intervals of ", names(near), near.length === 1 ? " overlaps its own." : " overlap its own."] : [];
    lines.push([names(best), how, h("b", null, percent(ranked[0].accuracy)), ranked.length > 1 ? "." : " of the labelled rows.", overlap]);
  }
  const hung = verifiers.filter((one) => one.hangs || one.crashes);
  for (const one of hung) lines.push([h("b", null, visible(one.label)), ` hung on ${count(one.hangs || 0, "row")} and crashed on ${(one.crashes || 0).toLocaleString("en")}.`]);
  return lines.length ? [h("ul", { class: "lead" }, lines.map((line) => h("li", null, line)))] : [];
}

const known = (name) => (shown.data.find(([key]) => key === name) || [])[1];
const plugins = verifiers.map((one) => [one.label, one.plugin]).filter(([, plugin]) => plugin);
const facts = [
  ["rows", shown.rows === null ? null : shown.rows.toLocaleString("en")], ["labelled", known("labelled") ? Number(known("labelled")).toLocaleString("en") : null],
  ["data", known("source")], ["format", known("format")], ["verifiers", verifiers.length.toLocaleString("en")], ["deadline", shown.timeout_s === null ? null : `${shown.timeout_s} s`],
];
const sections = [
  sideBySide(verifiers, look), speed(verifiers, shown.timeout_s), confusions(verifiers, look), noise(verifiers), kinds(shown, verifiers, look),
  agreement(shown.agreement, verifiers), findings(verifiers, look), cases.section, differences(),
  conditions(shown, [["Data", shown.data], ["Settings", shown.settings], ["Verifiers", plugins], ["Machine", shown.machine]]),
].filter(Boolean);
begin({ kind: "rlvr bench", title: shown.title, facts, lead: lead(), notes: shown.notes }, sections);
