// Live figures of the work of the feed-forward networks: arithmetic, bits, comparisons, selection,
// wrap-around, logits.
import { h } from "./dom.js";
import { parabola } from "./figures.js";
import { equation, live, neuronLine } from "./live.js";
import { contributions } from "./layers.js";
import * as pictures from "./pictures.js";
const byte = (label, value) => ({ label, min: 0, max: 255, value });
const two = (op) => ({ a, b }) => `i32.const ${a}\ni32.const ${b}\n${op}`;
const answer = (look) => equation(h("i", {}, look.xray.instruction), " → ", [look.xray.token]);
/** A figure of two numbers and one instruction, which shows the named neurons. */
function arithmetic(machine, op, a, b, neurons, caption) {
    return live(machine, {
        inputs: { a: byte("second", a), b: byte("top", b) },
        program: two(op),
        step: () => 2,
        show: (look) => [pictures.neuron(look, neurons[0] ?? ""), ...neurons.map((name) => neuronLine(look.neuron(name))), answer(look)],
        caption,
    });
}
export const gatedNeuron = (machine) => live(machine, {
    inputs: {
        a: byte("second", 20),
        b: byte("top", 22),
        op: { label: "instruction", choices: ["i32.add", "i32.sub", "i32.mul"], value: "i32.add" },
    },
    program: ({ a, b, op }) => two(op)({ a, b }),
    step: () => 2,
    show(look) {
        const three = ["sum", "difference", "product"];
        const open = three.find((name) => look.neuron(name).gate > 0) ?? "sum";
        return [pictures.neuron(look, open), ...three.map((name) => neuronLine(look.neuron(name))), answer(look)];
    },
    caption: "Three neurons of layer 4, all computed for every instruction. A gate that is not positive silences its neuron: only the one that the opcode's flag opens adds to the result.",
});
export const sum = (machine) => arithmetic(machine, "i32.add", 200, 100, ["sum", "wrap-around"], "gate = the flag sum, value = second + top. Three layers later, the part that exceeds a byte is subtracted.");
export const difference = (machine) => arithmetic(machine, "i32.sub", 5, 9, ["difference", "wrap-around"], "value = second − top + 256: never below 0, and the same modulo 256.");
export const multiplication = (machine) => arithmetic(machine, "i32.mul", 12, 11, ["product", "sum", "wrap-around"], "gate = top + 255·(product − 1): top itself while the flag is 1, and never positive while it is 0. relu(top) · second is the product: the gate multiplies.");
export const bits = (machine) => live(machine, {
    inputs: { a: byte("second", 204), b: byte("top", 170), op: { label: "instruction", choices: ["i32.and", "i32.or"], value: "i32.and" } },
    program: ({ a, b, op }) => two(op)({ a, b }),
    step: () => 2,
    show(look) {
        return [
            pictures.bitColumns(look),
            equation("what the eight neurons add: ", [7, 6, 5, 4, 3, 2, 1, 0].map((i) => look.neuron(`common bit ${i}`).output).join(" + ")),
            neuronLine(look.neuron("sum")),
            answer(look),
        ];
    },
    caption: "Eight neurons, one a bit: gate = top bit + second bit − 1, positive only if both are 1; value = the flag times 2ⁱ. For i32.or the flag is −1 and the sum is switched on too: a + b less the bits in common.",
});
export const comparison = (machine) => live(machine, {
    inputs: {
        a: byte("second", 9),
        b: byte("top", 5),
        op: { label: "instruction", choices: ["i32.gt_s", "i32.ge_s", "i32.lt_s", "i32.le_s", "i32.eq", "i32.ne"], value: "i32.gt_s" },
    },
    program: ({ a, b, op }) => two(op)({ a, b }),
    step: () => 2,
    show: (look) => [
        pictures.step(look, "above", "second − top"),
        pictures.step(look, "below", "top − second"),
        ...["equal", "above +", "above -", "below +", "below -"].map((name) => neuronLine(look.neuron(name))),
        answer(look),
    ],
    caption: "relu(x) − relu(x − 1) is 1 for every integer x above 0, else 0. One pair for second − top, one for top − second; the values choose what each case is worth: equal + (above − equal)·[second > top] + (below − equal)·[second < top].",
});
export const wrapAround = (machine) => live(machine, {
    inputs: { a: byte("second", 255), b: byte("top", 255) },
    program: two("i32.mul"),
    step: () => 2,
    show(look) {
        const reached = (layer) => look.xray.layers[layer]?.neurons.filter(({ name, gate }) => /^reaches \d+ \+$/.test(name) && gate > 0).length ?? 0;
        return [
            pictures.staircase(look, 5, 4096),
            pictures.staircase(look, 6, 256),
            equation("result after layer 4: ", [look.lane("result", 4)]),
            equation(`layer 5: ${reached(5)} of 15 multiples of 4096 are reached, quotient_4096 = `, [look.lane("quotient_4096", 5)]),
            equation(`layer 6: ${reached(6)} of 15 multiples of 256 are reached in the rest, quotient_256 = `, [look.lane("quotient_256", 6)]),
            equation(`layer 7: ${look.lane("result", 6)} − 4096·${look.lane("quotient_4096", 6)} − 256·${look.lane("quotient_256", 6)} = `, [
                look.lane("result", 7),
            ]),
            answer(look),
        ];
    },
    caption: "Counting multiples: a pair of neurons is a step from 0 to 1 where the number reaches a multiple, and fifteen such steps add up to the quotient. Two rounds, by 4096 and by 256, reach every product of bytes.",
});
export const selection = (machine) => live(machine, {
    inputs: { read: { label: "local.get", min: 0, max: 3, value: 0 }, value: byte("value of local 0", 99) },
    program: ({ read, value }) => `i32.const ${value}\nlocal.set 0\nlocal.get ${read}`,
    step: () => 2,
    show: (look) => [
        pictures.tent(look, "local"),
        equation("x = tag − index + 512·(local_get − 1) = ", [look.neuron("local at").gate]),
        ...["local below", "local at", "local above"].map((name) => neuronLine(look.neuron(name))),
        equation(`${look.neuron("local below").output} − 2·${look.neuron("local at").output} + ${look.neuron("local above").output} = `, [
            look.neuron("local below").output - 2 * look.neuron("local at").output + look.neuron("local above").output,
        ]),
        answer(look),
    ],
    caption: "relu(x + 1) − 2·relu(x) + relu(x − 1) is 1 at x = 0 and 0 at every other integer. Three neurons with the value found let it through only where tag and index are equal.",
});
export const squares = (machine) => live(machine, {
    inputs: { depth: { label: "values on the stack", min: 0, max: 40, value: 7 } },
    program: ({ depth }) => "i32.const 1\n".repeat(Number(depth)),
    step: () => -1,
    show: (look) => [
        pictures.neuron(look, "depth squared"),
        neuronLine(look.neuron("depth squared")),
        equation("the key of this row: (2·", [look.lane("depth", 2)], ", −", [look.lane("depth_squared", 2)], " − 1 + pushed)"),
    ],
    caption: "gate = value = depth, so the neuron squares. Layer 2 does only this, because quadratic keys need only this.",
});
export const unembedding = (machine) => live(machine, {
    inputs: { value: byte("the result", 100) },
    program: ({ value }) => `i32.const ${value}`,
    step: () => 0,
    show: (look) => [
        parabola(look.xray, (token) => look.recording.nameOf(token)),
        equation("logit(t) = 2t·", [look.lane("result", 7)], " − t²; the winner has ", [look.xray.logits[look.xray.token] ?? ""]),
    ],
    caption: "All 260 logits of the step. The specials stand at −1 until halt or a trap lifts one of them; no logit ever wins by less than 1.",
});
export const wholeStep = (machine) => live(machine, {
    inputs: {
        a: byte("second", 17),
        b: byte("top", 30),
        op: { label: "instruction", choices: ["i32.mul", "i32.add", "i32.sub", "i32.or", "i32.le_s"], value: "i32.mul" },
    },
    program: ({ a, b, op }) => two(op)({ a, b }),
    step: () => 2,
    show(look) {
        const added = contributions(look.machine, look.xray, look.machine.lane("result"));
        const terms = added.map(({ layer, part, added: amount }) => ({ name: `${machine.nameOf(part)}, layer ${layer}`, amount }));
        return [pictures.waterfall(terms, `The result is made of ${terms.map(({ name, amount }) => `${amount} by ${name}`).join(", ")}`), answer(look)];
    },
    caption: "Every neuron that wrote to the lane result in this step, and what it added. The sum is the byte that the unembedding turns into a token.",
});
