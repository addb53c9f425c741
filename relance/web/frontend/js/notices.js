// Something to be told: the bell shows it at once.
import { find } from "./dom.js";

document.addEventListener("live:notice", () => find("#bell")?.classList.add("has-dot"));
