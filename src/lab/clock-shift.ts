/**
 * Loaded in front of a daemon in the lab: its time of day is off by what a file says.
 *
 * A namespace has no time of day of its own, so it is JavaScript's that is moved. What a newcomer
 * gets wrong: only `Date` is. Nothing that decides who holds an address reads it, and that is what
 * the switch is there to show.
 */
import { readFileSync } from 'node:fs';

const LOOK_MS = 100;

const file = process.env['FOREHAND_LAB_CLOCK'];
const RealDate = Date;
let offsetMs = 0;
let lookedMs = Number.NEGATIVE_INFINITY;

function nowMs(): number {
  const monotonicMs = performance.now();
  if (monotonicMs - lookedMs > LOOK_MS) {
    lookedMs = monotonicMs;
    offsetMs = readOffset();
  }
  return RealDate.now() + offsetMs;
}

function readOffset(): number {
  try {
    return Number(readFileSync(file ?? '', 'utf8')) || 0;
  } catch {
    return 0;
  }
}

class ShiftedDate extends RealDate {
  constructor(...parts: [] | ConstructorParameters<typeof RealDate>) {
    if (parts.length === 0) super(nowMs());
    else super(...(parts as [number]));
  }

  static override now(): number {
    return nowMs();
  }
}

if (file !== undefined) globalThis.Date = ShiftedDate as DateConstructor;
