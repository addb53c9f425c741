// The calendar by keys: arrows turn the page, T today, W and M the view, N a new event; and the hours
// of an event hide while it lasts all day.
import { find, findAll, isTyping, on } from "../dom.js";
import { isDialogOpen } from "../dialog.js";

const ARROWS = new Set(["ArrowLeft", "ArrowRight"]);
const LETTERS = new Set(["t", "w", "m", "n"]);

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
  if (!find("[data-calendar]") || isTyping(event.target) || isDialogOpen()) return;
  const isLetter = LETTERS.has(event.key.toLowerCase()) && document.body.dataset.singleKeys === "on";
  if (!isLetter && !ARROWS.has(event.key)) return;
  const key = isLetter ? event.key.toLowerCase() : event.key;
  event.preventDefault();
  find(`[data-calendar-go="${key}"]`)?.click();
}, { capture: true }); // before the keys of every page, of which T and N are some

function showHours(box) {
  const whole = find("[name=is_all_day]", box)?.checked ?? false;
  for (const hour of findAll("[data-hour]", box)) hour.hidden = whole;
}

on("change", "[data-all-day] [name=is_all_day]", (_event, field) => showHours(field.closest("[data-all-day]")));
const showAll = () => findAll("[data-all-day]").forEach(showHours);
document.addEventListener("htmx:after:swap", showAll);
new MutationObserver(showAll).observe(find("#dialog") ?? document.createElement("p"), { childList: true });
showAll();
