// The full machine's host: everything that the network does not compute. It gives the prompt, appends each
// token that the network emits, and after a question for input the answer. It reads and keeps nothing else.
/** Bytes that are all there, as input. */
export function inputOf(bytes) {
    const iterator = bytes[Symbol.iterator]();
    return () => {
        const { done, value } = iterator.next();
        return done === true ? -1 : value;
    };
}
/** A system that answers nothing. */
const SILENT = { send: () => undefined, receive: () => -1 };
export class FullHost {
    prompt;
    vocabulary;
    input;
    system;
    end;
    outputs = [];
    errors = [];
    /** The bytes of all questions to the system. */
    sent = [];
    /** `prompt` is what `wasmformer listing --json` prints as `tokens`. */
    constructor(prompt, vocabulary, input = inputOf([]), system = SILENT) {
        this.prompt = prompt;
        this.vocabulary = vocabulary;
        this.input = input;
        this.system = system;
    }
    begin() {
        return { stores: [], rows: this.prompt.map(rowOf) };
    }
    accept(token) {
        const { vocabulary } = this;
        if (vocabulary.goesOn(token))
            return { stores: [], rows: [rowOf(token)] };
        const name = vocabulary.name(token);
        const [family, number] = vocabulary.parts(token);
        const rows = [rowOf(token)];
        if (name === "ask")
            rows.push(rowOf(this.answer(this.input(true), -1)));
        else if (name === "poll")
            rows.push(rowOf(this.answer(this.input(false), -2)));
        else if (name === "receive")
            rows.push(rowOf(this.answer(this.system.receive(), -1)));
        else if (family === "send")
            this.send(number);
        else if (family === "out")
            this.outputs.push(number);
        else if (family === "err")
            this.errors.push(number);
        else if (name === "halt" || name === "refused")
            this.end = { kind: name };
        else if (family === "exit")
            this.end = { kind: "exit", status: number };
        else if (name.startsWith("trap:"))
            this.end = { kind: "trap", name: name.slice("trap:".length) };
        else
            this.end = { kind: "lost", token: name };
        return this.end === undefined ? { stores: [], rows } : undefined;
    }
    send(byte) {
        this.sent.push(byte);
        this.system.send(byte);
    }
    /** The token of an answer: the value −1 is `X0:255`, and −2 is `X0:254`. */
    answer(answer, least) {
        const isAnswer = Number.isInteger(answer) && answer <= 255 && answer >= least;
        if (!isAnswer)
            throw new RangeError(`${answer} is no answer to a question of the program`);
        return this.vocabulary.token(answer >= 0 ? `V0:${answer}` : `X0:${answer + 256}`);
    }
}
const rowOf = (token) => ({ token, positional: [] });
