/**
 * `examples/site/site.lab.ts`, with the shop of the demo as the web machines' application, and
 * somebody who carries the visitor's browser into it.
 */
import { defineLab } from 'forehand';
import site from '../../examples/site/site.lab.ts';
import { placeOf } from '../carts.ts';
import type { ShopOptions } from '../shop.ts';

/** Applications listen there, as the article has it. */
const SHOP = { host: '127.0.0.1', port: 8080 };

const addressOf = (name: string): string => site.machines[name]!.plugs['site']!;
const web = Object.keys(site.machines).filter((name) => name.startsWith('www'));
const places = Object.fromEntries(web.map((name) => [placeOf(addressOf(name)), name]));

function shopOf(name: string): ShopOptions {
  return {
    name,
    place: placeOf(addressOf(name)),
    ...SHOP,
    machines: places,
    loadFile: '/run/load',
  };
}

const shops = web.map((name) => {
  const programs = [['node', './../shop.ts', JSON.stringify(shopOf(name))]];
  return [name, { ...site.machines[name]!, programs }] as const;
});
const client = site.machines['client']!;

export default defineLab({
  ...site,
  machines: {
    ...site.machines,
    ...Object.fromEntries(shops),
    client: {
      ...client,
      programs: [...(client.programs ?? []), ['node', './porter.ts', '/run/porter']],
    },
  },
});
