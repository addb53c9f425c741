// Who might be meant: suggestions under a recipients line, by name or address, by `@` of any record.
import { announce, find, findAll } from "../dom.js";
import { fragment } from "../http.js";
import { talk } from "./talk.js";

const PAUSE = 90;

export class Suggest {
  constructor(people, { url }) {
    this.people = people;
    this.input = people.input;
    this.url = url;
    this.menu = find(`[data-compose-menu=${people.role}]`, people.row);
    this.menu.id ||= `${this.input.id}-suggestions`;
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.menu.id })) this.input.setAttribute(name, value);
    this.input.addEventListener("input", () => this.soon());
    this.input.addEventListener("keydown", (event) => this.key(event), { capture: true });
    this.input.addEventListener("blur", () => this.close());
    // The pointer goes down before the input loses the focus, which would take the list away.
    this.menu.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) this.choose(option);
    });
  }

  soon() {
    clearTimeout(this.timer);
    const text = this.input.value.trim();
    if (!text) { this.close(); return; }
    this.timer = setTimeout(() => this.ask(text), PAUSE);
  }

  async ask(text) {
    this.asking?.abort();
    this.asking = new AbortController();
    const isRecord = text.startsWith("@");
    const values = new URLSearchParams({ q: isRecord ? text.slice(1) : text, field: this.people.role });
    if (isRecord) values.set("at", "1");
    try {
      const { html, status } = await talk(`${this.url}?${values}`, { signal: this.asking.signal, accept: "text/html", wait: 5000 });
      if (status === 200 && this.input.value.trim() === text && document.activeElement === this.input) this.show(html);
    } catch { /* typing an address works without */ }
  }

  show(html) {
    this.menu.replaceChildren(fragment(html));
    this.options().forEach((option, n) => { option.id = `${this.menu.id}-${n}`; });
    this.menu.hidden = !this.menu.textContent.trim();
    this.input.setAttribute("aria-expanded", String(!this.menu.hidden));
    // One who names a record wants the first; one who types an address may finish it first.
    this.at(this.input.value.trim().startsWith("@") ? 0 : -1);
    announce(find(".menu__h", this.menu)?.textContent ?? "");
  }

  options() { return findAll("[role=option]", this.menu); }

  at(n) {
    const all = this.options();
    all.forEach((option, m) => {
      option.classList.toggle("is-active", m === n);
      option.setAttribute("aria-selected", String(m === n));
    });
    if (all[n]) { this.input.setAttribute("aria-activedescendant", all[n].id); all[n].scrollIntoView({ block: "nearest" }); }
    else this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    if (this.menu.hidden || event.isComposing) return;
    const all = this.options();
    const active = all.findIndex((option) => option.classList.contains("is-active"));
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && all.length) this.at(active < 0 && step < 0 ? all.length - 1 : (active + step + all.length) % all.length);
    else if ((event.key === "Enter" || event.key === "Tab") && active >= 0) this.choose(all[active]);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  choose(option) {
    if (option.getAttribute("aria-disabled") === "true") { announce(option.dataset.problem); return; }
    const { name, address, record } = option.dataset;
    this.input.value = "";
    this.close();
    this.people.add([{ name, address, record: record ?? "" }]);
    this.input.focus();
  }

  close() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.menu.hidden = true;
    this.menu.replaceChildren();
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}
