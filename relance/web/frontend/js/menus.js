// Drop-downs made of <details>, and menus made of popovers: arrows, Esc, a click beside.
import { find, findAll, on } from "./dom.js";

function closeOthers(kept) {
  for (const menu of findAll("details.drop[open]")) if (!menu.contains(kept)) menu.open = false;
}

document.addEventListener("pointerdown", (event) => closeOthers(event.target));
on("toggle", "details.drop", (_event, menu) => { if (menu.open) closeOthers(menu); }, { capture: true });

// Closes the drop-down that is open, if there is one.
export function closeMenu() {
  const open = find("details.drop[open]");
  if (!open) return false;
  open.open = false;
  find("summary", open).focus();
  return true;
}

export function openPopover(menu, anchor, { x, y } = {}) {
  const box = anchor.getBoundingClientRect();
  menu.showPopover();
  const { width, height } = menu.getBoundingClientRect();
  const left = Math.min(x ?? box.right - width, innerWidth - width - 8);
  const below = y ?? box.bottom + 4;
  const top = below + height > innerHeight - 8 ? Math.max(8, box.top - height - 4) : below;
  menu.style.setProperty("left", `${Math.max(8, left)}px`);
  menu.style.setProperty("top", `${top}px`);
}

const items = (menu) =>
  findAll(".menu__item", menu).filter((item) => item.offsetParent !== null);

on("keydown", ".menu", (event, menu) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const all = items(menu);
  const at = all.indexOf(document.activeElement);
  if (step && all.length) {
    event.preventDefault();
    event.stopPropagation();
    all[(at + step + all.length) % all.length].focus();
  } else if (event.key.length === 1 && event.key !== " ") {
    const wanted = event.key.toLowerCase();
    const next = [...all.slice(at + 1), ...all].find((i) => i.textContent.trim().toLowerCase().startsWith(wanted));
    if (next) { event.stopPropagation(); next.focus(); }
  }
}, { capture: true });

on("keydown", "details.drop > summary", (event, summary) => {
  if (event.key !== "ArrowDown") return;
  event.preventDefault();
  summary.parentElement.open = true;
  items(summary.parentElement)[0]?.focus();
});
