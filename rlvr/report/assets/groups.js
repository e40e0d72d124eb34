// The viewer of groups: find them, look at one, its completions side by side.

const PAGE = 100;
const WHERE = ["anywhere", "task", "prompt", "reference", "metadata", "completion", "answer"];

/** Rollouts as objects: the page embeds them as lists, in the order of embed.py. */
function unpack({ tasks, words, groups }) {
  const rollout = ([text, reward, advantage, answer, reason, finish, parts, ms, error, tokens]) => ({
    text, reward, advantage, answer, reason, finish, ms, error, tokens,
    parts: parts.flatMap((name, i) => (i % 2 ? [] : [[name, parts[i + 1]]])),
  });
  return { tasks, words, groups: groups.map(([step, task, rows]) => ({ step, task: tasks[task], rollouts: rows.map(rollout) })) };
}

function makeViewer(runs, rollouts) {
  const wanted = { place: 0, text: "", where: "anywhere", reason: "", low: "", high: "", from: "", to: "", kind: "", order: "step" };
  const list = h("ol", { class: "groups", "aria-label": "Groups" });
  const pages = h("p", { class: "pages" });
  const told = h("p", { class: "told", role: "status" });
  const view = h("div", { class: "view", tabindex: -1 });
  const viewer = { wanted, list, pages, told, view, runs, rollouts, found: [], page: 0, now: null, fields: {} };
  viewer.form = searchForm(viewer);
  viewer.section = section("groups", "Groups", viewer.form, told, h("div", { class: "viewer" }, h("div", { class: "side" }, list, pages), view));
  viewer.search = () => search(viewer);
  viewer.open = (place, group, one) => openGroup(viewer, place, group, one);
  viewer.find = (changes) => {
    want(viewer, { ...blank(), ...changes });
    viewer.section.scrollIntoView();
    viewer.fields.text.focus({ preventScroll: true });
  };
  list.addEventListener("keydown", (event) => walk(list, event));
  return viewer;
}

function blank() {
  return { text: "", where: "anywhere", reason: "", low: "", high: "", from: "", to: "", kind: "" };
}

function searchForm(viewer) {
  const { runs, fields, wanted } = viewer;
  let waiting = null;
  const set = (name) => (value) => {
    wanted[name] = value;
    clearTimeout(waiting);
    waiting = setTimeout(viewer.search, 120);
  };
  const keep = (name, label) => {
    fields[name] = label.lastChild;
    return label;
  };
  const small = { type: "number", step: "any", class: "small" };
  return h("form", { class: "controls", submit: (event) => event.preventDefault(), "aria-label": "Find groups" },
    runs.length > 1 ? keep("place", select("Run", runs.map((run, n) => [n, run.name]), (n) => want(viewer, { place: Number(n) }))) : null,
    keep("text", input("Text", { type: "search", class: "search" }, set("text"))),
    keep("where", select("in", WHERE.map((name) => [name, name === "answer" ? "what was read" : name]), set("where"))),
    keep("reason", select("Reason", [["", "any"]], set("reason"))),
    keep("kind", select("Completions", [["", "all"], ["unscored", "unscored"], ["scored", "scored"], ["error", "with an error"], ["length", "cut off"]], set("kind"))),
    keep("low", input("Reward from", small, set("low"))),
    keep("high", input("to", { ...small, "aria-label": "Reward to" }, set("high"))),
    keep("from", input("Steps from", small, set("from"))),
    keep("to", input("to", { ...small, "aria-label": "Steps to" }, set("to"))),
    keep("order", select("Order", [["step", "by step"], ["low", "lowest reward first"], ["high", "highest reward first"], ["spread", "most different first"]], set("order"))),
    h("button", { type: "button", class: "plain", click: () => want(viewer, blank()) }, "Clear"));
}

/** Change what is looked for, in the form too, and look for it. */
function want(viewer, changes) {
  Object.assign(viewer.wanted, changes);
  refreshReasons(viewer);
  for (const [name, field] of Object.entries(viewer.fields)) field.value = viewer.wanted[name];
  search(viewer);
}

function refreshReasons(viewer) {
  const { words, groups } = viewer.rollouts[viewer.wanted.place];
  const seen = new Set(groups.flatMap((group) => group.rollouts.map((one) => one.reason)));
  const options = [...seen].map((reason) => [words[reason], words[reason] || "(none)"]).filter(([value]) => value).sort();
  if (!options.some(([value]) => value === viewer.wanted.reason)) viewer.wanted.reason = "";
  viewer.fields.reason.replaceChildren(...[["", "any"], ...options].map(([value, name]) => h("option", { value }, visible(name.slice(0, 60)))));
}

