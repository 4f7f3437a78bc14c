// A run: a network and a host take turns.

import type { Model } from "./model.js";
import type { Host, Next, Observer } from "./rows.js";
import { Session, type Options } from "./session.js";

/** Yields each token that the network emits, before the host takes it. */
export function* run(model: Model, host: Host, observer: Observer = {}, options: Options = {}): Generator<number> {
  const session = new Session(model, options);
  for (let next: Next | undefined = host.begin(); next !== undefined; ) {
    session.pass(next, observer);
    const token = session.token();
    yield token;
    next = host.accept(token);
  }
}
