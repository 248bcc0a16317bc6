/**
 * Picks the reactor. `epoll` needs Linux and `node:ffi`; everywhere else, and wherever that cannot
 * be loaded, `uv` does the same work with more CPU time.
 */
import type { Reactor } from './reactor.ts';

/** @param wanted `auto` takes the fastest that there is; a named one that cannot be had throws. */
export async function makeReactor(wanted: 'auto' | 'epoll' | 'uv'): Promise<Reactor> {
  if (wanted === 'uv' || (wanted === 'auto' && process.platform !== 'linux')) return uv();
  try {
    // Imported here, as it opens libc's symbols when it is loaded.
    const { EpollReactor } = await import('./epoll.ts');
    return new EpollReactor();
  } catch (error) {
    if (wanted === 'epoll') throw error;
    return uv();
  }
}

async function uv(): Promise<Reactor> {
  const { UvReactor } = await import('./uv.ts');
  return new UvReactor();
}
