// The pages of templates and signatures fetch the composer's editor at once.
import { find } from "./dom.js";
import { load } from "./compose-open.js";

if (find("[data-rich], [data-styled]")) load().then(({ rich }) => rich());
