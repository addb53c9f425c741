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

// True when there was a chip before the cursor, which is gone then with the place after it.
export function eraseChip(squire) {
  const here = textBefore(squire);
  const before = here?.text === PLACE ? here.node.previousSibling : null;
  if (!before?.dataset?.code) return false;
  squire.saveUndoState();
  here.node.deleteData(0, 1);
  before.remove();
  return true;
}
