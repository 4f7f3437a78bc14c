// What the page and the worker that runs the network tell each other.
export {};
