/** What PostgreSQL is in this scrape: five series, exactly one of them 1. */
import { ROLES } from '../core/model/role.ts';
import { stateSet, type MetricSample } from './sample.ts';
import type { ScrapeView } from './view.ts';

/** The role as a state set; none on a witness, which has no PostgreSQL. */
export function pgRoleMetrics(view: ScrapeView): readonly MetricSample[] {
  return view.postgres === null ? [] : stateSet('primacy_pg_role', 'role', ROLES, view.postgres.role);
}
