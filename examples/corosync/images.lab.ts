/** The article's second example on Corosync, on one machine: four image servers, four addresses. */
import { defineLab } from 'forehand';

const images = (address: string) => ({
  plugs: { lan: address },
  run: ['forehand.config.ts'],
  programs: [['sh', './start-corosync.sh']],
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
