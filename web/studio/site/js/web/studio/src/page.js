// Shared by all pages: the address, which holds the program, and work in slices, which keeps the page
// responsive.
/** The keys of what this tab has shown last: the byte machine's program, the typed module, the language. */
const [PROGRAM, TYPED, LANGUAGE] = ["program", "typed", "language"];
/** Puts a program of the byte machine into the links to the pages that show one. */
function link(hash) {
    const lead = (page, to) => document.querySelector(`.bar nav a[href^="${page}"]`)?.setAttribute("href", page + to);
    lead("xray.html", hash === "" ? "" : `#${hash}`);
    lead("repl.html", sessionStorage.getItem(LANGUAGE) === "full" ? typedIn("full") : hash === "" ? "" : `#${hash}`);
}
/** Puts a program into the address, and into the links to the pages that show a program. */
export function carry(hash) {
    history.replaceState(null, "", hash === "" ? location.pathname : `#${hash}`);
    sessionStorage.setItem(PROGRAM, hash);
    link(hash);
}
/** Puts the program that this tab has shown last into the links of a page that shows none. */
export function keepProgram() {
    link(sessionStorage.getItem(PROGRAM) ?? "");
}
/** The REPL is in this language now. */
export function keepLanguage(language) {
    sessionStorage.setItem(LANGUAGE, language);
}
/** Puts what was typed in the full language into the address. */
export function carryTyped(fields) {
    history.replaceState(null, "", `#${fields.toString()}`);
    sessionStorage.setItem(TYPED, `#${fields.toString()}`);
    keepProgram();
}
/** The address of what was typed last in a language, from its # on. */
export function typedIn(language) {
    if (language === "full")
        return sessionStorage.getItem(TYPED) ?? "#l=full";
    const program = sessionStorage.getItem(PROGRAM) ?? "";
    return program === "" ? "" : `#${program}`;
}
/** The step in the address, for a reader who returns to it; 0 if there is no step. */
export function stepInAddress() {
    const step = Number(new URLSearchParams(location.hash.slice(1)).get("s"));
    return Number.isInteger(step) && step > 0 ? step : 0;
}
/**
 * Does some work in slices, so that the page stays responsive. `slice` takes the time at which it must stop,
 * and returns whether the work is done.
 */
export function inSlices(slice) {
    let timer = 0;
    const next = () => {
        if (!slice(performance.now() + 12))
            timer = window.setTimeout(next);
    };
    next();
    return { stop: () => window.clearTimeout(timer) };
}
