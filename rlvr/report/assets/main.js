// The page is put together.

const shown = JSON.parse(document.getElementById("shown").textContent);
const held = JSON.parse(document.getElementById("rollouts").textContent).runs.map(unpack);
const runs = shown.runs.map((run) => ({ ...run, several: shown.runs.length > 1 }));
const viewer = makeViewer(runs, held);
const openStep = (step) => {
  const steps = held[viewer.wanted.place].groups.map((group) => group.step);
  if (!steps.length) return;
  const there = nearest(steps, step);
  viewer.find({ from: there, to: there });
};
const sections = [
  reachedSection(runs, shown.differences),
  curves(runs, viewer.open, openStep),
  viewer.section,
  difficulty(runs, viewer.find),
  suspicious(runs, held, viewer.open),
  setupSection(runs),
];
masthead(runs, sections);
document.getElementById("main").append(...[notes(runs), ...sections].filter(Boolean));
want(viewer, blank());
requestAnimationFrame(() => setTimeout(() => performance.mark("rlvr-ready")));
