/**
 * Who is there: the peers, and which of them are fit to be in one view with us.
 *
 *                      echo newer than the doubt,              silent, does not hear us,
 *     heartbeat        and steady if it was gone               died, our link is down
 *     ---------> heard -------------------------> connected ---------------------------> heard
 *                  |  silent for long, leaves, its name lives again
 *                  +------------------------------------------------> ended, forgotten
 *
 * What a newcomer gets wrong: being heard is not enough. A link that works one way only connects
 * nobody, or its two ends would disagree for ever about who is in the view.
 */
import type { Member } from './group.ts';
import { HEARD_MAX, type Heard, type Heartbeat, Row } from './packet.ts';
import { connects, makePeer, type Peer, takeHeartbeat } from './peer.ts';
import type { Post } from './post.ts';
import type { Endpoint, Hears } from './ring-events.ts';
import type { Timing } from './timing.ts';

/** A life that went away k times in this time must be steady 4^(k-1) times as long... */
const FLAP_MEMORY_MS = 60_000;
/** ... but never longer than this: somebody who mended the cable is watching. */
const STEADY_MS_MAX = 10_000;
/**
 * A member that is heard but does not answer, so often in this time, must be steady for this long:
 * most likely its large datagrams are lost (a wrong MTU), and each new try stops the group a while.
 */
const MUTE_COUNT = 3;
const MUTE_MEMORY_MS = 600_000;
const MUTE_STEADY_MS = 60_000;
/** A silent peer is forgotten, and with it how often it went away. */
const FORGET_MS = 60_000;
/**
 * Between two questions of where a peer is, for each that is silent; a tenth of its silence, if
 * that is longer. So nobody is waited for longer than a tenth of the time he was away, a dead one
 * costs next to nothing, and all together are ten a second (a switch that inspects ARP bears 15).
 */
const SEEK_MS = 100;
const SEEK_SHARE = 0.1;
/** Uptimes closer than this may look the other way round at the other one: boot ids decide. */
const UPTIME_BAND_MS = 1_000;

export type HearFault = 'own' | 'overtaken' | 'ended' | 'table-full';

export type DetectorOptions = {
  readonly self: Member;
  readonly timing: Timing;
  readonly startMs: number;
};

export class Detector {
  /** Something changed that may change whom to be in a view with. */
  changed = true;
  /** Another life of our name was here first. */
  out = false;
  linkUp = true;
  /** When `update` may find something new without a datagram. */
  dueMs = Number.POSITIVE_INFINITY;
  readonly #options: DetectorOptions;
  readonly #post: Post;
  readonly #peers = new Map<number, Peer>();
  #stamp = 0;

  constructor(options: DetectorOptions, post: Post) {
    this.#options = options;
    this.#post = post;
  }

  get peers(): Iterable<Peer> {
    return this.#peers.values();
  }

  peer(bootId: number): Peer | undefined {
    return this.#peers.get(bootId);
  }

  /** For the next heartbeat: how long we run, and later than the last. */
  nextStamp(nowMs: number): number {
    this.#stamp = Math.max(this.#stamp + 1, Math.floor(nowMs - this.#options.startMs));
    return this.#stamp;
  }

