// The keyboard's row. The row that holds the focus is the cursor, so that screen readers follow.
import { announce, find, findAll } from "./dom.js";
import { keptList } from "./visit.js";

const ROW = "[data-thread]";
const lists = () => findAll("#main :is(ul[data-rows], #rows)").filter((list) => list.offsetParent !== null);
export const rowsOf = (list) => findAll(ROW, list).filter((row) => !row.hidden);
const link = (row) => find(".msg__subj a, .urow__tx a", row);

export const current = () => find("#main .is-focus[data-thread]");

export function moveTo(row, { focus = true } = {}) {
  if (!row) return;
  for (const old of findAll(".is-focus")) if (old !== row) old.classList.remove("is-focus");
  row.classList.add("is-focus");
  if (focus) link(row)?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest", inline: "nearest" });
}

export function step(by) {
  const row = current();
  if (!row) { moveTo(firstRow()); return; }
  const rows = rowsOf(row.closest("[data-rows]"));
  moveTo(rows[Math.min(Math.max(rows.indexOf(row) + by, 0), rows.length - 1)]);
}

const firstRow = () => lists().map((list) => rowsOf(list)[0]).find(Boolean);

// To the column beside, at about the same height.
export function column(by) {
  const all = lists().filter((list) => rowsOf(list).length);
  const row = current();
  const here = all.indexOf(row?.closest("[data-rows]"));
  const target = all[Math.min(Math.max(here + by, 0), all.length - 1)];
  if (!target || target === all[here]) return;
  const top = (one) => one.getBoundingClientRect().top;
  const height = row ? top(row) : 0;
  moveTo(rowsOf(target).reduce((best, one) =>
    Math.abs(top(one) - height) < Math.abs(top(best) - height) ? one : best));
}

// To the first row of a column, by the column's place; an empty one is named and shown.
export function toColumn(place) {
  const wanted = findAll("#main [data-board] .col")[place];
  if (!wanted) return;
  const row = rowsOf(find("[data-rows]", wanted))[0];
  if (row) moveTo(row);
  else announce(find("h2", wanted).textContent);
  wanted.scrollIntoView({ inline: "nearest", block: "nearest" });
}

// The row that takes the place of one that goes away.
export function heir(row) {
  const rows = rowsOf(row.closest("[data-rows]"));
  const at = rows.indexOf(row);
  return rows[at + 1] ?? rows[at - 1] ?? null;
}

// Neighbours of the open conversation: in the list it was opened from, else in the one beside it.
export function neighbours(thread) {
  for (const root of [keptList(), find("#main .side")]) {
    const row = root && find(`${ROW}[data-thread="${thread}"]`, root);
    if (!row) continue;
    const rows = rowsOf(row.closest("[data-rows]"));
    const at = rows.indexOf(row);
    return { rows, at, previous: rows[at - 1] ?? null, next: rows[at + 1] ?? null };
  }
  return { rows: [], at: -1, previous: null, next: null };
}

document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.("#main [data-rows] [data-thread]");
  if (row && !row.classList.contains("is-focus") && event.target.matches(":focus-visible")) {
    moveTo(row, { focus: false });
  }
});
document.addEventListener("page:shown", (event) => {
  const { thread, isBack } = event.detail;
  if (!isBack || !thread) return;
  moveTo(find(`#main [data-rows] [data-thread="${thread}"]:not([hidden])`) ?? current() ?? firstRow());
});
