/** What each zone has to say of a request, in words: for `forehand why`. */
import type { ZoneScope } from '../cluster/config.ts';
import type { ResolvedZone, ZoneLook } from '../zone/zone-of.ts';
import type { WhyZone } from './why-answer.ts';

export function zonesOf(looks: readonly ZoneLook[], resolved: ResolvedZone | null): WhyZone[] {
  const decisive = looks.find(({ decides }) => decides)?.zone.name ?? null;
  return looks.map(({ zone, missed, file, decides }) => {
    const { name } = zone;
    if (missed !== null) {
      return { name, applies: false, text: `no: ${missText(missed, resolved?.path ?? '', file)}` };
    }
    const says = [
      zone.handler === 'status' ? 'the status page answers' : null,
      zone.handler === 'none' ? 'no status page' : null,
      zone.chain?.length === 0 ? 'not balanced' : null,
      zone.chain !== null && zone.chain.length > 0 ? 'has a chain' : null,
      zone.selfRedirect === null ? null : `self-redirect ${zone.selfRedirect ? 'on' : 'off'}`,
    ].filter((word) => word !== null);
    const isStatus = resolved?.handler === 'status';
    const word = decides && !isStatus ? 'decides' : 'applies';
    const overridden =
      zone.chain !== null && !decides && decisive !== null ? `, overridden by ${decisive}` : '';
    const what = says.length === 0 ? 'says nothing of balancing' : says.join(', ');
    return {
      name,
      applies: true,
      text: `${word}: ${what}${overridden}`,
    };
  });
}

function missText({ kind, match }: ZoneScope, path: string, file: string | null): string {
  const isOnFiles = kind !== 'location' && kind !== 'files';
  const what = isOnFiles ? (file === null ? null : `the file ${file}`) : `the path ${path}`;
  if (what === null) return 'it looks at directories, and no document root says where files are';
  switch (match.kind) {
    case 'everything':
      return `${what} is not in it`;
    case 'prefix':
      return kind === 'files'
        ? `${what} does not end in ${match.path}`
        : `${what} is not ${belowText(match.path)}`;
    case 'glob':
      return `${what} does not match ${match.pattern}`;
    case 'regex':
      return `${what} does not match /${match.source}/`;
  }
}

function belowText(path: string): string {
  return `${path} or below it`;
}
