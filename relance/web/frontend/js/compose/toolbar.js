// The bar of looks: pressed as the text under the cursor says, one tab stop, walked with the arrows.
import { find, findAll } from "../dom.js";
import { ask } from "./ask.js";
import { FORMAT_NAMES, has, toggle } from "./editor.js";

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

function address(text) {
  if (/^(https?:|mailto:|tel:)/i.test(text)) return text;
  if (EMAIL.test(text)) return `mailto:${text}`;
  return /^[a-z][a-z0-9+.-]*:/i.test(text) ? "" : `https://${text}`;
}

export class Toolbar {
  constructor(form, squire, { words, pickImage }) {
    Object.assign(this, { form, squire, words, pickImage });
    this.bar = find("[role=toolbar]", form);
    this.buttons = findAll("[data-compose-cmd]", form);
    for (const button of this.buttons) {
      button.addEventListener("mousedown", (event) => event.preventDefault()); // the text keeps the focus
      button.addEventListener("click", () => this.act(button.dataset.composeCmd));
    }
    this.bar?.addEventListener("keydown", (event) => this.walk(event));
    this.rove(this.buttons[0]);
    squire.addEventListener("pathChange", () => this.refresh());
    squire.addEventListener("select", () => this.refresh());
    squire.getRoot().addEventListener("compose:link", () => this.link());
  }

  act(name) {
    if (name === "link") this.link();
    else if (name === "image") this.pickImage();
    else if (name === "clear") this.squire.removeAllFormatting();
    else if (name === "undo" || name === "redo") this.squire[name]();
    else toggle(this.squire, name);
    this.refresh();
  }

  refresh() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      for (const button of this.buttons) {
        const name = button.dataset.composeCmd;
        if (FORMAT_NAMES.includes(name)) button.setAttribute("aria-pressed", String(has(this.squire, name)));
        else if (name === "link") button.setAttribute("aria-pressed", String(this.squire.hasFormat("A")));
      }
    });
  }

  async link() {
    const range = this.squire.getSelection();
    const node = range.startContainer;
    const old = (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.closest("a");
    const choices = [["ok", this.words.of("link-put"), true]];
    if (old) choices.unshift(["", this.words.of("link-remove"), false]);
    const value = old?.getAttribute("href") ?? "";
    const text = await ask({ title: this.words.of("link"), choices, field: { label: this.words.of("link"), value, mode: "url" } });
    this.squire.focus();
    this.squire.setSelection(range);
    if (text && address(text)) this.squire.makeLink(address(text));
  }

  walk(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = this.buttons.indexOf(document.activeElement);
    if (!step || at < 0) return;
    event.preventDefault();
    this.rove(this.buttons[(at + step + this.buttons.length) % this.buttons.length]);
    document.activeElement.blur();
    this.buttons.find((button) => button.tabIndex === 0).focus();
  }

  rove(button) {
    for (const one of this.buttons) one.tabIndex = one === button ? 0 : -1;
  }
}
