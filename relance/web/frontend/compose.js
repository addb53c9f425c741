// The composer, fetched when somebody writes.
export { rich } from "./js/compose/rich.js";
export { mount } from "./js/compose/stage.js";
