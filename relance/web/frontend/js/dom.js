// Finding elements, hearing events from anywhere on the page, and the words the page was given.

export const find = (selector, root = document) => root.querySelector(selector);
export const findAll = (selector, root = document) => [...root.querySelectorAll(selector)];

// One listener on the document serves every element there is and every one to come.
export function on(type, selector, handler, options = {}) {
  document.addEventListener(
    type,
    (event) => {
      const element = event.target instanceof Element && event.target.closest(selector);
      if (element) handler(event, element);
    },
    options,
  );
}

export function emit(type, detail = {}, target = document) {
  target.dispatchEvent(new CustomEvent(type, { detail, bubbles: true }));
}

export function word(name, values = {}) {
  const text = find("#words")?.dataset[name] ?? "";
  return text.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
}

let announcing;
// Said politely by screen readers; the pause makes the same words heard twice in a row.
export function announce(text) {
  const region = find("#announce");
  if (!region || !text) return;
  region.textContent = "";
  clearTimeout(announcing);
  announcing = setTimeout(() => { region.textContent = text; }, 60);
}

export const isTyping = (target) =>
  target instanceof Element &&
  target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]") !== null;
