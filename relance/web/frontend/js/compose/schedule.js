// The menu of hours: presets, or a date, a time and a zone, said in both zones before one agrees.
import { find, findAll } from "../dom.js";
import { fragment } from "../http.js";
import { talk } from "./talk.js";

export class Schedule {
  constructor(form) {
    this.form = form;
    this.menu = find("[data-compose-schedule]", form);
    if (!this.menu) return;
    this.menu.addEventListener("toggle", () => { if (this.menu.open) this.opened(); });
    this.menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.menu.open) return;
      event.preventDefault(); // the menu goes, the dialog stays
      event.stopPropagation();
      this.menu.open = false;
      find("summary", this.menu).focus();
    });
    for (const control of findAll("[name=date], [name=time], [name=zone]", this.menu)) control.addEventListener("change", () => this.say());
  }

  // Ctrl Shift ↵
  open() {
    if (!this.menu) return;
    this.menu.open = true;
    find(".menu__item", this.menu)?.focus();
  }

  async opened() {
    const select = find("[data-compose-zone]", this.menu);
    if (!select || this.hasZones) return;
    this.hasZones = true;
    const { html, status } = await talk(this.form.dataset.zones, { accept: "text/html" }).catch(() => ({}));
    if (status !== 200) { this.hasZones = false; return; }
    const chosen = select.value;
    select.replaceChildren(fragment(html));
    if (findAll("option", select).some((option) => option.value === chosen)) select.value = chosen;
    this.say();
  }

  async say() {
    const values = Object.fromEntries(["date", "time", "zone"].map((name) => [name, find(`[name=${name}]`, this.menu).value]));
    const { data } = await talk(`${this.form.dataset.when}?${new URLSearchParams(values)}`).catch(() => ({ data: {} }));
    const place = find("[data-compose-both]", this.menu);
    place.textContent = data.error || data.words || "";
    place.classList.toggle("danger", Boolean(data.error));
  }
}
