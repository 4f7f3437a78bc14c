// What the pages that run a program share: the address that holds it, and work that leaves the page alive.
/** Puts a program into the address, and into the links to the other pages that show one. */
export function carry(hash) {
    history.replaceState(null, "", hash === "" ? location.pathname : `#${hash}`);
    for (const page of ["index.html", "xray.html"]) {
        const link = document.querySelector(`.bar nav a[href^="${page}"]`);
        link?.setAttribute("href", hash === "" ? page : `${page}#${hash}`);
    }
}
/** The step in the address, for whoever comes back to it; 0 if there is none. */
export function stepInAddress() {
    const step = Number(new URLSearchParams(location.hash.slice(1)).get("s"));
    return Number.isInteger(step) && step > 0 ? step : 0;
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
