// The preload door of `node --import @sietch/otel/register`.
import './register.js';
