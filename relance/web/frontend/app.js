// The script of every page: one behaviour per module, each finding its elements by data attributes.
import "htmx";
import "./js/busy-form.js";
