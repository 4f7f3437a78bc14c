// Shared by all pages: the address, which holds the program, and work in slices, which keeps the page
// responsive.

/** The key of the program that the pages of this tab show. */
const PROGRAM = "program";
const SHOW_A_PROGRAM = ["repl.html", "xray.html"];

function link(hash: string): void {
  for (const page of SHOW_A_PROGRAM) {
    const found = document.querySelector<HTMLAnchorElement>(`.bar nav a[href^="${page}"]`);
    found?.setAttribute("href", hash === "" ? page : `${page}#${hash}`);
  }
}

/** Puts a program into the address, and into the links to the pages that show a program. */
export function carry(hash: string): void {
  history.replaceState(null, "", hash === "" ? location.pathname : `#${hash}`);
  sessionStorage.setItem(PROGRAM, hash);
  link(hash);
}

/** Puts the program that this tab has shown last into the links of a page that shows none. */
export function keepProgram(): void {
  link(sessionStorage.getItem(PROGRAM) ?? "");
}

/** The step in the address, for a reader who returns to it; 0 if there is no step. */
export function stepInAddress(): number {
  const step = Number(new URLSearchParams(location.hash.slice(1)).get("s"));
  return Number.isInteger(step) && step > 0 ? step : 0;
}

/**
 * Does some work in slices, so that the page stays responsive. `slice` takes the time at which it must stop,
 * and returns whether the work is done.
 */
export function inSlices(slice: (until: number) => boolean): { stop: () => void } {
  let timer = 0;
  const next = (): void => {
    if (!slice(performance.now() + 12)) timer = window.setTimeout(next);
  };
  next();
  return { stop: () => window.clearTimeout(timer) };
}
