/** Example 3 on the loopback, in a browser. */
import './site.suite.ts';
