// Lists of records: the row under the keyboard (j, k, Enter), chosen rows (x), columns in order.
import htmx from "htmx";
import { announce, find, findAll, isTyping, on } from "../dom.js";
import { isDialogOpen, openDialog } from "../dialog.js";

const rows = () => findAll("#records [data-record]");
const current = () => find("#records [data-record].is-focus");
const list = () => find("[data-records]");

function moveTo(row) {
  if (!row) return;
  current()?.classList.remove("is-focus");
  row.classList.add("is-focus");
  find("td a", row)?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const all = rows();
  const at = all.indexOf(current());
  moveTo(at < 0 ? all[0] : all[Math.min(Math.max(at + by, 0), all.length - 1)]);
}

function choose(row) {
  const box = row && find("[data-choose]", row);
  if (box) box.click();
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  x: () => choose(current()),
};

document.addEventListener("keydown", (event) => {
  if (!list() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (isTyping(event.target) || isDialogOpen() || findAll(":popover-open").length) return;
  const on = document.body.dataset.singleKeys === "on";
  const handler = on && KEYS[event.key.toLowerCase()];
  if (handler) { event.preventDefault(); handler(); return; }
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by && current() && current().contains(document.activeElement)) { event.preventDefault(); step(by); }
}, { capture: true });

// What is chosen: some rows, or (once asked for) every record of the list.
function tell() {
  const bar = find("[data-bulk]");
  if (!bar) return;
  const boxes = findAll("#records [data-choose]");
  const chosen = boxes.filter((box) => box.checked);
  for (const box of boxes) box.closest("[data-record]").classList.toggle("is-chosen", box.checked);
  const every = find("[data-choose-page]");
  if (every) {
    every.checked = chosen.length > 0 && chosen.length === boxes.length;
    every.indeterminate = chosen.length > 0 && chosen.length < boxes.length;
  }
  const whole = find("[data-whole]", bar);
  if (chosen.length < boxes.length) whole.value = "";
  const isWhole = whole.value === "1";
  bar.hidden = !chosen.length;
  const count = isWhole ? bar.dataset.total : chosen.length;
  find("[data-bulk-count]", bar).textContent = bar.dataset[count === 1 ? "one" : "several"].replace("{n}", count);
  const offer = find("[data-choose-whole]", bar);
  if (offer) offer.hidden = isWhole || chosen.length < boxes.length;
}

let last = null; // the box chosen before, for a range with Shift
on("click", "[data-choose]", (event, box) => {
  const boxes = findAll("#records [data-choose]");
  if (event.shiftKey && last?.isConnected) {
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
    for (const one of boxes.slice(from, to + 1)) one.checked = box.checked;
  }
  last = box;
  tell();
});
on("change", "[data-choose-page]", (_event, every) => {
  for (const box of findAll("#records [data-choose]")) box.checked = every.checked;
  tell();
});
on("click", "[data-choose-whole]", () => {
  find("[data-whole]").value = "1";
  tell();
  announce(find("[data-bulk-count]").textContent);
});
on("click", "[data-choose-none]", () => {
  for (const box of findAll("#records [data-choose]")) box.checked = false;
  tell();
});
on("submit", "[data-bulk]", (event, form) => {
  const button = event.submitter;
  if (!button?.matches("[data-bulk-act]")) return;
  event.preventDefault();
  openDialog(`${button.getAttribute("formaction")}?${new URLSearchParams(new FormData(form))}`, button);
});
on("click", "[data-fill]", (_event, button) => {
  button.form.elements.namedItem(button.dataset.fill).value = button.value;
});
document.addEventListener("htmx:after:swap", () => { if (list()) tell(); });

// What was undone, or saved in a dialog, shows in the list.
for (const name of ["undone", "record-saved"]) {
  document.addEventListener(name, () => {
    if (list()) htmx.ajax("GET", location.pathname + location.search, { target: "#records", swap: "outerHTML" });
  });
}

on("click", "[data-orderable] [data-move]", (_event, button) => {
  const line = button.closest("li");
  const beside = button.dataset.move === "1" ? line.nextElementSibling : line.previousElementSibling;
  if (!beside) return;
  if (button.dataset.move === "1") beside.after(line);
  else beside.before(line);
  button.focus();
});
