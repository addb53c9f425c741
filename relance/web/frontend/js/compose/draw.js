// The icons and faces that the templates draw, drawn by script where people and files come and go.
import { find } from "../dom.js";

const SVG = "http://www.w3.org/2000/svg";
let crcTable = null;

export function element(name, { className = "", text = "", attributes = {} } = {}, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter(Boolean));
  return made;
}

export function icon(name) {
  const sheet = find(".i use")?.getAttribute("href").split("#")[0] ?? "";
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${sheet}#i-${name}`);
  svg.append(use);
  return svg;
}

function crc32(text) {
  crcTable ??= Uint32Array.from({ length: 256 }, (_, n) => {
    for (let k = 0; k < 8; k += 1) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
    return n;
  });
  let crc = ~0;
  for (const byte of new TextEncoder().encode(text)) crc = (crc >>> 8) ^ crcTable[(crc ^ byte) & 255];
  return ~crc >>> 0;
}

function initials(name) {
  const words = name.split(/[^\p{L}\p{N}_]+/u).filter((word) => /^\p{L}/u.test(word)).map((word) => [...word]);
  if (!words.length) return "?";
  return (words[0][0] + (words.length > 1 ? words.at(-1)[0] : words[0][1] ?? "")).toUpperCase();
}

// As `{% avatar %}` does: the same person has the same hue everywhere.
export const avatar = (name, key, css = "") =>
  element("span", {
    className: `av av-${(crc32(key || name) % 8) + 1} ${css}`, text: initials(name), attributes: { "aria-hidden": "true" },
  });
