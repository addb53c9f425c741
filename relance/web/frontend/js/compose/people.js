// Recipients as chips: typed, pasted by the dozen, removed by Backspace, walked with the arrows.
import { announce, find, findAll } from "../dom.js";
import { isValid, parse, write } from "./addresses.js";
import { avatar, element, icon } from "./draw.js";

const same = (a, b) => a.address.toLowerCase() === b.address.toLowerCase();

// One row: To, Cc or Bcc. `row` holds the input; `changed` is told of every change.
export class People {
  constructor(row, { words, changed }) {
    this.row = row;
    this.role = row.dataset.composeLine;
    this.verdicts = {}; // address → why nothing may or should be sent there
    this.words = words;
    this.changed = changed;
    this.people = [];
    this.input = find("input", row);
    this.list = element("ul", { className: "chips", attributes: { "aria-label": this.label } });
    find("[data-compose-chips]", row).replaceWith(this.list);
    this.input.value = "";
    row.addEventListener("keydown", (event) => this.key(event));
    row.addEventListener("click", (event) => this.click(event));
    this.input.addEventListener("paste", (event) => this.paste(event));
    this.input.addEventListener("blur", () => this.commit());
  }

  get label() { return find("label, .lbl", this.row)?.textContent.trim() ?? this.role; }

  set(people) {
    this.people = people.map((one) => ({ name: "", record: "", ...one }));
    this.draw();
  }

  // Says what was added, and what of it is no address. The same address is taken once.
  add(people, { quietly = false } = {}) {
    const fresh = people.filter((one, n) => one.address && !this.people.some((p) => same(p, one)) && people.findIndex((p) => same(p, one)) === n);
    if (!fresh.length) return;
    this.people.push(...fresh.map((one) => ({ name: "", record: "", ...one })));
    this.draw();
    if (!quietly) announce(this.words.of(fresh.length > 1 ? "added-many" : "added", { n: fresh.length, name: fresh[0].name || fresh[0].address }));
    this.changed();
  }

  remove(at, { focus = true } = {}) {
    const [gone] = this.people.splice(at, 1);
    if (!gone) return;
    this.draw();
    announce(this.words.of("removed", { name: gone.name || gone.address }));
    if (focus) (findAll("li", this.list)[Math.min(at, this.people.length - 1)] ?? this.input).focus();
    this.changed();
  }

  // What stands in the input becomes chips.
  commit() {
    const text = this.input.value.trim();
    if (!text || text.startsWith("@")) return false;
    this.input.value = "";
    this.add(parse(text));
    return true;
  }

  paste(event) {
    const text = event.clipboardData.getData("text/plain");
    if (!/[,;\n\r<]|@.*@/.test(text.trim())) return;
    event.preventDefault();
    this.add(parse(`${this.input.value}${text}`));
    this.input.value = "";
  }

  key(event) {
    const chip = event.target.closest?.("li");
    if (chip) this.chipKey(event, findAll("li", this.list).indexOf(chip));
    else if (event.target === this.input) this.inputKey(event);
  }

  inputKey(event) {
    if (event.isComposing || event.defaultPrevented || event.ctrlKey || event.metaKey) return;
    const isEmpty = this.input.value === "";
    if (["Enter", ",", ";"].includes(event.key)) {
      if (event.key !== "," || !this.input.value.startsWith('"')) { event.preventDefault(); this.commit(); }
    } else if (event.key === "Backspace" && isEmpty && this.people.length) {
      event.preventDefault();
      this.remove(this.people.length - 1, { focus: false });
    } else if (event.key === "ArrowLeft" && isEmpty && this.people.length) findAll("li", this.list).at(-1).focus();
  }

  chipKey(event, at) {
    const chips = findAll("li", this.list);
    if (event.key === "Backspace" || event.key === "Delete") { event.preventDefault(); this.remove(at); }
    else if (event.key === "ArrowLeft") chips[Math.max(0, at - 1)].focus();
    else if (event.key === "ArrowRight") (chips[at + 1] ?? this.input).focus();
    else if (event.key === "Enter" || event.key === "F2") { event.preventDefault(); this.edit(at); }
    else if (event.key === "c" && (event.ctrlKey || event.metaKey)) navigator.clipboard?.writeText(write(this.people[at])).catch(() => {});
  }

  // A chip goes back to text, to be put right.
  edit(at) {
    this.commit();
    const [person] = this.people.splice(at, 1);
    this.draw();
    this.input.value = write(person);
    this.input.focus();
    this.changed();
  }

  click(event) {
    const chip = event.target.closest("li");
    const at = findAll("li", this.list).indexOf(chip);
    if (event.target.closest("[data-remove]")) this.remove(at);
    else if (chip && event.detail > 1) this.edit(at);
    else if (!event.target.closest("li, button, label, input, [role=listbox]")) this.input.focus();
  }

  draw() {
    this.list.replaceChildren(...this.people.map((person) => this.chip(person)));
    this.list.hidden = this.people.length === 0;
    this.input.placeholder = " "; // its being shown tells the style that nothing is typed
  }

  // Bounced, blocked or opted out: said on the chip, before one sends.
  judge(verdicts) {
    const before = JSON.stringify(this.verdicts);
    this.verdicts = Object.fromEntries(Object.entries(verdicts).map(([address, verdict]) => [address.toLowerCase(), verdict]));
    if (JSON.stringify(this.verdicts) !== before && !this.list.contains(document.activeElement)) this.draw();
  }

  trouble(address) {
    if (!isValid(address)) return this.words.of("invalid", { address });
    return this.verdicts[address.toLowerCase()]?.words ?? "";
  }

  chip(person) {
    const { name, address, record } = person;
    const bad = this.trouble(address);
    const said = bad || (name ? `${name}, ${address}` : address);
    const cross = element("button", { attributes: { type: "button", tabindex: "-1", "data-remove": "", "aria-label": this.words.of("remove", { name: name || address }) } }, icon("x"));
    const item = element("li", { className: `chip${bad ? " chip--warn" : ""}`, attributes: { tabindex: "-1", title: bad || address } },
      bad ? icon("alert") : avatar(name || address, address), element("span", { className: "ellip", text: name || address }),
      bad ? element("span", { className: "sr", text: said }) : null, cross);
    if (record) item.dataset.record = record;
    return item;
  }
}
