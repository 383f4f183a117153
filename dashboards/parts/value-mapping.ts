/** Words and colours for the numbers that stand for states. */
import { MappingType, type ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';

export interface StateLook {
  readonly value: number;
  readonly text: string;
  readonly color: 'green' | 'blue' | 'yellow' | 'orange' | 'red' | 'purple' | 'gray';
}

/** Grafana's mapping of exact values; `index` keeps the legend in our order. */
export function valueMappings(looks: readonly StateLook[]): ValueMapping[] {
  const entries = looks.map(({ value, text, color }, index) => [String(value), { text, color, index }]);
  return [{ type: MappingType.ValueToText, options: Object.fromEntries(entries) }];
}

/** The looks of a state set that `stateNumber` counted from 1. */
export function stateLooks<State extends string>(
  states: readonly State[],
  colors: Readonly<Record<State, StateLook['color']>>,
): readonly StateLook[] {
  return states.map((state, index) => ({ value: index + 1, text: state, color: colors[state] }));
}
