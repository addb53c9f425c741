// On a phone one column shows at a time; the tabs follow the one in view.
import { find, findAll, on } from "./dom.js";

on("click", "[data-coltabs] a", (event, tab) => {
  event.preventDefault();
  find(tab.getAttribute("href"))?.scrollIntoView({ inline: "start", block: "nearest" });
});

function follow() {
  const board = find(".board4");
  if (!board || !find("[data-coltabs]")?.offsetParent) return;
  const observer = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      for (const tab of findAll("[data-coltabs] a")) {
        const is = tab.getAttribute("href") === `#${target.id}`;
        if (is) { tab.setAttribute("aria-current", "true"); tab.scrollIntoView({ inline: "center", block: "nearest" }); }
        else tab.removeAttribute("aria-current");
      }
    }
  }, { root: board, threshold: 0.6 });
  for (const column of findAll(".col", board)) observer.observe(column);
}

document.addEventListener("page:shown", follow);
follow();
