/** The last values of one measure, one a second; null = not measured then. */
export class Series {
  private readonly values: (number | null)[] = [];

  /** @param length how many are kept */
  constructor(readonly length: number) {}

  add(value: number | null): void {
    this.values.push(value);
    if (this.values.length > this.length) this.values.shift();
  }

  clear(): void {
    this.values.length = 0;
  }

  /** Oldest first. */
  get all(): readonly (number | null)[] {
    return this.values;
  }

  get newest(): number | null {
    return this.values.at(-1) ?? null;
  }

  /** 0 when nothing was measured. */
  get largest(): number {
    return this.values.reduce<number>((largest, value) => Math.max(largest, value ?? 0), 0);
  }
}

/** The smallest of 1, 2, 5 · 10^n that is not below the value: the upper end of an axis that people can read. */
export function axisEnd(largest: number, atLeast: number): number {
  const wanted = Math.max(largest, atLeast);
  const power = 10 ** Math.floor(Math.log10(wanted));
  for (const step of [1, 2, 5]) if (step * power >= wanted) return step * power;
  return 10 * power;
}
