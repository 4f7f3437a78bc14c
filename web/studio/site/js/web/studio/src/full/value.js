// Values of the full machine as text.
const view = new DataView(new ArrayBuffer(8));
/** A value of a type; without a type, the integer. */
export function show({ low, high, bits }, type) {
    view.setInt32(0, low, true);
    view.setInt32(4, high, true);
    if (type === "f32")
        return String(view.getFloat32(0, true));
    if (type === "f64")
        return String(view.getFloat64(0, true));
    if (type === "funcref" || type === "externref")
        return low === 0 ? "null" : `#${low - 1}`;
    return bits === 64 ? String(view.getBigInt64(0, true)) : String(low);
}
/** The bits of a value in hexadecimal. */
export function hex({ low, high, bits }) {
    const lower = (low >>> 0).toString(16);
    return bits === 64 && high !== 0 ? (high >>> 0).toString(16) + lower.padStart(8, "0") : lower;
}
/** Bytes as text: UTF-8, with a sign for what is not. */
export const text = (bytes) => new TextDecoder().decode(Uint8Array.from(bytes));
