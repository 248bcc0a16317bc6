/**
 * Who says what is to be held, as the address service sees it.
 *
 * What a newcomer gets wrong: our own keeper knows nothing of the group that carries what it says
 * (node/engine/node-group.ts). As a member of an old group (node/wackamole) the two are one, since
 * there every message has its own meaning.
 */
import type { Keeper } from '../../core/address/keeper.ts';

export type AddressKeeper = Pick<Keeper, 'step' | 'knows' | 'status' | 'causeOf' | 'whyNoMove'>;
