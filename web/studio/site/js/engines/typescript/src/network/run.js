// A run: a network and a host take turns.
import { Session } from "./session.js";
/** Yields each token that the network emits, before the host takes it. */
export function* run(model, host, observer = {}, options = {}) {
    const session = new Session(model, options);
    for (let next = host.begin(); next !== undefined;) {
        session.pass(next, observer);
        const token = session.token();
        yield token;
        next = host.accept(token);
    }
}
