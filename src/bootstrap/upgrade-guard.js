/** Decides whether an installation may go ahead although apt would touch packages that are there; the rule is "no", with one narrow exception. */

/**
 * @typedef {object} Guarded
 * @property {import('./dpkg.js').Change} change
 * @property {boolean} hasService the package carries a systemd unit or an init script
 * @property {boolean} sharesSource it is built from the same source package as one of the new packages
 */

/**
 * Why apt may not do it, as one sentence; null where it may.
 * Allowed is only a companion that runs nothing and must have the version of a new package because both are one source package:
 * openssh-server cannot be installed beside an older openssh-client. A package with a service would be restarted by its upgrade.
 * @param {readonly Guarded[]} touched
 * @returns {string | null}
 */
export function upgradeRefusal(touched) {
  const refused = touched.filter((it) => it.change.to === '' || it.hasService || !it.sharesSource);
  if (refused.length === 0) return null;
  const list = refused.map(({ change }) =>
    change.to === ''
      ? `${change.name} would be removed`
      : `${change.name} would go from ${change.from} to ${change.to}`,
  );
  return `Primacy does not change packages that are there, but ${list.join(', ')}; bring them up to date yourself, then run this again.`;
}
