// The fields for what a program's files hold at the start.
import { h } from "./dom.js";
import { parseBytes, showBytes } from "./source.js";
export class FileFields {
    take;
    files = [[], [], [], []];
    error = h("p", { class: "error", role: "alert" });
    fields = [0, 1, 2, 3].map((file) => h("input", { class: "mono", id: `file-${file}`, change: () => this.changed(file) }));
    element = h("details", {}, h("summary", { class: "soft" }, "Files at the start"), h("div", { class: "files" }, ...this.fields.flatMap((field, file) => [h("label", { for: `file-${file}`, class: "soft small" }, `File ${file}`), field])), this.error);
    constructor(take) {
        this.take = take;
    }
    /** Shows the files of a program. A field that says the same in other words stays as it was written. */
    show(files) {
        this.files = files;
        this.fields.forEach((field, file) => {
            const bytes = files[file] ?? [];
            if (!isWritten(field.value, bytes))
                field.value = showBytes(bytes);
        });
        if (files.some((bytes) => bytes.length > 0))
            this.element.open = true;
    }
    changed(file) {
        try {
            const bytes = parseBytes(this.fields[file]?.value ?? "");
            this.error.textContent = "";
            this.take(this.files.map((other, index) => (index === file ? bytes : other)));
        }
        catch (fault) {
            this.error.textContent = fault instanceof Error ? fault.message : String(fault);
        }
    }
}
function isWritten(text, bytes) {
    try {
        return parseBytes(text).join() === bytes.join();
    }
    catch {
        return false;
    }
}
