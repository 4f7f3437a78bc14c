// The two languages of the REPL: that of the byte machine, and WebAssembly on the full machine.

import { h } from "./dom.js";
import { keepLanguage, typedIn, type Language } from "./page.js";

/** The language that the address names. */
export const languageInAddress = (): Language => (new URLSearchParams(location.hash.slice(1)).get("l") === "full" ? "full" : "byte");

/** A choice of the language. What was typed in one is there again when the reader comes back to it. */
export function languageChoice(now: Language): HTMLElement {
  keepLanguage(now);
  const choice = h(
    "select",
    {
      id: "language",
      "aria-label": "Language",
      change: () => {
        const other = choice.value === "full" ? "full" : "byte";
        history.replaceState(null, "", `${location.pathname}${typedIn(other)}`);
        location.reload();
      },
    },
    h("option", { value: "byte", selected: now === "byte" }, "byte machine"),
    h("option", { value: "full", selected: now === "full" }, "full machine: WebAssembly"),
  );
  return choice;
}
