// The record before and after this one: those of the list one came from, as it was shown.
import { find, findAll } from "../dom.js";

const KEY = "relance:records";

// The list keeps its rows for the pages opened from it, in this tab alone.
function keep() {
  const links = findAll("[data-record] a[href]:first-of-type").map((link) => link.getAttribute("href"));
  const rows = [...new Set(links.filter((href) => /^\/\w+\/\d+\/$/.test(href)))];
  if (rows.length) sessionStorage.setItem(KEY, JSON.stringify(rows));
}

function show(place) {
  const rows = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
  const here = rows.indexOf(location.pathname);
  if (here < 0 || rows.length < 2) return;
  for (const link of findAll("[data-neighbour]", place)) {
    const url = rows[here + Number(link.dataset.neighbour)];
    if (url) link.href = url;
    else { link.removeAttribute("href"); link.setAttribute("aria-disabled", "true"); link.setAttribute("role", "link"); }
  }
  place.hidden = false;
}

function prepare() {
  try {
    if (find("[data-records]")) keep();
    const place = find("[data-neighbours]");
    if (place) show(place);
  } catch { /* a browser without storage shows no neighbours */ }
}

prepare();
document.addEventListener("htmx:after:swap", () => find("[data-records]") && prepare());