function search(viewer) {
  const { wanted, rollouts } = viewer;
  const { groups, words } = rollouts[wanted.place];
  const fits = tests(wanted, words);
  viewer.search_pattern = pattern(wanted.text);
  viewer.found = [];
  let hits = 0;
  groups.forEach((group, index) => {
    const found = fits(group);
    if (!found.length) return;
    hits += found.length;
    viewer.found.push({ group, index, hits: found.length < group.rollouts.length ? new Set(found) : null, mean: meanOf(group), spread: spreadOf(group) });
  });
  sortFound(viewer.found, wanted.order);
  const all = groups.reduce((sum, group) => sum + group.rollouts.length, 0);
  viewer.told.textContent = `${count(hits, "completion")} of ${all.toLocaleString("en")}, in ${viewer.found.length.toLocaleString("en")} of ${count(groups.length, "group")}`;
  viewer.page = 0;
  viewer.now = viewer.found.length ? viewer.found[0] : null;
  listGroups(viewer);
  showGroup(viewer);
}

/** What a group must pass: returns the places of its completions that fit. */
function tests(wanted, words) {
  const text = pattern(wanted.text);
  const bounds = [wanted.from, wanted.to, wanted.low, wanted.high].map((value, n) => (value === "" ? (n % 2 ? Infinity : -Infinity) : Number(value)));
  const [from, to, low, high] = bounds;
  const byReward = low !== -Infinity || high !== Infinity;
  const kinds = {
    "": () => true,
    unscored: (one) => one.reward === null,
    scored: (one) => one.reward !== null,
    error: (one) => one.error !== "",
    length: (one) => words[one.finish] === "length",
  };
  const fits = (one, ofTask) =>
    kinds[wanted.kind](one) &&
    (!wanted.reason || words[one.reason] === wanted.reason) &&
    (!byReward || (one.reward !== null && one.reward >= low && one.reward <= high)) &&
    (ofTask || saysIt(one, text, wanted.where));
  return (group) => {
    if (group.step < from || group.step > to) return [];
    const ofTask = !text || asksIt(group.task, text, wanted.where);
    return group.rollouts.flatMap((one, place) => (fits(one, ofTask) ? [place] : []));
  };
}

function asksIt(task, text, where) {
  const within = (name) => where === "anywhere" || where === name;
  return (within("task") && text.test(task.id)) || (within("prompt") && task.prompt.some(([, content]) => text.test(content))) ||
    (within("reference") && text.test(task.reference)) || (within("metadata") && text.test(task.metadata));
}

function saysIt(one, text, where) {
  const within = (name) => where === "anywhere" || where === name;
  return (within("completion") && text.test(one.text)) || (within("answer") && one.answer !== null && text.test(one.answer)) ||
    (where === "anywhere" && text.test(one.error));
}

function rewardsOf(group) {
  return group.rollouts.map((one) => one.reward).filter((reward) => reward !== null);
}

function meanOf(group) {
  const rewards = rewardsOf(group);
  return rewards.length ? rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length : null;
}

function spreadOf(group) {
  const mean = meanOf(group);
  return rewardsOf(group).reduce((sum, reward) => sum + (reward - mean) ** 2, 0) / (group.rollouts.length || 1);
}

function sortFound(found, order) {
  const last = (value) => (value === null ? Infinity : value);
  if (order === "low") found.sort((a, b) => last(a.mean) - last(b.mean));
  if (order === "high") found.sort((a, b) => last(a.mean === null ? null : -a.mean) - last(b.mean === null ? null : -b.mean));
  if (order === "spread") found.sort((a, b) => b.spread - a.spread);
}

function listGroups(viewer) {
  const { found, page, list, pages } = viewer;
  const scale = rewardScale(viewer);
  const shown = found.slice(page * PAGE, (page + 1) * PAGE);
  list.replaceChildren(...shown.map((one) => h("li", null, groupButton(viewer, one, scale))));
  const turn = (by) => () => {
    viewer.page += by;
    listGroups(viewer);
  };
  const last = Math.max(0, Math.ceil(found.length / PAGE) - 1);
  pages.hidden = last === 0;
  pages.replaceChildren(
    h("button", { type: "button", class: "plain", disabled: page === 0, click: turn(-1) }, "Earlier"),
    h("span", null, `page ${page + 1} of ${last + 1}`),
    h("button", { type: "button", class: "plain", disabled: page === last, click: turn(1) }, "Later"));
  mark(viewer);
}

function groupButton(viewer, one, scale) {
  const mean = one.mean === null ? "unscored" : say(one.mean);
  return h("button", { type: "button", class: "group", "data-group": one.index, click: () => {
    viewer.now = one;
    mark(viewer);
    showGroup(viewer);
  } }, h("span", { class: "at" }, `step ${one.group.step}`), h("span", { class: "id" }, visible(one.group.task.id)), bars(one.group, scale), h("span", { class: "mean" }, mean));
}

