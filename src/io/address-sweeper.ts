/**
 * Takes down what a node has left: its addresses, by name and by label.
 *
 * What a newcomer gets wrong: the socket is opened long before. When the node has died there is no
 * time for anything that may fail or wait, such as a descriptor that is not free.
 */
import type { InterfaceAddress, PortError } from './address-port.ts';
import { KernelTable } from './kernel-table.ts';

export type Swept = {
  readonly removed: readonly InterfaceAddress[];
  readonly problems: readonly string[];
};

export class AddressSweeper {
  readonly #table: KernelTable;
  readonly #interfaces: ReadonlySet<string>;

  /** @param interfaces others are left alone: another cluster may live on them */
  static open(interfaces: readonly string[]): AddressSweeper | PortError {
    const table = KernelTable.open();
    if ('code' in table) return table;
    const problem = table.refreshLinks();
    if (problem === null) return new AddressSweeper(table, new Set(interfaces));
    table.close();
    return problem;
  }

  private constructor(table: KernelTable, interfaces: ReadonlySet<string>) {
    this.#table = table;
    this.#interfaces = interfaces;
  }

  /** @param known what the node has told of: gone first, without looking for it */
  sweep(known: readonly InterfaceAddress[]): Swept {
    const problems: string[] = [];
    const remove = (address: InterfaceAddress): boolean => {
      const outcome = this.#table.remove(address);
      if (typeof outcome !== 'string') problems.push(outcome.text);
      return outcome === 'removed';
    };
    const removed = known.filter(remove);
    const ours = this.#table.ours();
    if ('code' in ours) return { removed, problems: [...problems, ours.text] };
    const left = ours.filter(({ interface: name }) => this.#interfaces.has(name));
    return { removed: [...removed, ...left.filter(remove)], problems };
  }

  close(): void {
    this.#table.close();
  }
}
