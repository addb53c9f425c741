// Going from a list to a conversation and back without loading the page again.
//
// Only the main part is exchanged. The list one comes from is kept as it was, with its scroll and
// its cursor, and goes on hearing of new mail meanwhile; going back puts it there again.
import htmx from "htmx";
import { emit, find, findAll, on, word } from "./dom.js";
import { fragment, request } from "./http.js";

const SLOW = 300; // ms: a faster answer needs no sign that it is coming
let kept = null; // the list left behind: {url, nodes (a fragment), scrolls, look, thread}
let going = null; // aborts the visit under way

const main = () => find("#main");
const isList = () => find("[data-board], [data-list]", main()) !== null;

export const keptList = () => kept?.nodes ?? null;
export const forgetList = () => { kept = null; };

function look() {
  return { title: document.title, body: document.body.className, app: find(".app").className, main: main().className };
}

function wear({ title, body, app, main: ours }) {
  document.title = title;
  document.body.className = body;
  find(".app").className = app;
  main().className = ours;
}

function keep(thread) {
  const scrolls = findAll(".col__list, .ulist, .board4", main()).map((e) => [e, e.scrollTop, e.scrollLeft]);
  const nodes = document.createDocumentFragment();
  kept = { url: location.pathname + location.search, look: look(), scrolls, thread, nodes };
  nodes.append(...main().childNodes);
}

function restore() {
  const { nodes, scrolls, look: before, thread } = kept;
  kept = null;
  main().replaceChildren(nodes);
  wear(before);
  for (const [element, top, left] of scrolls) element.scrollTo({ top, left, behavior: "instant" });
  emit("page:shown", { thread, isBack: true });
}

function put(html, thread) {
  const found = find("[data-page]", fragment(html));
  if (!found) return false;
  const { title, bodyClass, appClass, mainClass, unread, sync, syncBad } = found.dataset;
  if (isList() && thread) keep(thread);
  main().replaceChildren(...found.childNodes);
  wear({ title, body: bodyClass, app: `app ${appClass}`, main: `main ${mainClass}` });
  document.body.dataset.unread = unread;
  find("[data-sync-text]").textContent = sync;
  find("#sync").classList.toggle("sync--bad", syncBad === "yes");
  htmx.process(main());
  return true;
}

// `thread`: the conversation that is opened, for the cursor to come back to; with `isBack` the one
// that is left, for the cursor to be put on.
export async function visit(url, { push = true, replace = false, thread = 0, isBack = false } = {}) {
  going?.abort();
  going = new AbortController();
  const slow = setTimeout(() => document.body.classList.add("is-going"), SLOW);
  const fromList = isList() || Boolean(history.state?.fromList && replace);
  try {
    const response = await request(url, { signal: going.signal });
    const html = await response.text();
    if (replace && kept) kept.thread = thread || kept.thread;
    if (!response.ok || !put(html, thread)) { location.assign(url); return; }
  } catch (error) {
    if (error.name !== "AbortError") emit("toast", { text: word("failed"), undo: "" });
    return;
  } finally {
    clearTimeout(slow);
    document.body.classList.remove("is-going");
  }
  const state = { ours: true, fromList };
  if (replace) history.replaceState(state, "", url);
  else if (push) history.pushState(state, "", url);
  emit("page:shown", { thread, isBack });
}

const opened = () => Number(find("[data-conversation]")?.dataset.conversation ?? 0);

// Back to the list one came from, else to the inbox.
export function goBack() {
  if (kept && history.state?.fromList) history.back();
  else visit(find("[data-back]")?.getAttribute("href") ?? "/", { thread: opened(), isBack: true });
}

addEventListener("popstate", () => {
  const url = location.pathname + location.search;
  if (kept?.url === url) restore();
  else visit(url, { push: false, thread: opened(), isBack: true });
});

export const threadOf = (element) => Number(element?.closest("[data-thread]")?.dataset.thread ?? 0);

on("click", "a[data-visit]", (event, link) => {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const inConversation = find("[data-conversation]") !== null;
  visit(link.getAttribute("href"), { replace: inConversation && Boolean(link.closest(".side")), thread: threadOf(link) });
});
on("click", "a[data-back]", (event) => {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  goBack();
});
history.scrollRestoration = "manual";
