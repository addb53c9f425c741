// Keys. They follow the character typed, not the place of the key; each is listed by `?`.
import { find, findAll, isTyping, on } from "./dom.js";
import { column, current, moveTo, step, toColumn } from "./cursor.js";
import { isDialogOpen, openDialog } from "./dialog.js";
import { closeSheets } from "./drawer.js";
import { closeMenu } from "./menus.js";
import { act } from "./row-actions.js";
import { undoLast } from "./toast.js";
import { goBack, visit } from "./visit.js";
import { actOnConversation, stepConversation } from "./conversation.js";
import { answer } from "./compose-open.js";
import { nextTab, togglePanel } from "./panel.js";

const inConversation = () => find("[data-conversation]") !== null;
const places = { i: "/", d: "/deals/", c: "/people/?kind=contact" };
let waitingForPlace = 0;

const here = (verb) => (inConversation() ? actOnConversation(verb) : act(current(), verb));
const go = (by) => (inConversation() ? stepConversation(by) : step(by));
const click = (selector) => find(selector)?.click();

// The single keys; tests compare them with the list that `?` shows.
const KEYS = {
  j: () => go(1),
  k: () => go(-1),
  l: () => column(1),
  h: () => column(-1),
  1: () => toColumn(0),
  2: () => toColumn(1),
  3: () => toColumn(2),
  4: () => toColumn(3),
  u: () => here("seen"),
  e: () => here("archive"),
  "#": () => here("trash"),
  i: () => (inConversation() ? click("[data-add]") : addSender()),
  d: () => click("[data-new-deal]"),
  t: () => click("[data-new-task]"),
  n: () => click("[data-new-note]"),
  p: nextTab,
  ".": togglePanel,
  c: () => click("a[data-compose-new]"),
  r: () => answer("reply"),
  a: () => answer("reply_all"),
  f: () => answer("forward"),
  z: undoLast,
  "/": () => { const box = find("#search"); box.focus(); box.select(); },
  "?": () => openDialog("/shortcuts/"),
  g: () => { waitingForPlace = Date.now(); },
};
const NAMED = {
  Delete: () => here("trash"),
  ArrowDown: () => !inConversation() && current() && step(1),
  ArrowUp: () => !inConversation() && current() && step(-1),
};

function addSender() {
  const row = current();
  if (row && "addable" in row.dataset) act(row, "add-lead");
}

function escape(event) {
  if (isDialogOpen() || findAll(":popover-open").length) return;
  if (closeMenu() || closeSheets()) return;
  if (isTyping(event.target)) { event.target.blur(); if (current()) moveTo(current()); return; }
  if (inConversation() || find("[data-list=search]")) goBack();
}

function open() {
  const row = current();
  if (row && !document.activeElement.closest("a, button, summary")) act(row, "open");
}

function goTo(key) {
  const url = places[key];
  waitingForPlace = 0;
  if (!url) return;
  if (url === "/") visit(url);
  else location.assign(url);
}

export function onKey(event) {
  if (event.defaultPrevented || event.isComposing) return;
  if (event.key === "Escape") { escape(event); return; }
  const altGraph = event.getModifierState?.("AltGraph");
  if (event.metaKey || ((event.ctrlKey || event.altKey) && !altGraph)) return;
  if (isTyping(event.target) || isDialogOpen() || findAll(":popover-open").length) return;
  if (event.target.closest?.(".menu, [role=menu]")) return;
  if (event.key === "Enter") { open(); return; }
  if (NAMED[event.key]) { event.preventDefault(); NAMED[event.key](); return; }
  if (document.body.dataset.singleKeys !== "on") return;
  if (Date.now() - waitingForPlace < 1500) { event.preventDefault(); goTo(event.key.toLowerCase()); return; }
  const handler = KEYS[event.key.toLowerCase()];
  if (!handler || event.repeat && !"jkhl".includes(event.key)) return;
  event.preventDefault();
  handler();
}

document.addEventListener("keydown", onKey);
document.addEventListener("frame:key", (event) => onKey(event.detail));
on("click", "[data-help]", () => openDialog("/shortcuts/"));
on("change", "[data-single-keys-switch]", (_event, box) => {
  document.body.dataset.singleKeys = box.checked ? "on" : "off";
  box.form.requestSubmit();
});
