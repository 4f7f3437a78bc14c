// What every page does: links that take the program along.
/** The pages that show a program; the others keep it in their address for the way back. */
export function carry(hash) {
    history.replaceState(null, "", hash === "" ? location.pathname : `#${hash}`);
    for (const link of document.querySelectorAll(".bar nav a")) {
        link.href = `${link.getAttribute("href")?.replace(/#.*/, "") ?? ""}${hash === "" ? "" : `#${hash}`}`;
    }
}
/** Does some work in slices, so that the page stays alive. `slice` gets the time to stop at and says whether it is done. */
export function inSlices(slice) {
    let timer = 0;
    const next = () => {
        if (!slice(performance.now() + 12))
            timer = window.setTimeout(next);
    };
    next();
    return { stop: () => window.clearTimeout(timer) };
}
