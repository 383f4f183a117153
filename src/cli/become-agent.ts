/** Replaces this program by the agent's, in the same process. */
import { fileURLToPath } from 'node:url';
import { PrimacyError } from '../core/model/primacy-error.ts';
import { AGENT_ENVIRONMENT, AGENT_NODE_OPTIONS } from '../node/process-options.ts';
import type { AgentSettings } from './agent-settings.ts';

/**
 * Node gets the heap flags that keep it small, and what only checks a configuration (schema library, YAML, command line: about 15 MB) is
 * gone from memory. Throws `missing-prerequisite` where this Node cannot; returns never.
 */
export function becomeAgent(settings: AgentSettings): void {
  if (process.execve === undefined)
    throw new PrimacyError(
      'missing-prerequisite',
      'cannot start the agent: this Node has no execve, expected 22.18 or later',
    );
  const executable = fileURLToPath(new URL('primacy.js', import.meta.url));
  const others = process.execArgv.filter((it) => !AGENT_NODE_OPTIONS.includes(it));
  process.execve(
    process.execPath,
    [process.execPath, ...AGENT_NODE_OPTIONS, ...others, executable, 'agent'],
    {
      ...process.env,
      ...AGENT_ENVIRONMENT,
      PRIMACY_AGENT_SETTINGS: JSON.stringify(settings),
    },
  );
}
