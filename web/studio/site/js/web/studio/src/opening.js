// A reader's own programs: opened, dropped or pasted, and read by the server of `wasmformer studio`, which
// keeps nothing of them.
import { h } from "./dom.js";
/** Why a file is not a program. */
export class ProgramError extends Error {
    reason;
    place;
    constructor(reason, place = {}) {
        const { line, column, offset } = place;
        const where = line !== undefined ? `line ${line}, column ${column}: ` : offset !== undefined ? `at byte 0x${offset.toString(16)}: ` : "";
        super(where + reason);
        this.reason = reason;
        this.place = place;
    }
}
const ALONE = "These pages are served without the command, and cannot read .wat and .wasm files: wasmformer studio serves pages that can.";
/**
 * Reads a program; `isRun` asks for the state in which the reference VM ends a full one. Throws a
 * ProgramError if it is not one, or nobody is there to read it.
 */
export async function readProgram({ name, bytes }, { machine, fused = false, isRun = false } = {}) {
    const form = fused ? { form: "fused" } : {};
    const query = new URLSearchParams({ name, ...(machine === undefined ? {} : { machine }), ...form, ...(isRun ? { run: "1" } : {}) });
    // The server decodes %20, and a name is the only value with blanks.
    const request = { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: bytes };
    const response = await fetch(`program?${query.toString().replaceAll("+", "%20")}`, request);
    if (response.headers.get("Content-Type") !== "application/json") {
        throw new ProgramError([404, 405, 501].includes(response.status) ? ALONE : await response.text());
    }
    const answer = (await response.json());
    if ("error" in answer)
        throw new ProgramError(answer.error.reason, answer.error.place);
    return answer;
}
/** Whether a text is a module, and not a list of instructions. */
export const isModule = (text) => /^(\s|;;.*\n|\(;[^]*?;\))*\(\s*module\b/.test(text);
/** A text as a file. */
export const asFile = (text, name = "pasted.wat") => ({ name, bytes: new TextEncoder().encode(text) });
async function given(file) {
    return { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
}
/** A button that opens a file, and files dropped on the page. `take` gets each. */
export function openButton(take) {
    const input = h("input", {
        type: "file",
        class: "hidden",
        id: "file",
        accept: ".wat,.wasm",
        "aria-label": "A program, .wat or .wasm",
        change: () => {
            const file = input.files?.[0];
            input.value = "";
            if (file !== undefined)
                void given(file).then(take);
        },
    });
    document.addEventListener("dragover", (event) => {
        event.preventDefault();
        document.body.classList.add("dropping");
    });
    document.addEventListener("dragleave", (event) => {
        if (event.relatedTarget === null)
            document.body.classList.remove("dropping");
    });
    document.addEventListener("drop", (event) => {
        event.preventDefault();
        document.body.classList.remove("dropping");
        const file = event.dataTransfer?.files[0];
        if (file !== undefined)
            void given(file).then(take);
    });
    return h("span", {}, h("button", { id: "open", click: () => input.click() }, "Open file"), input);
}
/** The key of a file that one page leaves for another. */
const HANDED = "handed over";
/** Opens a file on the page that runs programs of any kind. */
export function handOver({ name, bytes }) {
    let text = "";
    for (const byte of bytes)
        text += String.fromCharCode(byte);
    sessionStorage.setItem(HANDED, JSON.stringify({ name, bytes: btoa(text) }));
    location.assign("run.html");
}
/** The file that another page has left, if there is one. */
export function handedOver() {
    const left = sessionStorage.getItem(HANDED);
    if (left === null)
        return undefined;
    sessionStorage.removeItem(HANDED);
    const { name, bytes } = JSON.parse(left);
    return { name, bytes: Uint8Array.from(atob(bytes), (char) => char.charCodeAt(0)) };
}
