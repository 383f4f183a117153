/** The families of the configuration, in the words that other exporters use for theirs. */
import { gauge, type MetricFamily } from './metric-family.ts';

export const configFamilies: readonly MetricFamily[] = [
  gauge(
    'primacy_config_last_reload_successful',
    [],
    '1 where the last reload of the configuration was taken, or none was asked for; 0 where the file was refused and the old one stays.',
  ),
  gauge(
    'primacy_config_last_reload_success_timestamp_seconds',
    [],
    'When the running configuration was read: at the start, or by a reload.',
  ),
];
