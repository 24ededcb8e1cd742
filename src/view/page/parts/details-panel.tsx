// The panel with the details of what is selected: beside the list, or below it where there is no room.
import type { ComponentChildren } from 'preact';

export interface DetailsPanelProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

export function DetailsPanel({ title, onClose, children }: DetailsPanelProps) {
  return (
    <aside class="details" aria-label={`Details of ${title}`}>
      <header>
        <h2>{title}</h2>
        <CloseButton label="Close the details" title="Close (Escape)" onClick={onClose} />
      </header>
      <div class="details-body">{children}</div>
    </aside>
  );
}

interface CloseButtonProps {
  readonly label: string;
  readonly title?: string;
  readonly onClick: () => void;
}

export function CloseButton({ label, title = label, onClick }: CloseButtonProps) {
  return (
    <button type="button" class="icon" aria-label={label} title={title} onClick={onClick}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d="M3.500 3.500l9 9M12.500 3.500l-9 9" />
      </svg>
    </button>
  );
}
