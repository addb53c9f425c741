// Inline styles under a policy that forbids them: markup carries them as `data-style`, and the
// allowed ones are set through the style object, which the policy lets our own script do. Handlers
// are renamed as well: the browser complains of them even in a document where nothing runs.

const TAG = /<[a-z][^\s>/]*(?:[^>"']|"[^"]*"|'[^']*')*>/gi;
const SHEET = /<style[^>]*>[^]*?(?:<\/style\s*>|$)/gi;
const STYLE = /(\s)style(\s*=)/gi;
const HANDLER = /([\s"'/])on(\w+\s*=)/gi;
const ALLOWED = new Set([
  "color", "background-color", "font-weight", "font-style", "font-family", "font-size",
  "text-align", "text-decoration", "text-decoration-line", "line-height", "letter-spacing",
  "vertical-align", "width", "height", "max-width", "margin", "margin-top", "margin-right",
  "margin-bottom", "margin-left", "padding", "padding-top", "padding-right", "padding-bottom",
  "padding-left", "border", "border-top", "border-right", "border-bottom", "border-left",
  "border-color", "border-style", "border-width", "border-radius", "border-collapse",
  "border-spacing", "list-style-type", "white-space", "direction",
]);

// Sheets go: what they say of a text is not kept anyway.
export const hideStyles = (html) => html.replace(SHEET, "").replace(TAG, (tag) => tag.replace(STYLE, "$1data-style$2").replace(HANDLER, "$1data-on$2"));

export const declarations = (text) =>
  text.split(";").map((one) => one.split(/:(.*)/s)).filter((pair) => pair.length > 1)
    .map(([name, value]) => [name.trim().toLowerCase(), value.trim()]);

const isSafe = (name, value) => ALLOWED.has(name) && !/url\s*\(|expression|@import|\\|var\s*\(/i.test(value);

export function applyStyles(root) {
  for (const element of root.querySelectorAll("[data-style]")) {
    const text = element.dataset.style;
    element.removeAttribute("data-style");
    for (const [name, value] of declarations(text)) {
      if (!isSafe(name, value)) continue;
      const [bare, important] = value.split("!");
      element.style.setProperty(name, bare.trim(), important ? "important" : "");
    }
  }
}
