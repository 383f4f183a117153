/** Marks across all panels at the moments that explain them. */
import { AnnotationQueryBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { NODE_SELECTOR } from './expressions.ts';
import { DATA_SOURCE, query } from './query.ts';

/** A mark wherever keepalived became MASTER: there the VIP moved. */
export function vipMoves(): AnnotationQueryBuilder {
  const expr = `increase(primacy_vrrp_became_master_total{${NODE_SELECTOR}}[$__rate_interval]) > 0`;
  return new AnnotationQueryBuilder()
    .name('VIP moved')
    .datasource(DATA_SOURCE)
    .enable(true)
    .iconColor('orange')
    .expr(expr)
    .target(query(expr, '{{node}}'))
    .titleFormat('VIP moved to {{node}}');
}
