// Library door of @sietch/otel/circuit.
export {};
