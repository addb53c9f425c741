// Too much changed to be told row by row (an import): the list is read again, now and then, and
// keeps its cursor and its scroll.
import { find, findAll } from "./dom.js";
import { current, moveTo } from "./cursor.js";
import { forgetList, visit } from "./visit.js";

const PAUSE = 2000; // ms between two readings
let timer = null;
let last = 0;

export function reloadSoon() {
  forgetList();
  if (!find("[data-board], [data-list]")) return; // a conversation stays as it is read
  timer ??= setTimeout(reload, Math.max(0, last + PAUSE - Date.now()));
}

async function reload() {
  timer = null;
  last = Date.now();
  if (!find("[data-board], [data-list]")) return;
  const thread = current()?.dataset.thread;
  const tops = findAll("[data-rows]").map((list) => [list.dataset.rows, list.scrollTop]);
  await visit(location.pathname + location.search, { replace: true });
  for (const [rows, top] of tops) find(`[data-rows="${rows}"]`)?.scrollTo({ top, behavior: "instant" });
  const row = thread && find(`#main [data-thread="${thread}"]`);
  if (row) moveTo(row);
}
