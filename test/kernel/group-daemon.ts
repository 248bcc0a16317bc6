/**
 * The Spread daemon of one machine, started as a node starts it: its options are its argument, as
 * JSON. It ends with its standard input.
 */
import { AddressFigures, FIGURES_BYTES } from '../../src/core/address/figures.ts';
import { SpreadService, type SpreadServiceOptions } from '../../src/node/spread/spread-service.ts';

const options: SpreadServiceOptions = JSON.parse(process.argv[2]!);
const service = new SpreadService(options, {
  log: (text) => process.stderr.write(`${text}\n`),
  figures: new AddressFigures(new SharedArrayBuffer(FIGURES_BYTES)),
});
process.stdin.resume().once('end', () => void service.stop());
