// The keyboard in lists that are not of conversations: J and K, arrows, Enter on the line's link,
// E edits, Delete asks to cancel. The line that holds the focus is the cursor.
import { find, findAll, isTyping, on } from "./dom.js";
import { isDialogOpen } from "./dialog.js";

const lines = () => findAll("#main [data-lines] [data-line]").filter((line) => line.offsetParent !== null);
const current = () => find("#main [data-line].is-focus");

function moveTo(line) {
  if (!line) return;
  for (const old of findAll("[data-line].is-focus")) if (old !== line) old.classList.remove("is-focus");
  line.classList.add("is-focus");
  find("[data-line-open]", line)?.focus({ preventScroll: true });
  line.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const all = lines();
  const at = all.indexOf(current());
  moveTo(at < 0 ? all[0] : all[Math.min(Math.max(at + by, 0), all.length - 1)]);
}

const act = (name) => find(`[data-line-act="${name}"]`, current() ?? document.createElement("p"))?.click();
const LETTERS = { j: () => step(1), k: () => step(-1), e: () => act("edit"), "#": () => act("delete") };
const NAMED = { ArrowDown: () => current() && step(1), ArrowUp: () => current() && step(-1), Delete: () => act("delete") };

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey && !event.getModifierState?.("AltGraph")) return;
  if (!lines().length || isTyping(event.target) || isDialogOpen() || findAll(":popover-open").length) return;
  if (find("#main .is-focus[data-thread]") && !current()) return; // the cursor is in the list of conversations
  const letters = document.body.dataset.singleKeys === "on" ? LETTERS[event.key.toLowerCase()] : null;
  const handler = NAMED[event.key] ?? letters;
  if (!handler) return;
  event.preventDefault(); // the keys of conversations, heard next, have nothing to do here
  handler();
});
on("focusin", "#main [data-lines] [data-line]", (_event, line) => {
  for (const old of findAll("[data-line].is-focus")) if (old !== line) old.classList.remove("is-focus");
  line.classList.add("is-focus");
});
on("focusin", "#main [data-thread]", () => { current()?.classList.remove("is-focus"); });
