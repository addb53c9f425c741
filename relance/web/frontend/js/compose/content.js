// Between a mail as it is kept and as it is written: images by `cid:` or by an address that shows
// them, placeholders as text `{Person.firstName|you}` or as chips that cannot be half deleted.
import { applyStyles } from "./styles.js";
import { cleanOwn } from "./clean.js";

export const PLACEHOLDER = /\{([A-Z][A-Za-z]*)\.([A-Za-z][\w.]*)(?:\|([^{}<>]*))?\}/g;
let chips = 0;

// `labels`: "Person.firstName" → "Contact: first name". Unknown fields stay as they were typed.
export function chip(code, labels, doc = document) {
  const [, entity, name, fallback] = new RegExp(PLACEHOLDER.source).exec(code) ?? [];
  const label = labels.get(`${entity}.${name}`);
  if (!label) return null;
  const element = doc.createElement("span");
  // A class of its own: the editor would make one of two neighbours that look alike.
  element.className = `var var-${(chips += 1)}`;
  element.contentEditable = "false";
  element.dataset.code = code;
  element.textContent = label;
  if (fallback) element.title = fallback;
  return element;
}

function textNodes(root) {
  const walker = (root.ownerDocument ?? root).createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) if (walker.currentNode.data.includes("{")) found.push(walker.currentNode);
  return found;
}

function putChips(root, labels) {
  for (const node of textNodes(root)) {
    const doc = node.ownerDocument;
    const parts = [];
    let at = 0;
    for (const match of node.data.matchAll(PLACEHOLDER)) {
      const element = chip(match[0], labels, doc);
      if (!element) continue;
      parts.push(node.data.slice(at, match.index), element);
      at = match.index + match[0].length;
    }
    if (parts.length) node.replaceWith(...parts, node.data.slice(at));
  }
}

// `images`: content id → address that shows it.
function showImages(root, images) {
  for (const image of root.querySelectorAll("img")) {
    const source = image.getAttribute("src") ?? "";
    if (source.startsWith("cid:")) {
      const id = decodeURIComponent(source.slice(4));
      image.dataset.cid = id;
      if (images.has(id)) image.setAttribute("src", images.get(id));
      else image.removeAttribute("src");
    } else if (/^https?:/i.test(source)) {
      image.dataset.remote = source; // not fetched while one writes
      image.removeAttribute("src");
    }
  }
}

// A fragment of this document, ready to be written in, from kept HTML or from what was cleaned.
export const toEditor = (html, known) => show(cleanOwn(html), known);

export function show(cleaned, { labels, images }) {
  putChips(cleaned, labels);
  showImages(cleaned, images);
  const fragment = document.importNode(cleaned, true);
  applyStyles(fragment);
  return fragment;
}

// The mail's HTML, as it is kept and sent. `cids`: address that shows an image → content id.
export function toStored(root, cids) {
  const inert = document.implementation.createHTMLDocument("");
  const copy = inert.importNode(root, true);
  for (const element of copy.querySelectorAll("[data-code]")) element.replaceWith(element.dataset.code);
  for (const image of copy.querySelectorAll("img")) {
    const cid = image.dataset.cid ?? cids.get(image.getAttribute("src"));
    if (cid) image.setAttribute("src", `cid:${cid}`);
    else if (image.dataset.remote) image.setAttribute("src", image.dataset.remote);
    else if (!image.getAttribute("src")) { image.remove(); continue; }
    image.removeAttribute("data-cid");
    image.removeAttribute("data-remote");
    image.removeAttribute("data-uploading");
  }
  for (const element of copy.querySelectorAll("[class]:not(.signature)")) element.removeAttribute("class");
  for (const element of copy.querySelectorAll("[contenteditable]")) element.removeAttribute("contenteditable");
  for (const element of copy.querySelectorAll("[id^=squire-selection]")) element.remove();
  return copy.innerHTML.replaceAll("\u200b", "");
}
