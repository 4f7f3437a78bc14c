// Functions that create elements: the few functions of a framework that these pages need.
function fill(element, properties, children) {
    for (const [name, value] of Object.entries(properties)) {
        if (typeof value === "function")
            element.addEventListener(name, value);
        else if (value === true)
            element.setAttribute(name, "");
        else if (value !== false && value !== undefined)
            element.setAttribute(name, String(value));
    }
    for (const child of children)
        if (child !== false && child !== null && child !== undefined)
            element.append(child instanceof Node ? child : String(child));
}
/**
 * An HTML element. A property that is a function listens to the event of its name; the other properties are
 * attributes.
 */
export function h(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    fill(element, properties, children);
    return element;
}
/** An SVG element. */
export function s(tag, properties = {}, ...children) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    fill(element, properties, children);
    return element;
}
/** The page's element with this id, which must exist. */
export function byId(id) {
    const element = document.getElementById(id);
    if (element === null)
        throw new Error(`the page has no #${id}`);
    return element;
}
/** Shows an error at the top of the page. */
export function complain(error) {
    const text = error instanceof Error ? error.message : String(error);
    document.getElementById("waiting")?.remove();
    document.querySelector("main")?.prepend(h("p", { class: "error", role: "alert" }, text));
}
