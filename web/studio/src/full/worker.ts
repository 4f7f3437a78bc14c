// The worker that runs the full machine's network: it loads the weights, makes one forward pass per row, and
// sends the tokens to the page. It keeps the rows of the latest run, to look into any of its passes again.

import {
  FullHost,
  loadModel,
  Session,
  Vocabulary,
  type Model,
  type Row,
  type Unit,
} from "../../../../engines/typescript/src/index.js";
import type { Found, Inside, Order, Report, Without } from "./orders.js";

/** How long the worker computes before it looks for orders, in milliseconds. */
const SLICE = 48;

const scope = self as unknown as {
  postMessage: (report: Report, transfer?: Transferable[]) => void;
  addEventListener: (type: "message", listener: (event: MessageEvent<Order>) => void) => void;
};
const say = (report: Report, transfer: Transferable[] = []): void => scope.postMessage(report, transfer);

/** A run in progress. */
class Run {
  readonly sequence: Row[];
  private readonly session: Session;
  private readonly host: FullHost;
  private readonly input: number[];
  private isClosed: boolean;
  private passed = 0;
  private took = 0;
  private emitted: number[] = [];
  private isWaiting = false;
  private isOver = false;
  private asked = false;

  constructor(
    private readonly model: Model,
    vocabulary: Vocabulary,
    readonly order: Order & { type: "run" },
    public limit: number,
  ) {
    this.session = new Session(model);
    this.input = [...order.input];
    this.isClosed = order.isClosed;
    const input = (mayWait: boolean): number => this.input.shift() ?? (this.isClosed || mayWait ? -1 : -2);
    const system = { send: () => (this.asked = true), receive: () => -1 };
    this.host = new FullHost(order.prompt, vocabulary, input, system);
    this.sequence = [...this.host.begin().rows];
  }

  give(bytes: number[], isClosed: boolean): void {
    this.input.push(...bytes);
    this.isClosed ||= isClosed;
    this.isWaiting = false;
  }

  /** Makes passes until the time is over. Returns whether there is more to do at once. */
  slice(): boolean {
    if (this.isOver || this.isWaiting) return false;
    const { id, prompt } = this.order;
    const began = performance.now();
    while (performance.now() - began < SLICE) {
      for (let i = 0; i < 32; i += 1) if (!this.pass()) return this.told(began);
    }
    if (this.passed < prompt.length) say({ type: "prompted", id, rows: this.passed });
    this.told(began);
    return true;
  }

  /** Sends what was emitted. */
  private told(began: number): false {
    this.took += performance.now() - began;
    const { id } = this.order;
    const rows = Uint32Array.from(this.emitted);
    this.emitted = [];
    if (rows.length > 0) say({ type: "rows", id, rows, took: this.took }, [rows.buffer]);
    const { end } = this.host;
    if (end !== undefined && !this.isOver) {
      this.isOver = true;
      say({ type: "ended", id, end, took: this.took, asked: this.asked });
    } else if (this.isWaiting) say({ type: "waiting", id });
    else if (this.sequence.length >= this.limit) say({ type: "resting", id });
    return false;
  }

  /** Makes the next pass, or takes the next token. Returns whether the run goes on. */
  private pass(): boolean {
    const row = this.sequence[this.passed];
    if (row !== undefined) {
      this.session.forward(row);
      this.passed += 1;
      return true;
    }
    if (this.host.end !== undefined || this.sequence.length >= this.limit) return false;
    const token = this.session.token();
    this.isWaiting = this.host.vocabulary.name(token) === "ask" && this.input.length === 0 && !this.isClosed;
    if (this.isWaiting) return false;
    const rows = this.host.accept(token)?.rows ?? [{ token, positional: [] }];
    for (const next of rows) {
      this.sequence.push(next);
      this.emitted.push(next.token);
    }
    return this.host.end === undefined;
  }

  /**
   * Passes the rows again through the network without a head or neuron. Up to the first token that differs
   * the run would be the same, so the rows on record are the right ones.
   */
  without(unit: Unit): Without {
    const { vocabulary, prompt } = this.host;
    const session = new Session(this.model.without(unit));
    const isAnswered = (row: Row): boolean => ["ask", "poll", "receive"].includes(vocabulary.name(row.token));
    for (let place = 0; place + 1 < this.sequence.length; place += 1) {
      const [row, next] = [this.sequence[place] as Row, this.sequence[place + 1] as Row];
      session.forward(row);
      // The host gives the prompt and the answers to questions; all other rows are tokens of the network.
      if (place + 1 < prompt.length || isAnswered(row)) continue;
      const token = session.token();
      if (token !== next.token) return { unit, row: place + 1, token };
    }
    return { unit, row: -1, token: -1 };
  }

  /** Passes all rows up to one of them again, and looks into its pass. */
  look(place: number): Inside {
    const session = new Session(this.model);
    for (const row of this.sequence.slice(0, place)) session.forward(row);
    const inside: Inside = { row: place, found: [], sums: [], neurons: [], logits: [] };
    const row = this.sequence[place];
    if (row === undefined) return inside;
    session.forward(row, {
      attended(layer, head, query, { row: at, key, value }): void {
        const found: Found = { layer, head, row: at, query: [...query], key: [...key], value: [...value] };
        inside.found.push(found);
      },
      summed: (layer, head, total) => void inside.sums.push({ layer, head, total: [...total] }),
      neurons(layer, gates, values): void {
        gates.forEach((gate, neuron) => {
          const value = values[neuron] as number;
          if (gate > 0 && value !== 0) inside.neurons.push({ layer, neuron, gate, value });
        });
      },
    });
    const logits = session.logits();
    const order = Array.from(logits.keys()).sort((a, b) => (logits[b] as number) - (logits[a] as number) || a - b);
    inside.logits = order.slice(0, 5).map((token) => [token, logits[token] as number]);
    return inside;
  }
}

async function get(name: string): Promise<Response> {
  const response = await fetch(new URL(`../../../../../model/full/${name}`, import.meta.url)).catch(() => undefined);
  if (response?.ok !== true) throw new Error(`model/full/${name} cannot be loaded`);
  return response;
}

async function load(): Promise<Model> {
  const [config, weights] = await Promise.all([
    get("config.json").then((file) => file.text()),
    get("model.safetensors").then((file) => file.arrayBuffer()),
  ]);
  return loadModel(config, new Uint8Array(weights));
}

let run: Run | undefined;
let isAwake = false;

/** Runs slices, between which orders are taken. */
function wake(): void {
  if (isAwake) return;
  isAwake = true;
  const next = (): void => {
    isAwake = run?.slice() ?? false;
    if (isAwake) setTimeout(next);
  };
  setTimeout(next);
}

try {
  const model = await load();
  const vocabulary = new Vocabulary(model.config);
  scope.addEventListener("message", ({ data: order }) => {
    if (order.type === "run") run = new Run(model, vocabulary, order, order.limit);
    else if (order.type === "input") run?.give(order.bytes, order.isClosed);
    else if (order.type === "more" && run !== undefined) run.limit = order.limit;
    else if (order.type === "look" && run !== undefined) say({ type: "inside", id: order.id, inside: run.look(order.row) });
    else if (order.type === "without" && run !== undefined) say({ type: "without", id: order.id, without: run.without(order.unit) });
    wake();
  });
  say({ type: "ready", parameters: model.parameters, weights: model.weights });
} catch (error) {
  say({ type: "failed", reason: error instanceof Error ? error.message : String(error) });
}
