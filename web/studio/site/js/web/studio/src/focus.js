// The focus, kept while a part of the page is made anew.
/** The buttons and headings of this text in one of the blocks. */
function named(blocks, block, text) {
    const parts = blocks.children[block]?.querySelectorAll(".part, summary") ?? [];
    return [...parts].filter((part) => part.textContent === text);
}
/**
 * Remembers which part of some blocks has the focus. The function returned gives the focus to the same part
 * of the blocks as they are then, or to the block's heading if the part is not there any more.
 */
export function keepFocus(blocks) {
    const has = document.activeElement;
    const block = [...blocks.children].findIndex((child) => child.contains(has));
    if (block < 0 || has === null)
        return () => undefined;
    const text = has.textContent ?? "";
    const nth = named(blocks, block, text).indexOf(has);
    return () => {
        const same = named(blocks, block, text);
        const heading = blocks.children[block]?.querySelector("summary");
        (same[nth] ?? same[0] ?? heading)?.focus({ preventScroll: true });
    };
}
