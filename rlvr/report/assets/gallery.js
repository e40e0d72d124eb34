// A list that is searched, filtered and turned page by page; its address holds what is looked for.

const CARDS = 20;
const PRINTED = 200;

/**
 * Make a gallery.
 * id, title, intro, noun, items, fields: [{name, label, options: [[value, words]], fits(item, value)}],
 * texts(item): what is searched, key(item): its name in addresses, card(item, search, href).
 */
function makeGallery(options) {
  const { id, title, intro } = options;
  const told = h("p", { class: "told", role: "status" });
  const list = h("ol", { class: "cases", tabindex: -1, "aria-label": title });
  const paper = h("p", { class: "paper quiet" });
  const gallery = { ...options, wanted: blankOf(options), told, list, paper, boxes: {}, found: [], page: 0, search: null };
  const pages = pager(gallery);
  gallery.want = (changes) => {
    want(gallery, changes);
    gallery.section.scrollIntoView();
    list.focus({ preventScroll: true });
  };
  gallery.section = section(id, title, intro, options.items.length ? finder(gallery) : null, h("div", { class: "turning screen", hidden: !options.items.length }, told, pages[0]), paper, list, h("div", { class: "turning screen" }, h("span"), pages[1]));
  gallery.pagers = pages;
  find(gallery);
  whenPrinting((printing) => drawCards(gallery, printing));
  addEventListener("hashchange", () => follow(gallery));
  followers.push(() => follow(gallery));
  return gallery;
}

function blankOf({ fields }) {
  return { text: "", ...Object.fromEntries(fields.map(({ name }) => [name, ""])) };
}

function finder(gallery) {
  let waiting = null;
  const set = (name) => (value) => {
    gallery.wanted[name] = value;
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      find(gallery);
      remember(gallery);
    }, 120);
  };
  const keep = (name, field) => {
    gallery.boxes[name] = field.lastChild;
    return field;
  };
  const clear = () => {
    want(gallery, {});
    remember(gallery);
  };
  return h("form", { class: "controls", role: "search", submit: (event) => event.preventDefault(), "aria-label": `Find in: ${gallery.title}` },
    keep("text", input("Text", { type: "search", class: "search" }, set("text"))),
    gallery.fields.map(({ name, label, options }) => keep(name, select(label, [["", "all"], ...options], set(name)))),
    h("button", { type: "button", class: "plain", click: clear }, "Clear"));
}

/** Look for exactly this, and say so in the form. */
function want(gallery, changes) {
  gallery.wanted = { ...blankOf(gallery), ...changes };
  for (const [name, box] of Object.entries(gallery.boxes)) {
    box.value = gallery.wanted[name];
    if (box.value !== gallery.wanted[name]) box.value = gallery.wanted[name] = "";
  }
  find(gallery);
}

function find(gallery) {
  const { wanted, items, fields, texts, noun, told } = gallery;
  const search = pattern(wanted.text);
  const active = fields.filter(({ name }) => wanted[name] !== "");
  gallery.search = search;
  gallery.found = items.filter((item) => active.every(({ name, fits }) => fits(item, wanted[name])) && (!search || texts(item).some((text) => search.test(text))));
  gallery.page = 0;
  told.textContent = `${gallery.found.length.toLocaleString("en")} of ${count(items.length, noun)}`;
  drawCards(gallery);
}

function drawCards(gallery, printing) {
  const { found, page, list, search, paper, pagers, wanted } = gallery;
  const shown = printing ? found.slice(0, PRINTED) : found.slice(page * CARDS, (page + 1) * CARDS);
  const cards = shown.map((item) => gallery.card(item, search, addressOf(gallery, { ...wanted, case: gallery.key(item) })));
  list.replaceChildren(...(cards.length ? cards : [h("li", { class: "quiet" }, gallery.items.length ? "None fits." : "None.")]));
  paper.textContent = found.length > PRINTED
    ? `Printed here: the first ${PRINTED} of ${count(found.length, gallery.noun)}. The page itself has them all.`
    : `Printed here: ${count(found.length, gallery.noun)} of ${gallery.items.length.toLocaleString("en")}.`;
  for (const one of pagers) one.update();
}

function pager(gallery) {
  const turn = (by) => () => {
    gallery.page += by;
    drawCards(gallery);
    gallery.section.scrollIntoView();
    gallery.list.focus({ preventScroll: true });
  };
  return [0, 1].map(() => {
    const earlier = h("button", { type: "button", class: "plain", click: turn(-1) }, "Earlier");
    const later = h("button", { type: "button", class: "plain", click: turn(1) }, "Later");
    const place = h("span");
    const row = h("p", { class: "pages" }, earlier, place, later);
    row.update = () => {
      const last = Math.max(0, Math.ceil(gallery.found.length / CARDS) - 1);
      earlier.disabled = gallery.page === 0;
      later.disabled = gallery.page === last;
      place.textContent = `page ${gallery.page + 1} of ${last + 1}`;
      row.hidden = last === 0;
    };
    return row;
  });
}

function addressOf(gallery, wanted) {
  const said = Object.entries(wanted).filter(([, value]) => value !== "");
  return `#${gallery.id}${said.length ? "?" : ""}${new URLSearchParams(said)}`;
}

function remember(gallery) {
  history.replaceState(null, "", addressOf(gallery, gallery.wanted));
}

/** Show what the address asks for, if it asks for something here. */
function follow(gallery) {
  const [id, asked] = location.hash.slice(1).split("?");
  if (id !== gallery.id || asked === undefined) return;
  const { case: key, ...wanted } = Object.fromEntries(new URLSearchParams(asked));
  const known = Object.entries(wanted).filter(([name]) => name in gallery.boxes);
  want(gallery, Object.fromEntries(known));
  if (key === undefined) gallery.section.scrollIntoView();
  else show(gallery, key);
}

function show(gallery, key) {
  const is = (item) => gallery.key(item) === key;
  if (!gallery.found.some(is)) want(gallery, {});
  const at = gallery.found.findIndex(is);
  if (at < 0) {
    gallery.told.textContent = "The row of this address is not on this page.";
    gallery.section.scrollIntoView();
    return;
  }
  gallery.page = Math.floor(at / CARDS);
  drawCards(gallery);
  const card = gallery.list.children[at % CARDS];
  card.classList.add("meant");
  card.scrollIntoView();
  card.focus({ preventScroll: true });
}

/** The options of a field: each value there is, with how many items have it. */
function optionsOf(items, value) {
  const counted = new Map();
  for (const item of items) counted.set(value(item), (counted.get(value(item)) || 0) + 1);
  const there = [...counted].filter(([name]) => name).sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));
  return there.map(([name, n]) => [name, `${shortly(name)} (${n.toLocaleString("en")})`]);
}

/** A name for a list of options, whose words cannot be marked: what cannot be seen is spelled out. */
function shortly(name) {
  return visible(name.length > 60 ? `${name.slice(0, 57)}...` : name).textContent;
}
