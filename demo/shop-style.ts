/** The look of the shop. */

export const SHOP_STYLE = `
:root { color-scheme: light dark; --ink: #2a2420; --soft: #75695f; --paper: #fbf7f0;
  --card: #fff; --line: #e7ddcf; --accent: #8c3b2a; --on-accent: #fff; --note: #fff1cf;
  --note-line: #d9a520 }
@media (prefers-color-scheme: dark) { :root { --ink: #efe6da; --soft: #a99d8f; --paper: #181512;
  --card: #221e1a; --line: #3a332c; --accent: #e08e73; --on-accent: #1c1310; --note: #3b2f12;
  --note-line: #b98d22 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; color: var(--ink);
  background: var(--paper); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif }
a { color: var(--accent) }
header, main, footer > div { width: 100%; max-width: 66rem; margin: 0 auto; padding: 0 1.25rem }
header { display: flex; align-items: baseline; justify-content: space-between; gap: 1rem;
  padding-block: 1.4rem 1rem }
.name { font: 600 1.55rem/1.1 Georgia, "Times New Roman", serif; color: inherit;
  text-decoration: none }
.name small { display: block; font: .85rem/1.4 system-ui, sans-serif; color: var(--soft) }
nav a { text-decoration: none; font-weight: 600; white-space: nowrap }
.count { background: var(--accent); color: var(--on-accent); border-radius: 1rem;
  padding: .05rem .55rem; font-size: .85rem; margin-left: .25rem }
main { flex: 1 }
h1 { font: 600 1.7rem/1.2 Georgia, serif; margin: .6rem 0 1.1rem }
.books { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: 1.2rem;
  list-style: none; padding: 0; margin: 0 0 2rem }
.books li { background: var(--card); border: 1px solid var(--line); border-radius: .7rem;
  padding: 1rem; display: flex; flex-direction: column }
.books svg { width: 62%; margin: 0 auto 1rem; border-radius: 2px 5px 5px 2px;
  box-shadow: 0 6px 14px rgb(0 0 0 / .25) }
.books h2 { font: 600 1.08rem/1.25 Georgia, serif; margin: 0 }
.books p { margin: .1rem 0 .8rem; color: var(--soft); font-size: .9rem }
.buy { margin-top: auto; display: flex; justify-content: space-between; align-items: center }
.price { font-weight: 600; font-variant-numeric: tabular-nums }
button { font: 600 .92rem/1 system-ui, sans-serif; padding: .6rem .9rem; border-radius: .45rem;
  border: 1px solid var(--accent); background: var(--accent); color: var(--on-accent);
  cursor: pointer; white-space: nowrap }
button.quiet { background: none; color: var(--accent); padding: .4rem .65rem }
button:focus-visible, a:focus-visible { outline: 3px solid var(--note-line); outline-offset: 2px }
.panel > p:first-child { margin-top: 0 } .panel > p:last-child { margin-bottom: 0 }
.panel { background: var(--card); border: 1px solid var(--line); border-radius: .7rem;
  padding: 1.2rem; margin-bottom: 2rem }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { padding: .6rem .3rem; text-align: left; border-bottom: 1px solid var(--line) }
tfoot th, tfoot td { border: 0; font-size: 1.1rem; font-weight: 700 }
.n { text-align: right } td form { display: inline }
.actions { display: flex; gap: 1rem; align-items: center; justify-content: flex-end;
  margin-top: 1rem }
.note { background: var(--note); border: 1px solid var(--note-line); border-radius: .6rem;
  padding: .9rem 1.1rem; margin: .4rem 0 1.2rem; display: flex; gap: 1rem; align-items: center;
  justify-content: space-between }
.note p { margin: 0 }
footer { border-top: 1px solid var(--line); color: var(--soft); font-size: .9rem }
footer > div { display: flex; flex-wrap: wrap; gap: .3rem 1.5rem; justify-content: space-between;
  padding-block: .9rem 1.3rem }
footer b { color: var(--ink) }
@media (max-width: 30rem) { .books { grid-template-columns: 1fr 1fr; gap: .7rem }
  header, main, footer > div { padding-inline: .8rem } .books li { padding: .7rem }
  .buy { flex-direction: column; align-items: stretch; gap: .5rem }
  .note { flex-direction: column; align-items: flex-start }
  .name { font-size: 1.2rem } .author { display: none } .panel { padding: .7rem } }
`;
