/**
 * `npm start`: the article's closing test on this computer, with a power switch for each machine.
 *
 *     npm start                          example 3: two directors, four addresses, five shops
 *     npm start -- --example 1           example 1: one director in front of four shops
 *     npm start -- --lab                 example 3 in namespaces, with real addresses (root)
 *     npm start -- --ready-file PATH     writes there what it has once it serves
 *
 * What a newcomer gets wrong: example 3 wants many loopback addresses. Where there is one only, as
 * on macOS, example 1 is what there is.
 */
import { parseArgs } from 'node:util';
import { sayAndExit } from './say.ts';

const USAGE = 'usage: npm start -- [--example 1|3] [--lab] [--ready-file PATH]';

const { example, lab, readyFile } = optionsOf();
if (lab) {
  const { startLab } = await import('./site/lab.ts');
  await startLab(readyFile);
} else if (example === '3') {
  const { startSite } = await import('./site/start.ts');
  await startSite(readyFile);
} else {
  const { startExample1 } = await import('./example1.ts');
  await startExample1(readyFile);
}

function optionsOf() {
  try {
    const { values } = parseArgs({
      options: {
        example: { type: 'string', default: process.platform === 'linux' ? '3' : '1' },
        lab: { type: 'boolean', default: false },
        'ready-file': { type: 'string' },
      },
    });
    if (!['1', '3'].includes(values.example)) throw new Error('there are examples 1 and 3');
    return {
      example: values.example,
      lab: values.lab,
      readyFile: values['ready-file'] ?? null,
    };
  } catch (error) {
    return sayAndExit(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  }
}
