// The page of a conformance check: the grade, the checks, what fails them.

const shown = JSON.parse(document.getElementById("shown").textContent);
const STATUSES = ["fail", "skip", "pass"];
const SAID = { pass: "passed", fail: "failed", skip: "skipped" };
const amount = (status) => shown.checks.filter((one) => one.status === status).length;

function gradeOf() {
  const failed = shown.checks.filter((one) => one.status === "fail");
  const errors = failed.filter((one) => one.severity !== "warning").length;
  const state = errors ? "poor" : failed.length ? "fair" : "good";
  const number = (value, status) => (value === null ? amount(status) : value).toLocaleString("en");
  const counts = [["passed", shown.passed, "pass"], ["failed", shown.failed, "fail"], ["skipped", shown.skipped, "skip"]];
  const words = counts.map(([name, value, status]) => h("li", { class: number(value, status) === "0" ? null : `is-${status}` }, h("b", null, number(value, status)), ` ${name}`));
  const grade = shown.grade ? h("p", { class: `grade ${state}` }, h("span", { class: "off" }, "Grade "), visible(shown.grade)) : null;
  return h("div", { class: "graded" }, grade, h("ul", { class: "tally" }, words));
}

function statusOf(one) {
  return h("span", { class: `status is-${one.status}` }, SAID[one.status] || one.status, one.status === "fail" && one.severity === "warning" ? h("small", null, " warning") : null);
}

function checkOf(one) {
  const examples = one.examples.map((example) => h("li", null, definitions([
    ["task", example.task],
    ["text", example.text ? plainText(`Text for ${one.name}`, example.text) : h("span", { class: "quiet" }, "(empty)")],
    ["outcome", example.detail],
  ], "judged")));
  const less = one.of > one.examples.length ? h("p", { class: "quiet" }, `${count(one.of - one.examples.length, "further example")} left out of this page.`) : null;
  return h("li", { class: `check is-${one.status}` },
    h("div", { class: "top" }, statusOf(one), h("h3", null, visible(one.title || one.name)), h("code", { class: "name" }, visible(one.name)), h("span", { class: "took" }, one.ms ? clock(one.ms) : null)),
    one.detail ? h("p", { class: "detail" }, visible(one.detail)) : null,
    one.status === "fail" && one.way_out ? h("p", { class: "detail" }, h("i", null, "The way out: "), visible(one.way_out)) : null,
    examples.length ? h("details", { open: one.status === "fail" && examples.length < 4 }, h("summary", null, `${count(one.of, "example")}`), h("ol", { class: "examples-of" }, examples), less) : null);
}

function checks() {
  const list = h("ol", { class: "checks" });
  const told = h("p", { class: "told", role: "status" });
  const show = (status) => {
    const there = shown.checks.filter((one) => !status || one.status === status);
    const ordered = [...there].sort((a, b) => STATUSES.indexOf(a.status) - STATUSES.indexOf(b.status));
    list.replaceChildren(...ordered.map(checkOf));
    told.textContent = `${there.length.toLocaleString("en")} of ${count(shown.checks.length, "check")}`;
  };
  show("");
  const options = STATUSES.filter(amount).map((status) => [status, `${SAID[status]} (${amount(status)})`]);
  const controls = h("form", { class: "controls", "aria-label": "Find checks", submit: (event) => event.preventDefault() }, select("Shown", [["", "all"], ...options], show));
  whenPrinting((printing) => {
    for (const one of list.querySelectorAll("details")) {
      if (printing) one.dataset.was = one.open ? "open" : "";
      if (printing) one.open = true;
      else one.open = one.dataset.was === "open";
    }
  });
  return section("checks", "Checks", controls, told, list);
}

const facts = [["plugin", shown.plugin], ["tasks", shown.tasks === null ? null : shown.tasks.toLocaleString("en")], ["checks", shown.checks.length.toLocaleString("en")]];
const sections = [checks(), ...(shown.command || shown.settings.length || shown.machine.length ? [conditions(shown, [["Settings", shown.settings], ["Machine", shown.machine]])] : [])];
begin({ kind: "rlvr check", title: shown.title, facts, lead: [gradeOf()] }, sections);
