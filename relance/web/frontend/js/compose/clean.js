// What may stand in a mail one writes. Two doors: what is pasted loses the looks it came with,
// what was written here or by a template keeps the harmless ones.
import createPurifier from "dompurify";
import { hideStyles } from "./styles.js";
import { plainLook } from "./paste.js";

const TAGS = (
  "a b strong i em u s strike del sub sup br p div span ul ol li blockquote pre code h1 h2 h3 h4 h5 h6 hr " +
  "img table caption colgroup col thead tbody tfoot tr td th font small big center"
).split(" ");
const ATTRIBUTES = (
  "href src alt title dir lang width height colspan rowspan start type align valign bgcolor color " +
  "cellpadding cellspacing border class data-style data-marker data-cid data-code"
).split(" ");
const LINK = /^(?:https?:|mailto:|tel:)/i;
const IMAGE = /^data:image\/(?:png|jpe?g|gif|webp);base64,/i;

const purifier = createPurifier(window);
let ownFiles = ""; // the address under which the draft's own images are shown

purifier.addHook("uponSanitizeAttribute", (node, data) => {
  const { attrName, attrValue } = data;
  const value = attrValue.trim();
  if (attrName === "href") data.keepAttr = LINK.test(value);
  else if (attrName === "src") {
    data.attrValue = value.startsWith(`${location.origin}/`) ? value.slice(location.origin.length) : value;
    data.keepAttr = node.nodeName === "IMG" && isShown(data.attrValue);
  }
  else if (attrName === "class") {
    data.attrValue = value.split(/\s+/).filter((one) => one === "signature").join(" ");
    data.keepAttr = data.attrValue !== "";
  }
  // What only names files and schemes was judged above; DOMPurify need not judge it again.
  if (attrName === "src" && data.keepAttr) data.forceKeepAttr = true;
});

const isShown = (value) =>
  IMAGE.test(value) || value.startsWith("cid:") || (ownFiles !== "" && value.startsWith(ownFiles)) || /^https?:/i.test(value);

function purify(html) {
  return purifier.sanitize(hideStyles(html), {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ADD_URI_SAFE_ATTR: ["data-style", "data-code", "data-cid", "data-marker"], // no addresses, whatever colons they hold
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
    FORBID_CONTENTS: ["style", "script", "title", "xml", "head", "noscript", "template", "svg", "math"],
  });
}

export const useFiles = (address) => { ownFiles = address; };

// Both give a fragment of a document of its own, where nothing loads and nothing shows yet; a
// chip that was copied is its text again.
export const cleanOwn = (html) => purify(html);

// `lost` counts the images that could not come along.
export function cleanPasted(html) {
  const fragment = purify(html);
  for (const chip of fragment.querySelectorAll("[data-code]")) chip.replaceWith(chip.dataset.code);
  const lost = plainLook(fragment, ownFiles);
  return { fragment, lost };
}