  /** @returns why the heartbeat says nothing, or null */
  hear(packet: Heartbeat, bootId: number, from: Endpoint, nowMs: number): HearFault | null {
    if (bootId === this.#options.self.bootId) return 'own';
    const known = this.#peers.get(bootId);
    const peer = known ?? this.#meet({ name: packet.name, bootId }, from);
    if (peer === null) return 'table-full';
    if (peer.ended !== null) return 'ended';
    if (packet.stamp <= peer.stamp) return 'overtaken';
    const wasSilent = this.#isSilent(peer, nowMs);
    const wasOut = peer.out;
    peer.at = from;
    peer.heardMs = nowMs;
    if (takeHeartbeat(peer, packet, this.#options.self.bootId) || wasSilent) this.changed = true;
    if (peer.out && !wasOut) {
      this.#post.report(`another ${packet.name}, at ${from}, stays out: this one was here first`);
    }
    if (known !== undefined && !packet.leaving) this.#seekAround(peer, wasSilent, nowMs);
    if (packet.leaving) this.#end(peer, 'it leaves', nowMs);
    else this.#endFormerLives(peer, nowMs);
    this.#judge(peer, nowMs);
    return null;
  }

  /** Its kernel says so. It counts again when it was heard both ways well after this. */
  died({ name, bootId }: Member, nowMs: number): void {
    const peer = this.#peers.get(bootId);
    if (peer === undefined || peer.member.name !== name || peer.ended !== null) return;
    if (peer.connected) this.#disconnect(peer, 'its process ended', nowMs);
    this.#doubt(peer, nowMs + this.#options.timing.steadyMs);
  }

  /** It is heard, but does not do its part: the group goes on without it for a while. */
  suspect(peer: Peer, why: string, nowMs: number): void {
    if (!peer.connected) return;
    keep(peer.muteMs, nowMs);
    this.#disconnect(peer, why, nowMs);
    this.#doubt(peer, nowMs);
  }

  link(up: boolean, nowMs: number): void {
    if (up === this.linkUp) return;
    this.linkUp = up;
    this.changed = true;
    this.#post.report(up ? 'our link is back' : 'our link is down');
    for (const peer of this.#peers.values()) {
      if (peer.connected) this.#disconnect(peer, 'our link is down', nowMs);
      this.#unhear(peer, nowMs);
    }
  }

  /** We did not run: whatever we knew is old, and it is not the peers' fault. */
  forgetAll(nowMs: number): void {
    this.changed = true;
    for (const peer of this.#peers.values()) {
      peer.connected = false;
      peer.everConnected = false;
      this.#unhear(peer, nowMs);
    }
  }

  /** Time in which we did not run does not count as their silence. */
  excuse(lateMs: number): void {
    for (const peer of this.#peers.values()) peer.heardMs += lateMs;
  }

  update(nowMs: number): void {
    this.dueMs = Number.POSITIVE_INFINITY;
    for (const peer of this.#peers.values()) {
      this.#judge(peer, nowMs);
      if (nowMs - peer.heardMs >= this.#forgetMs()) this.#forget(peer);
      else this.dueMs = Math.min(this.dueMs, this.#dueOf(peer, nowMs));
    }
    this.#seekSilent(nowMs);
    const out = this.#isOut(nowMs);
    if (out === this.out) return;
    this.out = out;
    this.changed = true;
    const { name } = this.#options.self;
    this.#post.report(out ? `another ${name} is in the group: we stay out` : `${name} is ours`);
  }

  /** Those that connect with us both ways in each other's eyes, one life of each name, by name. */
  neighbours(): readonly Peer[] {
    const byName = new Map<string, Peer>();
    for (const peer of this.#peers.values()) {
      if (!peer.connected || peer.member.name === this.#options.self.name) continue;
      if (!connects(peer, this.#options.self.bootId)) continue;
      const other = byName.get(peer.member.name);
      if (other === undefined || startMs(peer) < startMs(other)) byName.set(peer.member.name, peer);
    }
    return [...byName.values()].sort((a, b) => (a.member.name < b.member.name ? -1 : 1));
  }

  /** What our heartbeat says of others. */
  heard(taken: ReadonlySet<number>, nowMs: number): Heard[] {
    const heard: Heard[] = [];
    for (const { member, stamp, connected, ended, heardMs } of this.#peers.values()) {
      if (ended !== null || nowMs - heardMs >= this.#options.timing.silenceMs) continue;
      const flags = (connected ? Row.connected : 0) + (taken.has(member.bootId) ? Row.taken : 0);
      if (heard.length < HEARD_MAX) heard.push({ bootId: member.bootId, echo: stamp, flags });
    }
    return heard;
  }

  hears(inView: (member: Member) => boolean): Hears[] {
    return [...this.#peers.values()]
      .filter(({ ended, heardMs }) => ended === null && heardMs > Number.NEGATIVE_INFINITY)
      .map((peer) => ({
        member: peer.member,
        at: peer.at,
        heardMs: peer.heardMs,
        bothWays: peer.bothWaysMs !== null,
        inView: inView(peer.member),
      }));
  }

  /** Heard, but not connected yet in its eyes and in ours: it may be in a moment. */
  isComing(peer: Peer, nowMs: number): boolean {
    const met = peer.connected && connects(peer, this.#options.self.bootId);
    return peer.ended === null && !peer.out && !met && !this.#isSilent(peer, nowMs);
  }

  /**
   * Heard both ways, and not trusted by us or by it, as one of us has seen the other one go: that
   * is over in `STEADY_MS_MAX`. Not those that are trusted less for being mute.
   */
  coming(nowMs: number): Peer[] {
    return [...this.#peers.values()].filter((peer) => {
      const willBe = peer.bothWaysMs !== null && !this.#isMute(peer, nowMs);
      return willBe && this.isComing(peer, nowMs);
    });
  }

  /** It is heard: does it hear us? If it was away, perhaps we were: others may be there, too. */
  #seekAround(peer: Peer, wasSilent: boolean, nowMs: number): void {
    if (peer.echo >= peer.echoFrom) peer.deafMs = null;
    else {
      if (wasSilent) peer.deafMs = null;
      peer.deafMs ??= nowMs;
      this.#seek(peer, SEEK_SHARE * (nowMs - peer.deafMs), nowMs);
    }
    if (!wasSilent) return;
    for (const other of this.#peers.values()) {
      if (this.#isSilent(other, nowMs)) this.#seek(other, 0, nowMs);
    }
  }

  #seekSilent(nowMs: number): void {
    if (!this.linkUp) return;
    const silent = [...this.#peers.values()].filter((peer) => this.#isSilent(peer, nowMs));
    for (const peer of silent) {
      const shareMs = SEEK_SHARE * (nowMs - peer.heardMs);
      this.#seek(peer, Math.max(SEEK_MS * silent.length, shareMs), nowMs);
    }
  }

  #seek(peer: Peer, everyMs: number, nowMs: number): void {
    if (peer.ended !== null || nowMs - peer.soughtMs < Math.max(SEEK_MS, everyMs)) return;
    peer.soughtMs = nowMs;
    this.#post.add({ kind: 'seek', at: peer.at });
  }

  #meet(member: Member, at: Endpoint): Peer | null {
    if (this.#peers.size >= HEARD_MAX) this.#forgetOne();
    if (this.#peers.size >= HEARD_MAX) return null;
    const peer = makePeer(member, at, this.#stamp);
    this.#peers.set(member.bootId, peer);
    this.changed = true;
    this.#post.add({ kind: 'met', member, at });
    return peer;
  }

  #judge(peer: Peer, nowMs: number): void {
    const why = this.#whyApart(peer, nowMs);
    if (why !== null) {
      if (peer.bothWaysMs !== null) this.changed = true;
      peer.bothWaysMs = null;
      if (peer.connected) this.#disconnect(peer, why, nowMs);
      return;
    }
    if (peer.bothWaysMs === null) this.changed = true;
    peer.bothWaysMs ??= nowMs;
    if (peer.connected || nowMs - peer.bothWaysMs < this.#steadyMs(peer, nowMs)) return;
    this.#post.report(`${peer.member.name} is ${peer.everConnected ? 'back' : 'here'}`);
    peer.connected = true;
    peer.everConnected = true;
    this.changed = true;
  }

  #whyApart(peer: Peer, nowMs: number): string | null {
    if (peer.ended !== null) return peer.ended;
    if (this.#isSilent(peer, nowMs)) return `silent for ${Math.round(nowMs - peer.heardMs)} ms`;
    if (peer.out) return 'it stays out';
    return peer.echo < peer.echoFrom ? 'it does not hear us' : null;
  }

  #isSilent(peer: Peer, nowMs: number): boolean {
    return nowMs - peer.heardMs >= this.#options.timing.silenceMs;
  }

  #steadyMs(peer: Peer, nowMs: number): number {
    if (!peer.everConnected) return 0;
    if (this.#isMute(peer, nowMs)) return MUTE_STEADY_MS;
    const flaps = peer.goneMs.filter((atMs) => nowMs - atMs < FLAP_MEMORY_MS).length;
    const steadyMs = this.#options.timing.steadyMs * 4 ** Math.max(0, flaps - 1);
    return Math.min(steadyMs, Math.max(STEADY_MS_MAX, this.#options.timing.steadyMs));
  }

  #isMute(peer: Peer, nowMs: number): boolean {
    return peer.muteMs.filter((atMs) => nowMs - atMs < MUTE_MEMORY_MS).length >= MUTE_COUNT;
  }

  #disconnect(peer: Peer, why: string, nowMs: number): void {
    peer.connected = false;
    peer.bothWaysMs = null;
    keep(peer.goneMs, nowMs);
    this.changed = true;
    this.#post.report(`${peer.member.name} is gone: ${why}`);
  }

  /** Only what it heard of us after this counts. */
  #doubt(peer: Peer, fromMs: number): void {
    peer.bothWaysMs = null;
    const uptimeMs = Math.ceil(fromMs - this.#options.startMs);
    peer.echoFrom = Math.max(peer.echoFrom, this.#stamp + 1, uptimeMs);
  }

  #unhear(peer: Peer, nowMs: number): void {
    // Kept finite for `forget`, which counts from here.
    peer.heardMs = Math.min(peer.heardMs, nowMs - this.#options.timing.silenceMs);
    this.#doubt(peer, nowMs);
  }

  /**
   * A socket has one owner. So when two lives of a name speak from one endpoint and this one has
   * heard us since we met the other, that other one is over. The order in which datagrams arrive
   * proves nothing: one of a life that ended may arrive last.
   */
  #endFormerLives(peer: Peer, nowMs: number): void {
    for (const other of this.#peers.values()) {
      if (other === peer || other.ended !== null || other.at !== peer.at) continue;
      if (other.member.name !== peer.member.name || peer.echo <= other.metStamp) continue;
      this.#end(other, 'it was started again', nowMs);
    }
  }

  /** The entry stays a while, so that datagrams still on their way do not bring it back. */
  #end(peer: Peer, why: string, nowMs: number): void {
    peer.ended = why;
    if (peer.connected) this.#disconnect(peer, why, nowMs);
    this.#post.add({ kind: 'forget', member: peer.member });
  }

  /** A daemon that is started again and again leaves lives behind faster than they are lost. */
  #forgetOne(): void {
    let oldest: Peer | null = null;
    for (const peer of this.#peers.values()) {
      if (!peer.connected && peer.heardMs < (oldest?.heardMs ?? Number.POSITIVE_INFINITY)) {
        oldest = peer;
      }
    }
    if (oldest !== null) this.#forget(oldest);
  }

  #forget(peer: Peer): void {
    this.#peers.delete(peer.member.bootId);
    if (peer.ended === null) this.#post.add({ kind: 'forget', member: peer.member });
  }

  #forgetMs(): number {
    return Math.max(FORGET_MS, 10 * this.#options.timing.silenceMs);
  }

  #dueOf(peer: Peer, nowMs: number): number {
    if (peer.ended !== null || this.#isSilent(peer, nowMs)) return Number.POSITIVE_INFINITY;
    const silentMs = peer.heardMs + this.#options.timing.silenceMs;
    if (peer.connected || peer.bothWaysMs === null) return silentMs;
    return Math.min(silentMs, peer.bothWaysMs + this.#steadyMs(peer, nowMs));
  }

  /** Both of a name see the same two uptimes, and the younger one stays out. */
  #isOut(nowMs: number): boolean {
    const { self, startMs: selfStartMs } = this.#options;
    for (const peer of this.#peers.values()) {
      if (peer.member.name !== self.name || peer.ended !== null || peer.out) continue;
      if (this.#isSilent(peer, nowMs)) continue;
      const olderMs = selfStartMs - startMs(peer);
      if (olderMs > UPTIME_BAND_MS) return true;
      if (olderMs > -UPTIME_BAND_MS && peer.member.bootId < self.bootId) return true;
    }
    return false;
  }
}

/** More of them would not make any wait longer. */
function keep(times: number[], nowMs: number): void {
  times.push(nowMs);
  if (times.length > 16) times.shift();
}

/** When it started, on our clock, give or take the way of a datagram. */
function startMs(peer: Peer): number {
  return peer.heardMs - peer.stamp;
}
