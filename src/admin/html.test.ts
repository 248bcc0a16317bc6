/** Goal: nothing that is put into a piece of HTML becomes markup. */
import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { escapeHtml, html } from './html.ts';

const TEXTS: readonly [text: string, escaped: string][] = [
  ['www1', 'www1'],
  ['<script>', '&lt;script&gt;'],
  ['a" onload="b', 'a&quot; onload=&quot;b'],
  ["it's & so", 'it&#39;s &amp; so'],
  ['&lt;', '&amp;lt;'],
  ['a\n\tb', 'a\n\tb'],
  ['a\0b\x1b[31m\x85', 'a\ufffdb\ufffd[31m\ufffd'],
  ['Köln 🐘', 'Köln 🐘'],
];

test('escapeHtml() leaves no markup and no control characters', () => {
  for (const [text, escaped] of TEXTS) equal(escapeHtml(text), escaped);
});

test('html`` escapes text and numbers, and keeps what is HTML already', () => {
  const items = ['<a>', 'b'].map((item) => html`<li>${item}</li>`);
  equal(String(html`<ul>${items}</ul>${1}`), '<ul><li>&lt;a&gt;</li><li>b</li></ul>1');
});
