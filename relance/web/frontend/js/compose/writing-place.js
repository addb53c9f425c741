// The editor in the place of the plain text area, and the chips of its fields once they are known.
import { find } from "../dom.js";
import { createEditor } from "./editor.js";
import { fieldGroups, labels } from "./field-list.js";

export class WritingPlace {
  constructor(form, words) {
    this.form = form;
    this.words = words;
    const place = find("[data-compose-body]", form);
    const plain = find("[data-compose-text]", place);
    this.root = document.createElement("div");
    this.root.className = "composer__edit";
    const attributes = { role: "textbox", "aria-multiline": "true", "aria-label": find("label", place).textContent, dir: "auto" };
    for (const [name, value] of Object.entries(attributes)) this.root.setAttribute(name, value);
    if (plain.placeholder) this.root.dataset.placeholder = plain.placeholder;
    plain.disabled = true;
    plain.hidden = true;
    find("label", place).hidden = true;
    place.append(this.root);
    this.given = find("template[data-compose-html]", form).dataset.html;
    this.squire = createEditor(this.root, { html: this.given, known: { labels, images: new Map() }, files: form.dataset.files });
    this.squire.addEventListener("input", () => this.mark());
    this.mark();
  }

  // The names of fields come after the text is there, to let one write at once.
  async drawChips(isUntouched) {
    if (!this.given.includes("{")) return;
    await this.known(this.given);
    if (isUntouched()) this.set(this.given);
  }

  async known(html) {
    if (html.includes("{")) await fieldGroups(this.form.dataset.fields, this.words.raw("field"));
  }

  // `isQuiet` until the editor has told of this change too, which nobody wrote.
  set(html) {
    this.isQuiet = true;
    this.squire.setHTML(html);
    this.mark();
    setTimeout(() => { this.isQuiet = false; });
  }

  mark() {
    this.root.parentElement.classList.toggle("is-empty", this.root.textContent === "" && !find("img, li", this.root));
  }
}
