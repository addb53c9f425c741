// The script of pages other than the inbox and the conversation: all of theirs, and more.
import "./app.js";
import "./js/pages/records.js";
import "./js/pages/records-criteria.js";
import "./js/pages/calendar.js";
