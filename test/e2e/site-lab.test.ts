/** Example 3 in the lab, with real addresses and ARP, in a browser of the host. */
process.env['FOREHAND_DEMO'] = '--lab';
await import('./site.suite.ts');
