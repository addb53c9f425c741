// New mail, and mail that moved: rows come, go and change without stealing the cursor or the scroll.
import { announce, emit, find, findAll, word } from "./dom.js";
import { fragment, text } from "./http.js";
import { reloadSoon } from "./reload-list.js";
import { keptList } from "./visit.js";

const GATHER = 40; // ms: what changes together is asked for together
let waiting = new Set();
let arrived = new Set();
let timer = null;

document.addEventListener("live:inbox.changed", ({ detail }) => {
  if (!detail.threads?.length) { reloadSoon(); return; } // too many to be named
  for (const thread of detail.threads) waiting.add(thread);
  for (const thread of detail.new ?? []) arrived.add(thread);
  timer ??= setTimeout(gather, GATHER);
});
document.addEventListener("live:reload", reloadSoon);

async function gather() {
  const [threads, fresh] = [waiting, arrived];
  [waiting, arrived, timer] = [new Set(), new Set(), null];
  emit("threads:changed", { threads: [...threads], fresh: [...fresh] });
  const answers = new Map();
  await Promise.all([...new Set(roots().map(viewOf))].filter(Boolean).map(async (view) => {
    const url = `/inbox/changes/?threads=${[...threads].join(",")}&view=${view}`;
    const html = await text(url).catch(() => "");
    if (html) answers.set(view, html);
  }));
  // Asked again: meanwhile the list that was kept may have come back.
  for (const root of roots()) {
    const html = answers.get(viewOf(root));
    if (html) update(root, fragment(html), threads, fresh);
  }
}

// The page, and the list that waits behind the conversation.
const roots = () => [find("#main"), keptList()].filter(Boolean);

function viewOf(root) {
  const list = find("#rows", root);
  if (list) return ["unified", "column"].includes(list.dataset.list) ? "list" : "";
  return find("[data-rows]", root) ? "columns" : "";
}

function update(root, answer, threads, fresh) {
  const isFlat = viewOf(root) === "list";
  const came = [];
  for (const thread of threads) {
    const row = find(`[data-changed] > [data-thread="${thread}"]`, answer);
    if (put(root, thread, row, isFlat) && fresh.has(thread)) came.push(row);
  }
  counts(root, find("[data-parts]", answer));
  if (root === find("#main")) say(came);
}

function say(came) {
  if (!came.length) return;
  announce(word("newMail", { name: find(".msg__from, .urow__who span", came[0]).textContent }));
}

// Puts `row` where it belongs, or takes the old one away; true when a row was put. A row that
// moves to another column takes the cursor and the focus along.
function put(root, thread, row, isFlat) {
  const olds = findAll(`[data-rows] [data-thread="${thread}"]`, root);
  const list = row && target(root, row, isFlat);
  const old = olds.find((one) => one.closest("[data-rows]") === list) ?? null;
  const leaving = olds.filter((one) => one !== old && !isOpenBeside(one));
  const hadFocus = leaving.some((one) => one.contains(document.activeElement));
  const hadCursor = leaving.some((one) => one.classList.contains("is-focus"));
  for (const one of leaving) one.remove();
  if (!list) return false;
  const only = list.closest("[data-unread-only]") && !row.classList.contains("is-unread");
  if (only && !old) return false;
  if (old) return exchange(old, row, isFlat, list);
  row.classList.toggle("is-focus", hadCursor);
  const isPut = insert(row, list, isFlat);
  if (hadFocus) focusOn(row);
  return isPut;
}

const focusOn = (row) => find("a[data-visit]", row)?.focus({ preventScroll: true });
const isOpenBeside = (row) => row.classList.contains("is-open") && row.closest("[data-side]");

function target(root, row, isFlat) {
  if (!isFlat) return find(`ul[data-rows="${row.dataset.stream}"]`, root);
  const list = find("#rows", root);
  return ["0", row.dataset.stream].includes(list.dataset.rows) ? list : null;
}

function exchange(old, row, isFlat, list) {
  const hadFocus = old.contains(document.activeElement);
  for (const name of ["is-focus", "is-open"]) row.classList.toggle(name, old.classList.contains(name));
  if (old.dataset.key === row.dataset.key) old.replaceWith(row);
  else { old.remove(); insert(row, list, isFlat); }
  if (hadFocus) focusOn(row);
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
  if (!part) { reloadSoon(); return true; } // the first of its day: the heading comes with it
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
