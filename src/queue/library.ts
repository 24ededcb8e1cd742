// Library door of @sietch/otel/queue.
export {};
