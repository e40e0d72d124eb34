// Elements and texts. Nothing here or elsewhere parses markup: what a completion says stays text.

const SVG = "http://www.w3.org/2000/svg";
const DASH = "\u2013";

/** Make an element; attributes that are functions listen, children that are null are left out. */
function h(tag, attributes, ...children) {
  return furnish(document.createElement(tag), attributes, children);
}

function s(tag, attributes, ...children) {
  return furnish(document.createElementNS(SVG, tag), attributes, children);
}

function furnish(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

/** Say a number shortly: three places, or what is left of them. */
function say(value) {
  if (value === null || value === undefined) return DASH;
  const size = Math.abs(value);
  if (Number.isInteger(value)) return value.toLocaleString("en");
  if (size < 0.001) return value.toExponential(1);
  if (size >= 1000) return Math.round(value).toLocaleString("en");
  return value.toFixed(size < 10 ? 3 : 1);
}

function count(n, noun) {
  return `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;
}

function duration(seconds) {
  if (seconds < 120) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

// What a reader would not see: control characters, marks of direction, zero-width spaces, halves of pairs.
const UNSEEN = new RegExp(
  "[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u2069" +
    "\\ufeff]|\\u000d(?!\\u000a)|[\\ud800-\\udbff](?![\\udc00-\\udfff])|(?<![\\ud800-\\udbff])[\\udc00-\\udfff]",
);

/** A text with its invisible characters spelled out, and with what was searched for marked. */
function visible(text, search) {
  const found = search ? `(${search.source})|` : "";
  const pieces = new RegExp(`${found}(${UNSEEN.source})`, "gi");
  const fragment = document.createDocumentFragment();
  let from = 0;
  for (const match of text.matchAll(pieces)) {
    if (match[0] === "") continue;
    fragment.append(text.slice(from, match.index));
    const unseen = match[match.length - 1] !== undefined;
    fragment.append(unseen ? h("span", { class: "unseen" }, codeOf(match[0])) : h("mark", null, match[0]));
    from = match.index + match[0].length;
  }
  fragment.append(text.slice(from));
  return fragment;
}

function codeOf(character) {
  return "U+" + character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
}

/** A pattern that finds a text as it is, in any case; null for an empty one. */
function pattern(text) {
  return text ? new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "i") : null;
}

function select(label, options, change) {
  const box = h("select", { change: () => change(box.value) });
  box.append(...options.map(([value, words]) => h("option", { value }, words)));
  return labelled(label, box);
}

function input(label, attributes, change) {
  const box = h("input", { ...attributes, input: () => change(box.value) });
  return labelled(label, box);
}

let labels = 0;

/** A control under its label; it is the last child. */
function labelled(label, box) {
  box.id = `control-${++labels}`;
  return h("div", { class: "field" }, h("label", { for: box.id }, label), box);
}

function section(id, title, ...children) {
  return h("section", { id, "aria-labelledby": `${id}-title` }, h("h2", { id: `${id}-title` }, title), ...children);
}

/** A table that may be wider than the page: it scrolls in a frame of its own, by keyboard too. */
function framed(label, table, kind) {
  return h("div", { class: `frame ${kind || ""}`, tabindex: 0, role: "region", "aria-label": label }, table);
}
