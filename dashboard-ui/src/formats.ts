// Times, numbers and sizes as people read them, in the language given. Formatters are costly to make, so each is kept.

const kept = new Map<string, unknown>();

function keep<T>(key: string, make: () => T): T {
  const known = kept.get(key);
  if (known !== undefined) return known as T;
  const made = make();
  kept.set(key, made);
  return made;
}

/** A place on a timeline: `3:12`, from an hour on `1:03:12`. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** How long something took, in at most two units: `3 min 12 sec`. */
export function duration(language: string, ms: number): string {
  const seconds = Math.round(ms / 1000);
  const parts: [number, 'hour' | 'minute' | 'second'][] =
    seconds < 60
      ? [[seconds, 'second']]
      : seconds < 3600
        ? [[Math.floor(seconds / 60), 'minute'], [seconds % 60, 'second']]
        : [[Math.floor(seconds / 3600), 'hour'], [Math.floor((seconds % 3600) / 60), 'minute']];
  return parts
    .filter(([count], index) => index === 0 || count > 0)
    .map(([count, unit]) => unitFormat(language, unit).format(count))
    .join(' ');
}

function unitFormat(language: string, unit: string): Intl.NumberFormat {
  return keep(`unit ${language} ${unit}`, () => new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }));
}

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** How far `then` lies from `now`: `5 minutes ago`, `yesterday`; `now` within a minute. */
export function relative(language: string, then: number, now: number): string {
  const format = keep(`relative ${language}`, () => new Intl.RelativeTimeFormat(language, { numeric: 'auto' }));
  const ms = then - now;
  for (const [unit, size] of STEPS) {
    if (Math.abs(ms) >= size) return format.format(Math.trunc(ms / size), unit);
  }
  return format.format(0, 'second');
}

/** Date and time of day, to the minute. */
export function dateTime(language: string, ms: number): string {
  return keep(`dateTime ${language}`, () => new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' })).format(ms);
}

/** Day and time of day, for a column of recent times where the year goes without saying. */
export function dayTime(language: string, ms: number): string {
  const options: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' };
  return keep(`dayTime ${language}`, () => new Intl.DateTimeFormat(language, options)).format(ms);
}

/** Date alone. */
export function date(language: string, ms: number): string {
  return keep(`date ${language}`, () => new Intl.DateTimeFormat(language, { dateStyle: 'medium' })).format(ms);
}

export function number(language: string, value: number): string {
  return keep(`number ${language}`, () => new Intl.NumberFormat(language)).format(value);
}

/** A size in bytes, kilobytes or megabytes. */
export function bytes(language: string, value: number): string {
  const [unit, size] = value < 1000 ? (['byte', 1] as const) : value < 1_000_000 ? (['kilobyte', 1000] as const) : (['megabyte', 1_000_000] as const);
  return keep(
    `bytes ${language} ${unit}`,
    () => new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: unit === 'byte' ? 'long' : 'short', maximumFractionDigits: unit === 'megabyte' ? 1 : 0 }),
  ).format(value / size);
}

/** Whole days from `now` until `then`, none before it. */
export function daysUntil(then: number, now: number): number {
  return Math.max(0, Math.floor((then - now) / 86_400_000));
}
