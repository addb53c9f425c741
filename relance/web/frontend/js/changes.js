// New mail, and mail that moved: rows come, go and change without stealing the cursor or the scroll.
import { announce, emit, find, findAll, word } from "./dom.js";
import { fragment, text } from "./http.js";
import { keptList, visit } from "./visit.js";

const GATHER = 40; // ms: what changes together is asked for together
let waiting = new Set();
let arrived = new Set();
let timer = null;

document.addEventListener("live:inbox.changed", ({ detail }) => {
  for (const thread of detail.threads ?? []) waiting.add(thread);
  for (const thread of detail.new ?? []) arrived.add(thread);
  timer ??= setTimeout(gather, GATHER);
});
document.addEventListener("live:reload", () => visit(location.pathname + location.search, { replace: true }));

async function gather() {
  const [threads, fresh] = [waiting, arrived];
  [waiting, arrived, timer] = [new Set(), new Set(), null];
  emit("threads:changed", { threads: [...threads], fresh: [...fresh] });
  for (const root of [find("#main"), keptList()]) {
    if (root) await update(root, threads, fresh, root === find("#main"));
  }
}

async function update(root, threads, fresh, isShown) {
  const list = find("#rows", root);
  const isFlat = list !== null;
  if (isFlat && !["unified", "column"].includes(list.dataset.list)) return;
  const open = find("[data-conversation]", root)?.dataset.conversation ?? "";
  const url = `/inbox/changes/?threads=${[...threads].join(",")}&view=${isFlat ? "list" : "columns"}&open=${open}`;
  let answer;
  try { answer = fragment(await text(url)); } catch { return; }
  const came = [];
  for (const thread of threads) {
    const row = find(`[data-changed] > [data-thread="${thread}"]`, answer);
    if (put(root, thread, row, isFlat) && fresh.has(thread)) came.push(row);
  }
  counts(root, find("[data-parts]", answer));
  if (isShown) say(came);
}

function say(came) {
  if (!came.length) return;
  announce(word("newMail", { name: find(".msg__from, .urow__who span", came[0]).textContent }));
}

// Puts `row` where it belongs, or takes the old one away; true when a row was put.
function put(root, thread, row, isFlat) {
  const olds = findAll(`[data-rows] [data-thread="${thread}"]`, root);
  const list = row && target(root, row, isFlat);
  const old = olds.find((one) => one.closest("[data-rows]") === list) ?? null;
  for (const other of olds) if (other !== old && !isOpenBeside(other)) other.remove();
  if (!list) {
    if (old && !isOpenBeside(old)) old.remove();
    return false;
  }
  const only = list.closest("[data-unread-only]") && !row.classList.contains("is-unread");
  if (only && !old) return false;
  if (old) return exchange(old, row, isFlat, list);
  return insert(row, list, isFlat);
}

const isOpenBeside = (row) => row.classList.contains("is-open") && row.closest("[data-side]");

function target(root, row, isFlat) {
  if (!isFlat) return find(`ul[data-rows="${row.dataset.stream}"]`, root);
  const list = find("#rows", root);
  return ["0", row.dataset.stream].includes(list.dataset.rows) ? list : null;
}

function exchange(old, row, isFlat, list) {
  const hadFocus = old.contains(document.activeElement);
  if (old.classList.contains("is-focus")) row.classList.add("is-focus");
  if (old.dataset.key === row.dataset.key) old.replaceWith(row);
  else { old.remove(); insert(row, list, isFlat); }
  if (hadFocus) find("a[data-visit]", row)?.focus({ preventScroll: true });
  return true;
}

function insert(row, list, isFlat) {
  const key = BigInt(row.dataset.key);
  const after = findAll("[data-thread]", list).find((one) => BigInt(one.dataset.key) < key);
  if (!after && find(".more", list)) return false;
  if (!isFlat) {
    if (after) after.before(row);
    else list.append(row);
    return true;
  }
  const part = find(`[data-day-part="${row.dataset.day}"] > ul`, list);
  if (!part) { visit(location.pathname + location.search, { replace: true }); return true; }
  if (after && part.contains(after)) after.before(row);
  else part.append(row);
  return true;
}

function counts(root, parts) {
  if (!parts) return;
  for (const part of findAll("[id]", parts)) {
    const places = [root, document].map((place) => find(`#${CSS.escape(part.id)}`, place)).filter(Boolean);
    for (const old of new Set(places)) old.replaceWith(part.cloneNode(true));
  }
  document.body.dataset.unread = parts.dataset.unread;
  emit("unread:changed");
}
