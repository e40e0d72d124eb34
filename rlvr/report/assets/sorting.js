// Tables that sort by what their reader picks; long ones open on their first rows.

const FIRST_ROWS = 40;

/**
 * Make a table.
 * columns: [{name, title, value(row): what sorts, cell(row): what stands there, kind, up: smallest first}], the first
 * of them names its row; by: the place of the column that sorts first.
 */
function sortable({ label, columns, rows, by, kind }) {
  const state = { by, up: Boolean(columns[by].up), all: false };
  const body = h("tbody");
  const more = h("p", { class: "more screen" });
  const heads = columns.map((column, place) => headOf(column, () => {
    state.up = state.by === place ? !state.up : Boolean(column.up);
    state.by = place;
    draw();
  }));
  const draw = (printing) => {
    const sorted = inOrder(rows, columns[state.by].value, state.up);
    const shown = state.all || printing === true ? sorted : sorted.slice(0, FIRST_ROWS);
    body.replaceChildren(...shown.map((row) => h("tr", null, columns.map((column, place) => cellOf(column, place, row)))));
    heads.forEach((head, place) => {
      if (place === state.by) head.setAttribute("aria-sort", state.up ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    });
    more.hidden = shown.length === rows.length;
  };
  more.append(h("button", { type: "button", class: "plain", click: () => {
    state.all = true;
    draw();
  } }, `Show all ${rows.length.toLocaleString("en")}`));
  draw();
  if (rows.length > FIRST_ROWS) whenPrinting(draw);
  const table = h("table", { class: `sortable ${kind || ""}` }, h("thead", null, h("tr", null, heads)), body);
  return h("div", null, framed(label, table), more);
}

function headOf(column, click) {
  if (!column.value) return h("th", { scope: "col", class: column.kind }, column.name);
  const button = h("button", { type: "button", class: "sort", title: column.title, click }, column.name, h("span", { class: "arrow", "aria-hidden": "true" }));
  return h("th", { scope: "col", class: column.kind }, button);
}

function cellOf(column, place, row) {
  if (place === 0) return h("th", { scope: "row" }, column.cell(row));
  const cell = column.cell(row);
  if (cell instanceof HTMLTableCellElement) return cell;
  // On a narrow screen a row is a block of its own, without the head above: each cell says what it is.
  return h("td", { class: column.kind, "data-name": column.said || (typeof column.name === "string" ? column.name : null) }, cell);
}

/** Rows by a value; those without one come last, whichever way. */
function inOrder(rows, value, up) {
  const way = up ? 1 : -1;
  const known = rows.map((row) => [row, value(row)]);
  const there = known.filter(([, one]) => one !== null && one !== undefined);
  const gone = known.filter(([, one]) => one === null || one === undefined);
  const compare = (a, b) => (typeof a === "string" ? a.localeCompare(b, "en", { numeric: true }) : a - b);
  there.sort(([, a], [, b]) => way * compare(a, b));
  return [...there, ...gone].map(([row]) => row);
}
