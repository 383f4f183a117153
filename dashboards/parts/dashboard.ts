/** What both dashboards have in common: identity, refresh, links to each other, and not editable in place. */
import {
  DashboardBuilder,
  DashboardLinkBuilder,
  DashboardLinkType,
} from '@grafana/grafana-foundation-sdk/dashboard';

const TAG = 'primacy';

/** A read-only dashboard with a stable address, that refreshes every ten seconds and links to its sisters by tag. */
export function emptyDashboard(title: string, uid: string, description: string): DashboardBuilder {
  return new DashboardBuilder(title)
    .id(null)
    .uid(uid)
    .description(description)
    .tags(['postgresql', 'ha', TAG])
    .readonly()
    .timezone('browser')
    .refresh('10s')
    .time({ from: 'now-30m', to: 'now' })
    .link(
      new DashboardLinkBuilder('Primacy')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .includeVars(true)
        .keepTime(true),
    );
}
