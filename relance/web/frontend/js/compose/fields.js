// Data of the recipient in the text: `{` opens the list, the choice becomes a chip; in the subject,
// where chips cannot stand, it is written out.
import { announce, find, findAll } from "../dom.js";
import { eraseChip, putChip, textBefore } from "./chips.js";
import { PLACEHOLDER } from "./content.js";
import { element } from "./draw.js";
import { fieldGroups } from "./field-list.js";
import { boxOf, placeNear } from "./near.js";

const OPEN = /\{([\p{L}\d .]*)$/u;
const WHOLE = new RegExp(`${PLACEHOLDER.source}$`);
const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

export class Fields {
  constructor(form, squire, { words }) {
    Object.assign(this, { form, squire, words });
    this.root = squire.getRoot();
    this.subject = find("[data-compose-subject]", form);
    this.menu = element("div", { className: "menu fieldmenu", attributes: { popover: "manual", tabindex: "0", role: "listbox", id: `${form.id}-fields`, "aria-label": words.of("fields") } });
    form.append(this.menu);
    squire.addEventListener("input", () => this.typed());
    this.subject?.addEventListener("input", () => this.typedInSubject());
    for (const place of [this.root, this.subject]) {
      place?.addEventListener("keydown", (event) => this.key(event), { capture: true });
      place?.addEventListener("blur", () => this.close());
    }
    const button = find("[data-compose-insert=field]", form);
    button?.addEventListener("mousedown", (event) => event.preventDefault());
    button?.addEventListener("click", () => this.fromButton(button));
    this.menu.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) this.choose(option.dataset.code);
    });
  }

  get inSubject() { return document.activeElement === this.subject; }
  get isOpen() { return this.menu.matches(":popover-open"); }

  async load() { this.groups = await fieldGroups(this.form.dataset.fields, this.words.raw("field")); }

  typed() {
    const here = textBefore(this.squire);
    const whole = here && here.text.endsWith("}") && WHOLE.exec(here.text);
    if (whole) { putChip(this.squire, whole[0], whole[0]); return; }
    const found = here?.text.includes("{") ? OPEN.exec(here.text) : null;
    if (found) this.open(found[1], boxOf(here, found[0].length));
    else this.close();
  }

  typedInSubject() {
    const found = OPEN.exec(this.subject.value.slice(0, this.subject.selectionStart));
    if (found) this.open(found[1], this.subject.getBoundingClientRect());
    else this.close();
  }

  fromButton(button) {
    if (this.isOpen) { this.close(); return; }
    if (!this.inSubject) this.squire.focus();
    this.open("", button.getBoundingClientRect());
  }

  async open(typed, box) {
    if (!this.groups?.length) await this.load();
    const wanted = folded(typed);
    const parts = this.groups.map(({ label, fields }) => [label, fields.filter(({ code, label: name }) => folded(code).includes(wanted) || folded(name).includes(wanted))]).filter(([, fields]) => fields.length);
    if (!parts.length) { this.close(); return; }
    this.menu.replaceChildren(...parts.flatMap(([label, fields]) => [element("p", { className: "menu__h", text: label }), ...fields.map((field) => this.option(field))]));
    findAll("[role=option]", this.menu).forEach((option, n) => { option.id = `${this.menu.id}-${n}`; });
    if (!this.isOpen) this.menu.showPopover();
    placeNear(this.menu, box);
    this.at(0);
  }

  option({ code, label }) {
    return element("div", { className: "menu__item", text: label, attributes: { role: "option", "data-code": code } });
  }

  at(n) {
    const all = findAll("[role=option]", this.menu);
    all.forEach((option, m) => { option.classList.toggle("is-active", m === n); option.setAttribute("aria-selected", String(m === n)); });
    all[n]?.scrollIntoView({ block: "nearest" });
    this.point(all[n]?.id ?? "");
    announce(all[n]?.textContent ?? "");
  }

  // The editor hears of every change of its element: this one is none of its text.
  point(id) {
    if (this.inSubject) this.subject.setAttribute("aria-activedescendant", id);
    else this.squire.modifyDocument(() => this.root.setAttribute("aria-activedescendant", id));
  }

  key(event) {
    if (event.isComposing) return;
    if (event.key === "Backspace" && !this.isOpen && !this.inSubject && eraseChip(this.squire)) event.preventDefault();
    if (!this.isOpen || event.defaultPrevented) return;
    const all = findAll("[role=option]", this.menu);
    const active = all.findIndex((option) => option.classList.contains("is-active"));
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.at((active + step + all.length) % all.length);
    else if (event.key === "Enter" || event.key === "Tab") this.choose(all[active].dataset.code);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  choose(code) {
    this.close();
    if (this.inSubject) {
      const { value, selectionStart: end } = this.subject;
      const start = end - (OPEN.exec(value.slice(0, end))?.[0].length ?? 0);
      this.subject.setRangeText(`{${code}}`, start, end, "end");
      this.subject.dispatchEvent(new Event("input", { bubbles: true }));
    } else putChip(this.squire, OPEN.exec(textBefore(this.squire)?.text ?? "")?.[0] ?? "", `{${code}}`);
  }

  close() {
    if (!this.isOpen) return;
    this.menu.hidePopover();
    this.subject?.removeAttribute("aria-activedescendant");
    this.squire.modifyDocument(() => this.root.removeAttribute("aria-activedescendant"));
  }
}
