// Reads web addresses as people type them. The server decides in the end; this only answers at once. Pure.

const PATTERN = /^https?:\/\/(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/i;

/** The origins in `text`, one a line or apart by commas, or the first part that is none. */
export function readOrigins(text: string): { origins: string[] } | { bad: string } {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');
  const origins: string[] = [];
  for (const part of parts) {
    const tidy = part.replace(/\/$/, '');
    if (!PATTERN.test(tidy)) return { bad: part };
    origins.push(tidy.toLowerCase());
  }
  return { origins: [...new Set(origins)] };
}
