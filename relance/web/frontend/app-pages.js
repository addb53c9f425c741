// The script of pages other than the inbox and the conversation: all of theirs, and more.
import "./app.js";
import "./js/pages/records.js";
import "./js/pages/records-criteria.js";
import "./js/pages/calendar.js";
import "./js/pages/custom-fields.js";
import "./js/pages/neighbours.js";
import "./js/pages/merge.js";
import "./js/pages/pipeline.js";
