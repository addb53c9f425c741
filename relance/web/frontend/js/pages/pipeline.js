// The board of deals: cards dragged to another lane, or moved there by Shift and an arrow.
import htmx from "htmx";
import { announce, find, findAll, on } from "../dom.js";
import { openDialog } from "../dialog.js";
import { post } from "../http.js";

const board = () => find("[data-pipeline]");
let dragged = null;
let focused = ""; // the card that keeps the focus when the board is drawn again

async function move(card, lane) {
  if (!card || !lane || card.closest("[data-lane]") === lane) return;
  focused = card.dataset.deal;
  if ("lost" in lane.dataset) { openDialog(card.dataset.loseUrl, find("h3 a", card)); return; }
  const list = find(".lane__list", lane);
  const from = card.parentElement;
  const next = card.nextSibling;
  list?.prepend(card);
  const isDone = await post(card.dataset.moveUrl, { stage: lane.dataset.lane });
  if (isDone) announce(board().dataset.moved.replace("{stage}", lane.dataset.name));
  else from.insertBefore(card, next);
}

async function draw() {
  const kept = find("[data-pipeline] :focus")?.closest("[data-deal]")?.dataset.deal ?? focused;
  const tops = findAll(".pipeline .lane").map((lane) => [lane.dataset.lane, find(".lane__list", lane).scrollTop]);
  const left = board().scrollLeft;
  await htmx.ajax("GET", location.pathname + location.search, { target: "#board", swap: "outerHTML" });
  for (const [key, top] of tops) find(`.lane[data-lane="${key}"] .lane__list`)?.scrollTo(0, top);
  board()?.scrollTo(left, 0);
  find(`[data-deal="${kept}"] h3 a`)?.focus({ preventScroll: true });
  focused = "";
}
for (const name of ["undone", "record-saved"]) document.addEventListener(name, () => { if (board()) draw(); });

const over = (lane) => {
  for (const one of findAll(".pipeline .is-over")) if (one !== lane) one.classList.remove("is-over");
  lane?.classList.add("is-over");
};
on("dragstart", ".pipeline [data-deal]", (event, card) => {
  dragged = card;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", card.dataset.deal);
  card.classList.add("is-dragged");
  setTimeout(() => board()?.classList.add("is-dragging")); // later: a change now would end the drag
});
on("dragover", ".pipeline [data-lane]", (event, lane) => {
  if (!dragged) return;
  event.preventDefault();
  over(lane);
});
on("drop", ".pipeline [data-lane]", (event, lane) => {
  event.preventDefault();
  move(dragged, lane);
});
document.addEventListener("dragend", () => {
  over(null);
  dragged?.classList.remove("is-dragged");
  dragged = null;
  board()?.classList.remove("is-dragging");
});

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
on("keydown", ".pipeline [data-deal] h3 a", (event, link) => {
  const [across, down] = ARROWS[event.key] ?? [0, 0];
  if ((!across && !down) || event.ctrlKey || event.metaKey || event.altKey) return;
  const card = link.closest("[data-deal]");
  const lanes = findAll(".pipeline .lane");
  const lane = lanes[lanes.indexOf(card.closest(".lane")) + across];
  event.preventDefault();
  event.stopPropagation();
  if (event.shiftKey) { if (across) move(card, lane); return; }
  const cards = findAll("[data-deal]", lane ?? document.createElement("p"));
  const at = findAll("[data-deal]", card.parentElement).indexOf(card) + down;
  const to = cards[Math.max(0, Math.min(at, cards.length - 1))];
  find("h3 a", to ?? card)?.focus();
}, { capture: true });
