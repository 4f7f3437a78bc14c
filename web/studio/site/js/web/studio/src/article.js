// The article: how the machine works, section by section, each with a figure that runs the network.
import { byId, complain, h } from "./dom.js";
import { depth, files, locals, loops, memory, oneHotFetch, operands, quadraticKeys } from "./exhibits-attention.js";
import { bits, comparison, gatedNeuron, multiplication, unembedding, wrapAround } from "./exhibits-ffn.js";
import { Diagram } from "./diagram.js";
import { coming } from "./live.js";
import { loadMachine } from "./machine.js";
import { keepProgram } from "./page.js";
const SECTIONS = [
    {
        id: "keys",
        title: "Finding a row by its number",
        figures: [quadraticKeys],
        text: [
            "A program is given as a prompt: a start token, then two tokens for each instruction, its opcode byte and its operand byte. Every row of the prompt knows the number j of the instruction that it belongs to. To execute the instruction at pc = i, some head must find the rows with j = i.",
            "Attention compares a query with keys by a dot product. Take the key (2j, −j²) and the query (i, 1): their product is 2ij − j², which is i² − (i − j)². It is greatest where j = i, and one less on either side. Attention here is hard: the row with the highest score is taken, and nothing is averaged.",
        ],
    },
    {
        id: "fetch",
        title: "What an opcode means",
        figures: [oneHotFetch],
        text: [
            "The embedding of an opcode byte is its meaning: a few flags that say which operations it switches on. Eleven heads of layer 0 copy the flags at pc, two each, to the row that executes the step. What follows is the same arithmetic for every instruction; the flags decide what of it counts.",
        ],
    },
    {
        id: "depth",
        title: "Sum attention, and the depth of the stack",
        figures: [depth],
        text: [
            "Nothing in the network holds a stack. What it needs is a number: how deep the stack is before this step. Each instruction carries its delta, pushes less pops, and the head of layer 1 adds up the deltas of all rows so far. It has no query and no key.",
        ],
    },
    {
        id: "stack",
        title: "The stack, by depth",
        figures: [operands],
        text: [
            "A row that executes a step carries the token that the previous step emitted. If that was pushed, it lies at the depth that the stack has now. So the row's depth serves as its key, and the value on top is found by asking for that depth: the latest pushed row there. Older rows of the same depth have been popped since, and of equal scores the latest wins.",
            "What is found is not a number but its bits, two a head, because the network computes with both.",
        ],
    },
    {
        id: "bits",
        title: "Bits",
        figures: [bits],
        text: [
            "Tokens are embedded as eight bits. Weighted by powers of two they are a number again wherever one is needed; kept apart, they make “and” and “or” a matter of counting.",
        ],
    },
    {
        id: "gates",
        title: "Gates, and multiplication",
        figures: [gatedNeuron, multiplication],
        text: [
            "A neuron computes two sums over the lanes, a gate and a value. Its output is relu(gate) times value. Most gates are flags: 1 for the instruction that needs the neuron, 0 for all others.",
            "But a gate may be any sum. Where it is one of the operands, the neuron multiplies.",
        ],
    },
    {
        id: "compare",
        title: "Comparison by pairs of neurons",
        figures: [comparison],
        text: [
            "Two neurons make a step. For integers, relu(x) − relu(x − 1) jumps from 0 to 1 between x = 0 and x = 1, and stays. Six comparisons are six ways to combine the same two steps.",
        ],
    },
    {
        id: "wrap",
        title: "Wrap-around",
        figures: [wrapAround],
        text: [
            "A byte has 256 values and a product may reach 65,025. Taking a remainder needs a quotient, and a quotient can be counted: how many multiples of 4096 does the number reach, and how many of 256 does the rest reach? Layers 5 and 6 count; layer 7 subtracts.",
        ],
    },
    {
        id: "content",
        title: "Locals and memory, by content",
        figures: [locals, memory],
        text: [
            "There is no table of variables either. A row whose previous step wrote local k has a key that peaks at k, so local.get finds the latest such row, and memory is found by its address in the same way.",
            "What if no row ever wrote the local? Some row always scores highest, so the value found has a tag: the index or address that its row wrote. Three neurons pass the value on only if the tag is the one sought. Otherwise the result stays 0, the initial value in WebAssembly.",
        ],
    },
    {
        id: "files",
        title: "Files, by cross-attention",
        figures: [files],
        text: [
            "Each of four files is a store of 33 rows outside the sequence, one for each offset and one for its end. A head of layer 7 attends to it with the descriptor's offset as the query. Writing a file replaces a row of the store.",
        ],
    },
    {
        id: "logits",
        title: "From a number to a token",
        figures: [unembedding],
        text: [
            "The last layer holds the answer as a number R in one lane, and 260 tokens must be ranked. The logit of byte t is 2t·R − t²: the same parabola as that of the keys, with its maximum at t = R.",
        ],
    },
    {
        id: "loops",
        title: "Loops",
        figures: [loops],
        text: [
            "A loop is the same rows' numbers again. The trace never turns back: the host gives each new row the pc that comes next, and after a br_if whose emitted condition is not 0, that is the start of the loop's body. A loop may run 256 iterations each time it is entered; one more is a trap.",
        ],
    },
];
/** The work of the host, which forward passes do not compute (src/byte/machine/host.rs). */
const HOST = [
    "appends the token with the highest logit to the sequence;",
    "gives each row its pc and the previous pc, cycling over loop bodies;",
    "takes the branch of br_if from the condition that the network emitted, and counts a loop's iterations;",
    "keeps which files are open and their offsets, and writes emitted bytes into the files' rows;",
    "flags a step that must trap: a closed descriptor, a full file, a loop's limit;",
    "collects the outputs.",
];
/** The size of the loaded machine. */
function size({ model: { config, parameters } }) {
    const heads = config.attention.reduce((sum, layer) => sum + layer.length, 0);
    const text = `It has ${config.attention.length} layers, ${heads} heads and ${parameters.toLocaleString("en")} parameters.`;
    return h("span", {}, text);
}
function build(machine) {
    const section = ({ id, title, text, figures }) => h("section", { id, "aria-labelledby": `${id}-title` }, h("h2", { id: `${id}-title` }, title), ...text.map((paragraph) => h("p", {}, paragraph)), ...figures.map((figure) => coming(machine, figure)));
    byId("app").append(h("p", {}, "Nobody trained the network on this page: a compiler set every weight, so that each forward pass executes one WebAssembly instruction and emits one token, the byte that the instruction produced. ", coming(machine, size), " The weights are loaded into this page, and every number in the figures comes from a forward pass that your browser has just made. Change the inputs."), h("h2", {}, "One step"), h("p", {}, "The network is a stack of eight layers over a few numbers with names, the lanes. In each layer heads read what earlier rows left, then neurons compute with it. This is all that happens when it adds 200 and 100:"), coming(machine, (loaded) => new Diagram(loaded).element), h("ol", { class: "contents" }, ...[...SECTIONS, { id: "host", title: "What the host does" }].map(({ id, title }) => h("li", {}, h("a", { href: `#${id}` }, title)))), ...SECTIONS.map(section), h("section", { id: "host" }, h("h2", {}, "What the host does"), h("p", {}, "A transformer only turns a sequence into logits; a program around it must choose the token and continue. That program is the host. Besides the loop that every transformer needs, this host does the following, all of it in one file. It"), h("ul", {}, ...HOST.map((line) => h("li", {}, line))), h("p", {}, "The host never reads a lane of the network. It keeps no operand stack, no locals and no memory, and it never looks at the instruction to produce a token: the network produces every token, halt and trap included.")), h("p", {}, "To see all of this at once, open the ", h("a", { href: "xray.html" }, "X-ray"), "; to write programs of your own, the ", h("a", { href: "repl.html" }, "REPL"), "; to watch a program of C print, ", h("a", { href: "run.html" }, "run one"), "."));
    // The sections exist only now, and they move when their figures appear, so the page scrolls to the
    // address's section here.
    const target = location.hash === "" ? null : document.getElementById(location.hash.slice(1));
    target?.scrollIntoView();
    machine.then(() => target?.scrollIntoView(), complain);
}
keepProgram();
build(loadMachine());
