/** PromQL that several panels share: which series a dashboard shows, and a state set turned into one number. */

/** The series of the chosen clusters; nodes are not filtered, because a cluster is judged as a whole. */
export const CLUSTER_SELECTOR = 'job=~"$job", cluster=~"$cluster"';
/** The series of the chosen nodes. */
export const NODE_SELECTOR: string = `${CLUSTER_SELECTOR}, instance=~"$instance"`;

/**
 * One series per node, or per node and the labels in `also`, whose value is the place of its state in `states`, counted from 1. A node
 * whose state is not known has no value, and the panel shows a gap there.
 */
export function stateNumber(
  metric: string,
  label: string,
  states: readonly string[],
  also: readonly string[] = [],
): string {
  const terms = states.map(
    (state, index) => `${index + 1} * (${metric}{${NODE_SELECTOR}, ${label}="${state}"} == 1)`,
  );
  const by = ['cluster', 'node', ...also].join(', ');
  return `max by (${by}) (\n  ${terms.join('\n  or ')}\n)`;
}
