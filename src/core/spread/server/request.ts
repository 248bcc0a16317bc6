/**
 * What a client asks for, checked: one of these, or the end of its session.
 *
 * What a newcomer gets wrong: nothing is answered. A frame that is not legal ends the session, as
 * with the C daemon; the code is for our log, there is no place for it on the wire.
 */
import { CODE, MEMBERSHIP_MASK, REQUEST, SELF_DISCARD, SERVICE_MASK } from '../constants.ts';
import type { Frame, FrameFault } from '../frame.ts';
import { isLegalGroup, isLegalTarget } from '../names.ts';

export type Request = 'join' | 'leave' | 'quit' | 'multicast';

const REQUESTS: Readonly<Record<number, Exclude<Request, 'multicast'>>> = {
  [REQUEST.join]: 'join',
  [REQUEST.leave]: 'leave',
  [REQUEST.kill]: 'quit',
};

/** @param self the private name of the session it came from */
export function requestOf(frame: Frame, self: string): Request | FrameFault {
  const { type, sender, groups, data } = frame;
  if (sender !== self) return { code: CODE.illegalSession, reason: 'it sends as somebody else' };
  const asked = REQUESTS[type];
  if (asked === undefined) return multicastOf(frame);
  const [group = '', ...more] = groups;
  const legal = asked === 'quit' ? group === self : isLegalGroup(group);
  if (!legal || more.length > 0) return { code: CODE.illegalGroup, reason: `no group to ${asked}` };
  if (data.length === 0) return asked;
  return { code: CODE.illegalMessage, reason: `data in what asks to ${asked}` };
}

function multicastOf({ type, groups }: Frame): Request | FrameFault {
  const service = type & SERVICE_MASK;
  const isOne = service !== 0 && (service & (service - 1)) === 0;
  if (!isOne || (type & ~(SERVICE_MASK | SELF_DISCARD)) !== 0) {
    const kind = (type & MEMBERSHIP_MASK) !== 0 ? 'a membership' : 'not one service';
    return { code: CODE.illegalService, reason: `type 0x${type.toString(16)} is ${kind}` };
  }
  const wrong = groups.find((group) => !isLegalTarget(group));
  if (wrong === undefined) return 'multicast';
  return { code: CODE.illegalGroup, reason: `"${wrong}" is no group and no private name` };
}
