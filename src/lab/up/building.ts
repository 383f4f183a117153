/** What the steps of `primacy lab up` share. */
import type { LabSecrets } from '../configure/cluster.ts';
import type { Identity } from '../hosts/prepare.ts';
import type { LabState } from '../state.ts';
import type { Topology } from '../topology.ts';

/** What `primacy lab up` is asked for. */
export interface LabOptions {
  readonly name: string;
  readonly nodes: number;
  readonly witness: boolean;
  readonly profile: LabState['profile'];
  readonly policy: LabState['policy'];
  readonly sync: boolean;
  /** False: keepalived with the article's scripts, and nothing of Primacy runs. */
  readonly agent: boolean;
  readonly adopt: boolean;
  readonly diskMegabytes: number | null;
  readonly jitterMs: number;
  /** True: one WAL archive, shared by all database hosts. */
  readonly archive: boolean;
  /** True: libfaketime under the services of database hosts. */
  readonly fakeClocks: boolean;
}

/** What is built where nothing else is asked for, but the name. */
export const DEFAULT_OPTIONS: Omit<LabOptions, 'name'> = {
  nodes: 2,
  witness: true,
  profile: 'fast',
  policy: 'approve',
  sync: false,
  agent: true,
  adopt: true,
  diskMegabytes: null,
  jitterMs: 0,
  archive: false,
  fakeClocks: false,
};

export interface Building<State extends LabState = LabState> {
  readonly state: State;
  readonly topology: Topology;
  readonly secrets: LabSecrets;
  /** Account that PostgreSQL runs under. */
  readonly postgres: Identity;
}

/** Told one line per finished step. */
export type Progress = (line: string) => void;
