/** A failover's criteria as a table for people. */
import type { FailoverDecision } from '../../core/guard/criterion.ts';

/** One line per criterion, F1 to F22; those that this way in does not need are in parentheses. */
export function describeDecision({ way, promote, criteria }: FailoverDecision): readonly string[] {
  const width = Math.max(...criteria.map(({ code }) => code.length));
  return [
    `Way in: ${way}. ${promote ? 'A promotion would be accepted.' : 'A promotion would be refused.'}`,
    ...criteria.map(({ code, state, reason, decisive }, index) => {
      const number = `F${index + 1}`.padEnd(3);
      const shown = decisive ? ` ${state} ` : `(${state})`;
      return `  ${number} ${code.padEnd(width)}  ${shown.padEnd(9)}  ${reason}`;
    }),
  ];
}
