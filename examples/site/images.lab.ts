/**
 * The article's second example on one machine: four image servers that share four addresses, with
 * its configuration file as it is.
 */
import { defineLab } from 'forehand';

const images = (address: string) => ({
  plugs: { lan: address },
  run: ['../../test/fixtures/article/images.wackamole.conf'],
});

export default defineLab({
  networks: { lan: '192.168.100.0/24' },
  machines: {
    images1: images('192.168.100.183'),
    images2: images('192.168.100.184'),
    images3: images('192.168.100.185'),
    images4: images('192.168.100.186'),
    client: { plugs: { lan: '192.168.100.1' } },
  },
});
