/** One value of one family: what the pure functions of this folder return and the exposition prints. */

export interface MetricSample {
  /** Name of a family in catalogue.ts. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A sample; a moment or a size is handed in in base units (seconds, bytes). */
export function metric(
  name: string,
  value: number,
  labels: Readonly<Record<string, string>> = {},
): MetricSample {
  return { name, labels, value };
}

/** One sample per possible value of a state, so that the set of series never changes. */
export function stateSet(
  name: string,
  label: string,
  states: readonly string[],
  current: string,
  labels: Readonly<Record<string, string>> = {},
): readonly MetricSample[] {
  return states.map((state) => metric(name, state === current ? 1 : 0, { ...labels, [label]: state }));
}
