/** Looks whether what keepalived depends on is still as it must be, because keepalived itself fails open without a word. */
import type { Known } from '../../core/model/known.ts';

export const KEEPALIVED_CHECKS = ['config_file', 'track_file', 'script'] as const;

export interface KeepalivedCheck {
  readonly check: (typeof KEEPALIVED_CHECKS)[number];
  readonly intact: Known<boolean>;
}
