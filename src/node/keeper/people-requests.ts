/** What only people ask of an agent, over its socket: to overrule the voters, to pause, to resume, to change the roles. */
import type { KeeperContext } from './context.ts';
import type { FileReader } from './facts.ts';
import type { Keeper } from './keeper.ts';
import {
  pauseLease,
  resumeLease,
  type PauseAnswer,
  type PauseRequest,
  type ResumeRequest,
} from './pause-lease.ts';
import { switchOver, type SwitchoverAnswer, type SwitchoverRequest } from './switch-over.ts';
import { takeOverride, type OverrideAnswer, type OverrideRequest } from './take-override.ts';

export interface PeopleRequests {
  /** The person answers for what nobody can see. */
  readonly override: (request: OverrideRequest) => Promise<OverrideAnswer>;
  readonly pause: (request: PauseRequest) => Promise<PauseAnswer>;
  readonly resume: (request: ResumeRequest) => Promise<PauseAnswer>;
  readonly switchover: (request: SwitchoverRequest) => Promise<SwitchoverAnswer>;
}

export function createPeopleRequests(parts: {
  readonly context: KeeperContext;
  readonly files: FileReader;
  readonly keeper: Keeper;
}): PeopleRequests {
  return {
    override: (request) => takeOverride(parts, request),
    pause: (request) => pauseLease(parts, request),
    resume: (request) => resumeLease(parts, request),
    switchover: (request) => switchOver(parts, request),
  };
}
