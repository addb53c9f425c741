// Read, unread, archive, trash, why: on a row under the pointer, under the cursor, or by its menu.
import { emit, find, findAll, on } from "./dom.js";
import { current, heir, moveTo } from "./cursor.js";
import { openDialog } from "./dialog.js";
import { fragment, post, request } from "./http.js";
import { openPopover } from "./menus.js";
import { threadOf } from "./visit.js";

const MOVES = new Set(["archive", "trash"]);
const NOT_HERE = { archive: ["drafts", "sent", "archive", "spam", "trash"], trash: ["drafts", "trash"] };
let menuRow = null;

const address = (thread, verb) => `/threads/${thread}/${verb}/`;
export const may = (row, verb) =>
  !NOT_HERE[verb]?.includes(row.closest("[data-rows]")?.dataset.folder ?? "");

export function act(row, verb) {
  if (!row || !may(row, verb)) return;
  if (verb === "seen") setSeen(row, row.classList.contains("is-unread"));
  else if (MOVES.has(verb)) away(row, verb);
  else if (verb === "open") find("a[data-visit]", row).click();
  else if (verb === "why") why(address(threadOf(row), "why"), row);
  else if (verb.startsWith("add-")) openDialog(address(threadOf(row), `add/${verb.slice(4)}`));
}

async function setSeen(row, seen) {
  row.classList.toggle("is-unread", !seen);
  if (!(await post(address(threadOf(row), seen ? "read" : "unread")))) row.classList.toggle("is-unread", seen);
}

async function away(row, verb) {
  const next = heir(row);
  const hadCursor = row.classList.contains("is-focus");
  row.classList.remove("is-focus");
  row.hidden = true;
  if (hadCursor) moveTo(next);
  emit("row:left");
  if (!(await post(address(threadOf(row), verb)))) row.hidden = false;
}

export async function why(url, anchor) {
  const popover = find("#why");
  const response = await request(url);
  if (!popover || !response.ok) return;
  popover.replaceChildren(fragment(await response.text()));
  const box = anchor.getBoundingClientRect();
  openPopover(popover, anchor, { x: box.left + 40, y: box.top + 24 });
  find("button", popover)?.focus();
}

function place(row) {
  if (row.closest("[data-side]") || find(".msg__act", row)) return;
  const tools = find("#row-tools")?.content.firstElementChild.cloneNode(true);
  if (!tools) return;
  for (const old of findAll(".msg__act")) old.remove();
  label(tools, row);
  row.append(tools);
}

function label(tools, row) {
  const button = find("[data-act=seen]", tools);
  const text = row.classList.contains("is-unread") ? button.dataset.readLabel : button.dataset.unreadLabel;
  button.title = text;
  button.setAttribute("aria-label", text);
}

on("pointerover", "#main [data-thread]", (event, row) => { if (event.pointerType === "mouse") place(row); });
on("focusin", "#main [data-thread]", (_event, row) => place(row));
on("click", "[data-thread] [data-act]", (event, button) => {
  event.preventDefault();
  act(button.closest("[data-thread]"), button.dataset.act);
});

on("click", "[data-row-menu]", (_event, button) => openMenu(button.closest("[data-thread]"), button));
on("contextmenu", "#main [data-rows] [data-thread]", (event, row) => {
  if (event.target.closest("a[href]:not([data-visit])")) return;
  event.preventDefault();
  const byPointer = event.clientX > 0 || event.clientY > 0; // else by the menu key, on the row
  openMenu(row, row, byPointer ? { x: event.clientX, y: event.clientY } : undefined);
});

export function openMenu(row, anchor, at) {
  const menu = find("#row-menu");
  if (!menu || !row) return;
  menuRow = row;
  menu.classList.toggle("for-unread", row.classList.contains("is-unread"));
  menu.classList.toggle("for-addable", "addable" in row.dataset);
  for (const verb of MOVES) find(`[data-act=${verb}]`, menu).hidden = !may(row, verb);
  openPopover(menu, anchor, at);
  findAll(".menu__item", menu).find((item) => item.offsetParent)?.focus();
}

on("click", "#row-menu [data-act]", (_event, button) => {
  find("#row-menu").hidePopover();
  act(menuRow ?? current(), button.dataset.act);
});
on("click", "[data-why]", (_event, button) => why(button.dataset.why, button));
