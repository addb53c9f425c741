// Chips in the text being written: put where something was typed, taken away at one press.
import { chip } from "./content.js";
import { labels } from "./field-list.js";

const PLACE = "\u200b"; // no letter, but a place for the cursor after a chip at the end of a line

// The letters before the cursor: {node, at, text}, or null when it stands elsewhere.
export function textBefore(squire) {
  const { startContainer: node, startOffset: at, collapsed } = squire.getSelection();
  return collapsed && node.nodeType === Node.TEXT_NODE ? { node, at, text: node.data.slice(0, at) } : null;
}

// What was typed, if anything, gives way to the chip of `code`.
export function putChip(squire, typed, code) {
  const made = chip(code, labels);
  if (!made) return;
  const here = textBefore(squire);
  squire.saveUndoState();
  if (typed) {
    const range = document.createRange();
    range.setStart(here.node, here.at - typed.length);
    range.setEnd(here.node, here.at);
    range.deleteContents();
    squire.setSelection(range);
  }
  squire.insertElement(made);
  const after = document.createTextNode(PLACE);
  made.after(after);
  const range = document.createRange();
  range.setStart(after, 1);
  squire.setSelection(range);
}

const isNothing = (node) => node.nodeType === Node.TEXT_NODE && !node.data.replaceAll(PLACE, "");

// The chip right before the cursor, or around it where the browser has let it slip in.
function chipBefore({ startContainer: node, startOffset: at, collapsed }) {
  if (!collapsed) return null;
  const around = (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).closest("[data-code]");
  if (around) return around;
  const isText = node.nodeType === Node.TEXT_NODE;
  if (isText && node.data.slice(0, at).replaceAll(PLACE, "")) return null;
  let before = isText ? node.previousSibling : node.childNodes[at - 1];
  while (before && isNothing(before)) before = before.previousSibling;
  return before?.dataset?.code ? before : null;
}

// True when there was a chip before the cursor: one press takes it, with the place after it.
export function eraseChip(squire) {
  const made = chipBefore(squire.getSelection());
  if (!made) return false;
  squire.saveUndoState();
  const range = document.createRange();
  range.setStartBefore(made);
  while (made.nextSibling && isNothing(made.nextSibling)) made.nextSibling.remove();
  made.remove();
  squire.setSelection(range);
  return true;
}