function mark(viewer) {
  for (const button of viewer.list.querySelectorAll("button")) {
    if (viewer.now && Number(button.dataset.group) === viewer.now.index) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

function rewardScale(viewer) {
  const held = viewer.rollouts[viewer.wanted.place];
  if (!held.scale) {
    let [low, high] = [0, 0];
    for (const group of held.groups) for (const reward of rewardsOf(group)) [low, high] = [Math.min(low, reward), Math.max(high, reward)];
    held.scale = (reward) => (reward - low) / (high - low || 1);
  }
  return held.scale;
}

/** A bar a completion, as high as its reward; a hollow one where there is none. */
function bars(group, scale) {
  const wide = 64 / group.rollouts.length;
  const bar = (one, n) => {
    const high = one.reward === null ? 14 : 1 + 13 * scale(one.reward);
    return s("rect", { class: one.reward === null ? "unscored" : "bar", x: n * wide + 0.5, width: Math.max(0.5, wide - 1), y: 15 - high, height: high });
  };
  return s("svg", { class: "bars", viewBox: "0 0 64 16", "aria-hidden": "true" }, group.rollouts.map(bar));
}

function walk(list, event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const buttons = [...list.querySelectorAll("button")];
  const next = buttons[buttons.indexOf(document.activeElement) + step];
  if (next) next.focus();
  event.preventDefault();
}

function openGroup(viewer, place, index, one) {
  const inFound = () => viewer.found.findIndex((found) => found.index === index);
  if (viewer.wanted.place !== place || inFound() < 0) want(viewer, { ...blank(), place });
  const at = inFound();
  viewer.page = Math.floor(at / PAGE);
  viewer.now = viewer.found[at];
  listGroups(viewer);
  showGroup(viewer, one);
  const button = viewer.list.querySelector("[aria-current]");
  viewer.list.scrollTop += button.getBoundingClientRect().top - viewer.list.getBoundingClientRect().top - 60;
  viewer.view.scrollIntoView({ block: "start" });
  viewer.view.focus({ preventScroll: true });
}

function showGroup(viewer, emphasised) {
  const { now, view, search_pattern: found } = viewer;
  if (!now) {
    view.replaceChildren(h("p", { class: "quiet" }, "No completion fits."));
    return;
  }
  const { words } = viewer.rollouts[viewer.wanted.place];
  const { group, hits, mean } = now;
  const at = viewer.found.indexOf(now);
  const go = (by) => {
    const next = viewer.found[at + by];
    return h("button", { type: "button", class: "plain", disabled: !next, click: () => openGroup(viewer, viewer.wanted.place, next.index) }, by < 0 ? "Previous group" : "Next group");
  };
  const facts = [`step ${group.step}`, count(group.rollouts.length, "completion"), mean === null ? "all unscored" : `mean reward ${say(mean)}`];
  const cards = group.rollouts.map((one, place) => card(one, { place, words, mean, found, hit: !hits || hits.has(place), emphasised: place === emphasised }));
  view.replaceChildren(
    h("div", { class: "bar" }, h("h3", null, visible(group.task.id)), h("span", { class: "quiet" }, facts.join(" \u00b7 ")), h("span", { class: "turn" }, go(-1), go(1))),
    taskOf(group.task, found),
    h("ol", { class: "cards" }, cards));
}

function taskOf(task, found) {
  const turns = task.prompt.map(([role, content]) => h("div", null, h("dt", null, visible(role || "prompt")), h("dd", null, block(role || "prompt", content, found))));
  const more = [["reference", task.reference], ["metadata", task.metadata]].filter(([, value]) => value);
  return h("dl", { class: "task" }, turns, more.map(([name, value]) => h("div", null, h("dt", null, name), h("dd", null, block(name, value, found)))));
}

/** A text in a frame that scrolls where the text is long: by keyboard too. */
function block(name, text, found) {
  const long = text.length > 400 || text.split("\n").length > 9;
  return h("pre", { dir: "auto", ...(long ? { tabindex: 0, role: "group", "aria-label": name } : {}) }, visible(text, found));
}

function card(one, { place, words, mean, found, hit, emphasised }) {
  const unscored = one.reward === null;
  const kinds = ["card", unscored ? "unscored" : "", hit ? "" : "miss", emphasised ? "emphasised" : ""];
  const over = !unscored && mean !== null ? one.reward - mean : null;
  const worth = one.advantage !== null ? ["advantage", one.advantage] : ["over the mean", over];
  const facts = [
    worth,
    ...one.parts.map(([name, value]) => [words[name], value]),
    ["tokens", one.tokens || null],
    ["verifier ms", one.ms],
    ["ended by", words[one.finish]],
  ].filter(([, value]) => value !== null && value !== "");
  return h("li", { class: kinds.join(" ").trim() },
    h("div", { class: "verdict" },
      h("span", { class: "nth" }, String(place + 1)),
      h("b", { class: "reward" }, unscored ? "unscored" : say(one.reward)),
      h("span", { class: "reason" }, visible(words[one.reason]))),
    one.text === "" ? h("p", { class: "quiet" }, "(an empty completion)") : h("pre", { dir: "auto", tabindex: 0, class: "said", "aria-label": `Completion ${place + 1}`, role: "group" }, visible(one.text, found)),
    h("p", { class: "read" }, h("i", null, "read"), " ", one.answer === null ? h("span", { class: "quiet" }, "nothing") : h("code", null, visible(one.answer, found))),
    one.error ? h("p", { class: "error" }, visible(one.error, found)) : null,
    h("dl", { class: "facts" }, facts.map(([name, value]) => h("div", null, h("dt", null, visible(name)), h("dd", null, typeof value === "string" ? visible(value) : say(value))))));
}
