// Functions that create elements: the few functions of a framework that these pages need.

type Child = Node | string | number | false | null | undefined;
type Properties = Readonly<Record<string, string | number | boolean | undefined | ((event: never) => void)>>;

function fill(element: Element, properties: Properties, children: readonly Child[]): void {
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(name, value as EventListener);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, String(value));
  }
  for (const child of children)
    if (child !== false && child !== null && child !== undefined) element.append(child instanceof Node ? child : String(child));
}

/**
 * An HTML element. A property that is a function listens to the event of its name; the other properties are
 * attributes.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  fill(element, properties, children);
  return element;
}

/** An SVG element. */
export function s<K extends keyof SVGElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  fill(element, properties, children);
  return element;
}

/** The page's element with this id, which must exist. */
export function byId<E extends HTMLElement = HTMLElement>(id: string): E {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element as E;
}

/** Shows an error at the top of the page. */
export function complain(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  document.getElementById("waiting")?.remove();
  document.querySelector("main")?.prepend(h("p", { class: "error", role: "alert" }, text));
}
