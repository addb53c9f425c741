// Light or dark, at once, and kept for the next time.
import { findAll, on } from "./dom.js";
import { post } from "./http.js";

on("submit", "[data-theme-form]", (event, form) => {
  event.preventDefault();
  const root = document.documentElement;
  const isDark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  const theme = isDark ? "light" : "dark";
  root.dataset.theme = theme;
  for (const frame of findAll("[data-frame-height]")) {
    frame.contentDocument?.documentElement?.style.setProperty("color-scheme", theme);
  }
  post(form.getAttribute("action"), { theme });
});
