/** Takes a changed primacy.yml into a running agent: read and judged whole first, and only then does the same process begin again with it. */
import { errorText } from '../core/model/primacy-error.ts';
import type { Log } from './log.ts';

/** How the last attempt ended, and when a configuration was taken last: at the start, or by a reload. */
export interface ReloadState {
  readonly successful: boolean;
  /** Seconds since 1970. */
  readonly succeededAt: number;
}

export interface ReloadAnswer {
  /** `refused`: nothing was changed. `busy`: another reload is under way. */
  readonly code: 'reloading' | 'unchanged' | 'refused' | 'busy';
  /** One sentence without full stop. */
  readonly reason: string;
}

/** As the rest of the agent sees it. */
export interface Reload {
  readonly ask: () => Promise<ReloadAnswer>;
  readonly state: () => ReloadState;
}

export interface ReloadParts<Settings> {
  readonly current: Settings;
  readonly state: ReloadState;
  /** Reads and checks everything that a start checks. Rejects with what is wrong, and where. */
  readonly read: () => Promise<Settings>;
  /** Why these cannot be taken while the agent runs; null where they can. */
  readonly judge: (before: Settings, after: Settings) => string | null;
  /** Ends the agent in order; whoever runs it begins again with these. */
  readonly begin: (settings: Settings) => void;
  /** Seconds since 1970. */
  readonly now: () => number;
  readonly log: Log;
}

/** Long enough for the answer to reach whoever asked. */
const ANSWER_MS = 50;

export class Reloader<Settings> implements Reload {
  readonly #parts: ReloadParts<Settings>;
  #state: ReloadState;
  #busy = false;

  constructor(parts: ReloadParts<Settings>) {
    this.#parts = parts;
    this.#state = parts.state;
  }

  readonly state = (): ReloadState => this.#state;

  /** Never rejects. */
  readonly ask = async (): Promise<ReloadAnswer> => {
    if (this.#busy) return { code: 'busy', reason: 'a reload is under way already' };
    this.#busy = true;
    const answer = await this.#reload();
    // With the new configuration this process is gone soon; until then it takes no other one.
    if (answer.code !== 'reloading') this.#busy = false;
    return answer;
  };

  async #reload(): Promise<ReloadAnswer> {
    const { current, read, judge, begin, now, log } = this.#parts;
    let next: Settings;
    try {
      next = await read();
    } catch (error) {
      return this.#refuse(errorText(error));
    }
    const obstacle = judge(current, next);
    if (obstacle !== null) return this.#refuse(`cannot reload: ${obstacle}`);
    this.#state = { successful: true, succeededAt: now() };
    if (JSON.stringify(next) === JSON.stringify(current)) {
      log.info({}, 'configuration reloaded: nothing is different');
      return { code: 'unchanged', reason: 'nothing in it is different for this agent' };
    }
    log.warn({}, 'configuration reloaded: this agent begins again with it');
    setTimeout(() => begin(next), ANSWER_MS);
    return {
      code: 'reloading',
      reason: 'the new configuration is right, and this agent begins again with it',
    };
  }

  #refuse(reason: string): ReloadAnswer {
    this.#state = { ...this.#state, successful: false };
    this.#parts.log.error({ reason }, 'configuration not reloaded, the old one stays');
    return { code: 'refused', reason };
  }
}
