// A way to another process of the group.
import type { Message } from './messages.js';

export interface Link {
  /** Resolves when the message is on its way or cannot be sent; never rejects. */
  send(message: Message): Promise<void>;
  onMessage(listener: (message: Message) => void): void;
  /** Called once, after the last message. */
  onClose(listener: () => void): void;
}
