// On a phone: the navigation slides in from the left, the sender's panel from below.
import { find, findAll, on } from "./dom.js";

function set(name, selector, open) {
  document.body.classList.toggle(name, open);
  for (const button of findAll(selector)) button.setAttribute("aria-expanded", String(open));
}
const toggle = (name, selector) => set(name, selector, !document.body.classList.contains(name));

on("click", "[data-drawer]", (event) => {
  event.preventDefault();
  event.stopPropagation();
  toggle("has-drawer", "[data-drawer]");
  find("#rail a")?.focus({ preventScroll: true });
});
on("click", "[data-sheet]", () => toggle("has-sheet", "[data-sheet]"));

// Closes what lies over the page; true when there was something.
export function closeSheets() {
  const had = document.body.classList.contains("has-drawer") || document.body.classList.contains("has-sheet");
  set("has-drawer", "[data-drawer]", false);
  set("has-sheet", "[data-sheet]", false);
  return had;
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("#rail, .ctx, [data-drawer], [data-sheet], dialog, #toast")) closeSheets();
});
document.addEventListener("page:shown", closeSheets);
document.addEventListener("sheet:close", closeSheets);
