/**
 * Whether the application can serve, judged from connection attempts to it.
 *
 *            failure (FALL in a row)
 *     up ─────────────────────────────► sick
 *      ▲                                 │
 *      └──────── success (RISE) ─────────┘
 *
 * What a newcomer gets wrong: one failure is enough to fall when clients met it too, because a
 * refused connection on the own machine is no lost packet; coming back takes two, so that an
 * application that crashes at its first request does not flap.
 */
export const FALL = 1;
export const RISE = 2;

export type Health = {
  readonly sick: boolean;
  /** Attempts in a row that speak against the present state. */
  readonly against: number;
};

/** An application that has not been tried yet gets the benefit of the doubt. */
export const HEALTHY: Health = { sick: false, against: 0 };

export function judged(health: Health, connected: boolean): Health {
  if (connected !== health.sick) return health.against === 0 ? health : { ...health, against: 0 };
  const against = health.against + 1;
  if (against < (health.sick ? RISE : FALL)) return { ...health, against };
  return { sick: !health.sick, against: 0 };
}
