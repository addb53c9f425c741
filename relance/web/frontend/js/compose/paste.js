// Pasted from Word, Outlook, Google Docs or a page: the meaning stays (bold, lists, links, tables,
// titles), the looks go, so that the mail looks like one mail.
import { declarations } from "./styles.js";

const DATA_IMAGE = /^data:image\//i;
const ATTRIBUTES_KEPT = {
  A: ["href", "title"], IMG: ["src", "alt", "width", "height"], TD: ["colspan", "rowspan"],
  TH: ["colspan", "rowspan"], OL: ["start", "type"],
};
const EVERYWHERE = ["dir"];
const UNWRAPPED = new Set(["SPAN", "FONT", "SMALL", "BIG"]);

const styleOf = (element) => Object.fromEntries(declarations(element.dataset.style ?? ""));

function replaceBy(element, name) {
  const other = element.ownerDocument.createElement(name);
  other.append(...element.childNodes);
  element.replaceWith(other);
  return other;
}

const unwrap = (element) => element.replaceWith(...element.childNodes);

function wrapInside(element, name) {
  const inner = element.ownerDocument.createElement(name);
  inner.append(...element.childNodes);
  element.append(inner);
}

// Word writes a list as paragraphs that say "mso-list: l0 level2 lfo1", with their mark as text.
function msoLevel(element) {
  const found = /level(\d+)/.exec(styleOf(element)["mso-list"] ?? "");
  return found ? Number(found[1]) : 0;
}

function takeMark(element) {
  const mark = element.querySelector('[data-style*="mso-list:Ignore" i], [data-style*="mso-list: Ignore" i]');
  const text = mark?.textContent.trim() ?? "";
  mark?.remove();
  return /^(?:\d+|[a-z]{1,4})[.)]$/i.test(text) ? "ol" : "ul";
}

function wordLists(root) {
  const open = []; // the lists under way, outermost first
  let last = null;
  for (const element of [...root.querySelectorAll('[data-style*="mso-list"]')]) {
    const level = msoLevel(element);
    if (!level) continue;
    const name = takeMark(element);
    if (previousOf(element) !== last) open.length = 0;
    open.length = Math.min(open.length, level);
    if (open.length === level && open[level - 1].localName !== name && level === 1) open.length = 0;
    while (open.length < level) begin(open, element, name);
    const item = element.ownerDocument.createElement("li");
    item.append(...element.childNodes);
    open.at(-1).append(item);
    element.remove();
    last = open[0];
  }
}

function begin(open, element, name) {
  const list = element.ownerDocument.createElement(name);
  const outer = open.at(-1);
  if (outer) (outer.lastElementChild ?? outer).append(list);
  else element.before(list);
  open.push(list);
}

function previousOf(element) {
  let node = element.previousSibling;
  while (node && node.nodeType !== Node.ELEMENT_NODE && !node.textContent.trim()) node = node.previousSibling;
  return node;
}

// What a style says in bold, italic or a line, said by a tag.
function meaning(element) {
  const style = styleOf(element);
  const weight = style["font-weight"] ?? "";
  if ((element.localName === "b" || element.localName === "strong") && /^(normal|[1-4]00)$/.test(weight)) {
    element = replaceBy(element, "span"); // Google Docs puts all it copies in such a one
  } else if (UNWRAPPED.has(element.nodeName) && /^(bold(er)?|[6-9]00)$/.test(weight)) wrapInside(element, "b");
  if (!UNWRAPPED.has(element.nodeName)) return;
  if (/^(italic|oblique)/.test(style["font-style"] ?? "")) wrapInside(element, "i");
  const line = `${style["text-decoration"] ?? ""} ${style["text-decoration-line"] ?? ""}`;
  if (line.includes("underline") && !element.closest("a") && !element.querySelector("a")) wrapInside(element, "u");
  if (line.includes("line-through")) wrapInside(element, "s");
  if (style["vertical-align"] === "super") wrapInside(element, "sup");
  if (style["vertical-align"] === "sub") wrapInside(element, "sub");
}

const isHidden = (element) => {
  const style = styleOf(element);
  return style.display === "none" || style["mso-hide"] === "all";
};

function bare(element) {
  const kept = [...EVERYWHERE, ...(ATTRIBUTES_KEPT[element.nodeName] ?? [])];
  for (const { name } of [...element.attributes]) if (!kept.includes(name)) element.removeAttribute(name);
}

function images(root, ownFiles) {
  let lost = 0;
  for (const image of root.querySelectorAll("img")) {
    const source = image.getAttribute("src") ?? "";
    if (DATA_IMAGE.test(source) || (ownFiles && source.startsWith(ownFiles))) continue;
    if (Number(image.getAttribute("width")) !== 1) lost += 1;
    image.remove();
  }
  return lost;
}

// Changes `root` in place; gives the number of images left behind (they are on other servers or
// on the disk of whoever copied, and nothing is fetched from there unasked).
export function plainLook(root, ownFiles) {
  for (const element of [...root.querySelectorAll("[data-style]")]) if (isHidden(element)) element.remove();
  wordLists(root);
  for (const element of [...root.querySelectorAll("*")]) meaning(element);
  const lost = images(root, ownFiles);
  for (const element of [...root.querySelectorAll("*")]) {
    if (UNWRAPPED.has(element.nodeName)) unwrap(element);
    else if (/^H[156]$/.test(element.nodeName)) bare(replaceBy(element, element.nodeName === "H1" ? "h2" : "h4"));
    else if (element.nodeName === "CENTER") bare(replaceBy(element, "div"));
    else bare(element);
  }
  for (const link of [...root.querySelectorAll("a:not([href])")]) unwrap(link);
  root.normalize();
  return lost;
}
