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

// To the column beside, at about the same height; `to` names a column by its place.
export function column(by, to = null) {
  const all = lists().filter((list) => rowsOf(list).length || to !== null);
  const row = current();
  const here = all.indexOf(row?.closest("[data-rows]"));
  const target = to !== null ? lists()[to] : all[Math.min(Math.max(here + by, 0), all.length - 1)];
  if (!target || all[here] === target) return;
  const rows = rowsOf(target);
  if (!rows.length) {
    target.closest(".col")?.scrollIntoView({ inline: "nearest" });
    announce(find("h2", target.closest(".col"))?.textContent ?? "");
    return;
  }
  const height = row && to === null ? row.getBoundingClientRect().top : 0;
  const nearest = rows.reduce((best, one) =>
    Math.abs(one.getBoundingClientRect().top - height) < Math.abs(best.getBoundingClientRect().top - height) ? one : best);
  moveTo(row && to === null ? nearest : rows[0]);
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
