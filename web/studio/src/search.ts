// Search for a lane, head or neuron by a part of its name.

import { h } from "./dom.js";
import { partButton } from "./layers.js";
import type { Machine, Part } from "./machine.js";

/** The largest number of matches shown; more matches could not be read. */
const MOST = 60;

/** A search field with its results; the key / moves the focus to the field. */
export function search(machine: Machine, choose: (part: Part) => void): HTMLElement {
  const found = h("div", { class: "found" });
  const find = (): void => {
    const wanted = field.value.trim().toLowerCase();
    const matches = wanted === "" ? [] : machine.parts().filter((part) => machine.nameOf(part).toLowerCase().includes(wanted));
    const kind = (part: Part): string => (part.kind === "lane" ? " lane" : ` ${part.kind}, layer ${part.layer}`);
    const results = matches
      .slice(0, MOST)
      .map((part) => h("span", { class: "small" }, partButton(machine, part, choose), h("span", { class: "soft" }, kind(part))));
    const more = matches.length > MOST ? `${matches.length - MOST} more` : "";
    const none = wanted !== "" && matches.length === 0 ? "No lane, head or neuron has this in its name." : "";
    found.replaceChildren(...results, h("span", { class: "soft small" }, more + none));
  };
  const field = h("input", {
    id: "search",
    type: "search",
    placeholder: "lane, head or neuron",
    "aria-label": "Search by name",
    input: find,
    keydown: (event: KeyboardEvent) => {
      if (event.key === "Enter") found.querySelector<HTMLElement>(".part")?.click();
    },
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || ["INPUT", "SELECT"].includes((event.target as HTMLElement).tagName)) return;
    event.preventDefault();
    field.focus();
  });
  return h("section", { class: "panel" }, h("h2", {}, "Search"), field, found);
}
