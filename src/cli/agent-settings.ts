/** What `primacy agent` has checked, and hands to the agent's process. */
import type { ListenAddress } from '../node/agent.ts';
import type { Identity } from '../node/identify.ts';
import type { ReloadState } from '../node/reload.ts';
import type { JoinPolicy } from '../node/start/joining.ts';

/** In the environment variable PRIMACY_AGENT_SETTINGS. */
export interface AgentSettings {
  /** Read from the configuration, and read anew by a reload. */
  readonly configured: Configured;
  readonly listen: ListenAddress;
  /** `POST /-/reload` is answered. */
  readonly lifecycle: boolean;
  readonly version: string;
  readonly reload: ReloadState;
  /** The command line that reads all of this again. */
  readonly flags: readonly string[];
}

export interface Configured {
  readonly identity: Identity;
  readonly policy: JoinPolicy;
}
