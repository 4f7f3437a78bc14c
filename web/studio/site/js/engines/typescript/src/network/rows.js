// What a host gives the network, and what an observer sees of a pass.
export {};
