// The first page: what this is, one step as a picture that moves, and the doors to the other pages.

import { byId, complain } from "./dom.js";
import { Diagram } from "./diagram.js";
import { loadMachine } from "./machine.js";
import { keepProgram } from "./page.js";

// Links to a program were once links to this page.
if (/^#(.*&)?(p|f\d)=/.test(location.hash)) location.replace(`repl.html${location.hash}`);

keepProgram();
loadMachine().then((machine) => {
  const diagram = new Diagram(machine);
  byId("waiting").replaceWith(diagram.element);
  diagram.begin();
}, complain);
