/** The article's closing test: press the power switches of some machines and look what clients see. */
import { defineDrill } from 'forehand';

export default defineDrill({
  lab: './site.lab.ts',
  load: {
    from: 'client',
    perSecond: 500,
    targets: [180, 181, 182, 183].map((host) => `http://195.5.3.${host}/`),
  },
  lastS: 300,
  events: [
    { atS: 20, do: 'off director1' },
    { atS: 40, do: 'on director1' },
    { atS: 60, do: 'off www1' },
    { atS: 75, do: 'on www1' },
    { atS: 90, do: 'off director2' },
    { atS: 110, do: 'on director2' },
    { atS: 130, do: 'off www2' },
    { atS: 145, do: 'on www2' },
    { atS: 160, do: 'drain director1' },
    { atS: 170, do: 'resume director1' },
    { atS: 180, do: 'reload director2' },
    { atS: 190, do: 'off www3' },
    { atS: 205, do: 'on www3' },
    { atS: 220, do: 'off www4' },
    { atS: 235, do: 'on www4' },
    { atS: 250, do: 'drain www5' },
    { atS: 258, do: 'resume www5' },
    { atS: 265, do: 'off www5' },
    { atS: 280, do: 'on www5' },
  ],
});
