// The composer, fetched when somebody writes.
export { mount } from "./js/compose/stage.js";
