// Numbers with their noun, for messages.

/** `1 span`, `2 spans`. @param plural of a noun whose plural ends with a mere s */
export function counted(number: number, plural: string): string {
  return `${number} ${number === 1 ? plural.replace(/s$/, '') : plural}`;
}
