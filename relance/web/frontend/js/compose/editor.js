// The editor: Squire under this page's policy and with this house's cleaning.
import Squire from "squire-rte";
import { cleanPasted, useFiles } from "./clean.js";
import { show, toEditor, toStored } from "./content.js";
import { applyStyles, hideStyles } from "./styles.js";
import { emit } from "../dom.js";

const FORMATS = {
  bold: ["B", "bold", "removeBold"],
  italic: ["I", "italic", "removeItalic"],
  underline: ["U", "underline", "removeUnderline"],
  bullets: ["UL", "makeUnorderedList", "removeList"],
  numbers: ["OL", "makeOrderedList", "removeList"],
  quote: ["BLOCKQUOTE", "increaseQuoteLevel", "decreaseQuoteLevel"],
};
const UNDO = { documentSizeThreshold: 200_000, undoLimit: 50 };

class MailSquire extends Squire {
  constructor(root, known) {
    let squire = null;
    super(root, {
      blockTag: "DIV",
      undo: UNDO,
      didError: (error) => { throw error; },
      sanitizeToDOMFragment: (html) => (squire?.isPasting ? squire.cleanPaste(html) : toEditor(html, known)),
    });
    squire = this;
    this.known = known;
    this._imageResizer.destroy(); // its handles are styled in a way the page's policy refuses
  }

  insertHTML(html, isPaste) {
    this.isPasting = Boolean(isPaste);
    try { return super.insertHTML(html, isPaste); } finally { this.isPasting = false; }
  }

  cleanPaste(html) {
    const { fragment, lost } = cleanPasted(html);
    if (lost) emit("compose:lost-images", { count: lost }, this.getRoot());
    return show(fragment, this.known);
  }

  // Undo puts HTML back as text; its styles are set the way the policy allows.
  _setRawHTML(html) {
    super._setRawHTML(hideStyles(html));
    applyStyles(this.getRoot());
    return this;
  }
}

// `known`: {labels: Map of placeholders, images: Map of content ids}; `files`: the address under
// which the draft's images are shown.
export function createEditor(root, { html, known, files }) {
  useFiles(files);
  const squire = new MailSquire(root, known);
  squire.setHTML(html);
  keys(squire);
  return squire;
}

export function stored(squire) {
  const cids = new Map([...squire.known.images].map(([cid, address]) => [address, cid]));
  return toStored(squire.getRoot(), cids);
}

export function has(squire, name) {
  return squire.hasFormat(FORMATS[name][0]);
}

export function toggle(squire, name) {
  const [, add, remove] = FORMATS[name];
  squire[has(squire, name) ? remove : add]();
  squire.focus();
}

export const FORMAT_NAMES = Object.keys(FORMATS);

const isMac = /Mac|iP(hone|ad|od)/.test(navigator.platform);
const MOD = isMac ? "Meta-" : "Ctrl-";

function keys(squire) {
  // Squire's own: B I U, Z, Y, [ and ] for quotes, Shift-8 and Shift-9 for lists.
  squire.setKeyHandler(`${MOD}k`, (_self, event) => { event.preventDefault(); emit("compose:link", {}, squire.getRoot()); });
  squire.setKeyHandler(`${MOD}d`, null);
  squire.setKeyHandler("Tab", tab(1));
  squire.setKeyHandler("Shift-Tab", tab(-1));
}

// In a list Tab changes the level; elsewhere it goes on to the next field, as everywhere.
const tab = (by) => (self, event) => {
  if (!self.hasFormat("LI")) return;
  event.preventDefault();
  if (by > 0) self.increaseListLevel();
  else self.decreaseListLevel();
};

// Puts the cursor where one begins to write: before the signature, in the first empty line.
export function toStart(squire) {
  squire.moveCursorToStart();
  squire.focus();
}

// Replaces what was written but for the signature, unless the new text brings its own; or adds at
// the cursor.
export function put(squire, html, { replace = false } = {}) {
  if (replace) {
    squire.saveUndoState();
    const root = squire.getRoot();
    const signature = html.includes('class="signature"') ? null : root.querySelector(".signature");
    for (const node of [...root.childNodes]) if (node !== signature && !node.contains(signature)) node.remove();
    const line = squire.createDefaultBlock();
    root.prepend(line);
    const range = document.createRange();
    range.setStart(line, 0);
    squire.setSelection(range);
  }
  squire.insertHTML(html);
}

// Puts a signature in the place of the old one, or at the end; "" takes it away.
export function putSignature(squire, html) {
  squire.saveUndoState();
  const root = squire.getRoot();
  const old = root.querySelector(".signature");
  const fresh = html && toEditor(html, squire.known);
  if (!fresh) { old?.remove(); return; }
  if (old) old.replaceWith(fresh);
  else root.append(squire.createDefaultBlock(), fresh);
}

export const isEmpty = (squire) => {
  const copy = squire.getRoot().cloneNode(true);
  copy.querySelector(".signature")?.remove();
  return !copy.textContent.replaceAll("\u200b", "").trim() && !copy.querySelector("img");
};
