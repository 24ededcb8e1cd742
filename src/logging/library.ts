// Library door of @sietch/otel/logging.
export {};
