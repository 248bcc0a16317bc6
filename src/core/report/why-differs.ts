/**
 * Whether a chain that is asked again says what happened, and if not, what may be the reason.
 *
 * What a newcomer gets wrong: compared is whom the chain chose, not who served in the end. That may
 * be one tried later, when the first took no connection.
 */
import { builtinNamed } from '../candidacy/builtins.ts';
import type { Candidacy } from '../candidacy/candidates.ts';
import type { KeptRequest } from './request-record.ts';
import type { WhyAnswer, WhyChain, WhyDiffers } from './why-answer.ts';

export type Again = {
  readonly told: WhyChain | null;
  readonly way: WhyAnswer['way'];
  readonly chain: readonly Candidacy[] | null;
};

export function differsOf(kept: KeptRequest, { told, way, chain }: Again): WhyDiffers | null {
  const { record } = kept;
  const winner = told?.winner ?? null;
  if (winner === record.chosen && way === record.way) return null;
  const say = (who: string | null, what: string): string =>
    who === null ? what : `${who} (${what})`;
  const because: string[] = [];
  const { functions = [] } = told ?? {};
  const has = (name: string): boolean => functions.some((one) => one.split(' ')[0] === name);
  if (has('byRandom') && kept.seed === 0) because.push('byRandom drew other numbers');
  const own = chain?.filter(({ figure, name }) => figure === undefined && isOwn(name)) ?? [];
  for (const { name } of own) {
    because.push(`${name} is a function of your own, which may depend on more than the request`);
  }
  if (has('addPrediction')) {
    because.push('addPrediction counts requests sent since, and the table is of another moment');
  }
  if (told !== null) {
    because.push(
      told.tableOfThen
        ? 'figures may have moved between the picture of the table and the request'
        : 'the table of that time is no longer kept: this one is of now',
    );
  }
  if (kept.cut) because.push('the head was too long to be kept whole');
  if (kept.credentials) because.push('credentials are never kept, and a function may look at them');
  because.push('the configuration may have been changed since');
  const text = `asked again: ${say(winner, way)}; it was: ${say(record.chosen, record.way)}`;
  return { text, because };
}

function isOwn(name: string): boolean {
  return builtinNamed(name.split(' ')[0]!) === null;
}
