/** What is allowed and probably not meant: a configuration that holds, and serves its owner worse than another one would. */
import { majorityOf } from '../core/lease/lease.ts';
import type { NodeName } from '../core/model/names.ts';
import { formatPath } from './consistency.ts';
import { whereIs, type ValidConfig } from './load.ts';
import type { ConfigPath } from './position.ts';
import type { ClusterConfig } from './schema.ts';

/** One line each, with its place in the file, without full stop. */
export function warningsOf(config: ValidConfig): readonly string[] {
  return [...config.clusters.entries()].flatMap(([index, cluster]) =>
    votersWarning(cluster).map((message) => {
      const path: ConfigPath = ['clusters', index, 'nodes'];
      return `${whereIs(config, path)}: ${formatPath(path)}: ${message}`;
    }),
  );
}

/** A majority is counted of all configured voters, so an even one more costs a failure and saves none. */
function votersWarning(cluster: ClusterConfig): readonly string[] {
  const voters = cluster.nodes.map((node) => node.name as NodeName);
  const count = voters.length;
  if (count === 2)
    return [
      'two voters cannot outvote each other: nobody is promoted when the primary falls silent, expected a witness',
    ];
  if (count % 2 === 1) return [];
  const majority = majorityOf(voters);
  return [
    `${count} voters survive the loss of ${count - majority}, as ${count - 1} do, and need ${majority} to agree: expected an odd number`,
  ];
}
