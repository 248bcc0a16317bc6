/**
 * The pages of the shop, and on each of them which machine made it.
 *
 * What a newcomer gets wrong: the note about a lost cart stays until the customer says that it was
 * read. A note shown once is a note that a reload has taken away.
 */
import { Html, html } from '../src/admin/html.ts';
import { copiesIn, type Session } from './carts.ts';
import { BOOKS, type Book, bookOf } from './catalogue.ts';
import { SHOP_STYLE } from './shop-style.ts';

export type View = {
  readonly machine: string;
  readonly address: string;
  readonly session: Session | null;
};

export function cataloguePage(view: View): string {
  return page(
    view,
    'Books',
    html`<h1>Books that stay</h1><ul class="books">${BOOKS.map(bookItem)}</ul>`,
  );
}

export function cartPage(view: View): string {
  const lines = linesOf(view.session);
  if (lines.length === 0) {
    const empty = html`<h1>Your cart</h1><div class="panel"><p>It is empty.
<a href="/">Look at the books.</a></p></div>`;
    return page(view, 'Your cart', empty);
  }
  const rows = lines.map(
    ({ book, copies }) => html`<tr><td>${book.title} <span class="author">
${book.author}</span></td><td class="n">${copies}</td><td class="n">${price(book.cents * copies)}
</td><td class="n">${cartForm(book, 'in', '+', `One more of ${book.title}`)}
${cartForm(book, 'out', '−', `One less of ${book.title}`)}</td></tr>
`,
  );
  const body = html`<h1>Your cart</h1><div class="panel"><table>
<thead><tr><th scope="col">Book</th><th scope="col" class="n">Copies</th>
<th scope="col" class="n">Price</th><th></th></tr></thead><tbody>${rows}</tbody>
<tfoot><tr><th scope="row" colspan="2">Total</th><td class="n">${price(totalOf(lines))}</td>
<td></td></tr></tfoot></table>
<div class="actions"><a href="/">More books</a>
<form method="post" action="/order"><button>Order and pay</button></form></div></div>`;
  return page(view, 'Your cart', body);
}

export function orderPage(view: View): string {
  const lines = linesOf(view.session);
  const total = price(totalOf(lines));
  const number = (view.session?.id ?? '').slice(8, 14).toUpperCase();
  const books = lines.map(({ book, copies }) => html`<li>${copies} × ${book.title}</li>`);
  const thanks = html`<h1>Thank you</h1><div class="panel"><p>Order <b>${number}</b> over
<b>${total}</b> is on its way:</p><ul>${books}</ul><p><a href="/">Back to the books</a></p></div>`;
  return page({ ...view, session: null }, 'Thank you', thanks);
}

export function workPage(view: View): string {
  const done = html`<h1>Done</h1><div class="panel"><p>${view.machine} was busy for a while.
<a href="/backhand/">The status page</a> shows its load sink again.</p></div>`;
  return page(view, 'Done', done);
}

export function missingPage(view: View): string {
  const missing = html`<h1>Not on our shelves</h1><div class="panel"><p>There is nothing at this
address. <a href="/">Back to the books</a></p></div>`;
  return page(view, 'Not found', missing);
}

type Line = { readonly book: Book; readonly copies: number };

function linesOf(session: Session | null): Line[] {
  return [...(session?.items ?? [])].flatMap(([id, copies]) => {
    const book = bookOf(id);
    return book === null ? [] : [{ book, copies }];
  });
}

function totalOf(lines: readonly Line[]): number {
  return lines.reduce((sum, { book, copies }) => sum + book.cents * copies, 0);
}

function price(cents: number): string {
  return `€ ${(cents / 100).toFixed(2)}`;
}

function bookItem(book: Book): Html {
  return html`<li>${coverOf(book)}<h2>${book.title}</h2>
<p>${book.author}, ${book.year}</p>
<form class="buy" method="post" action="/cart"><span class="price">${price(book.cents)}</span>
<input type="hidden" name="book" value="${book.id}">
<button aria-label="Add ${book.title} to the cart">Add to cart</button></form></li>
`;
}

function cartForm(book: Book, take: 'in' | 'out', sign: string, label: string): Html {
  return html`<form method="post" action="/cart"><input type="hidden" name="book"
value="${book.id}"><button class="quiet" name="take" value="${take}"
aria-label="${label}">${sign}</button></form>`;
}

/** One word a line, as long as the cover has room. */
function coverOf({ title, author, cover: [cloth, print] }: Book): Html {
  const lines = title.split(/[ ](?=\S{3,})/);
  const words = lines.map((line, index) => {
    return html`<text x="60" y="${62 + index * 17}">${line}</text>`;
  });
  return html`<svg viewBox="0 0 120 170" aria-hidden="true"><rect width="120" height="170"
fill="${cloth}"/><rect width="7" height="170" fill="#000" opacity=".18"/><rect x="15" y="12"
width="95" height="146" fill="none" stroke="${print}" opacity=".6"/><g fill="${print}"
text-anchor="middle" font-family="Georgia, serif" font-size="14">${words}</g><text x="62" y="146"
fill="${print}" text-anchor="middle" font-family="Georgia, serif" font-size="7.5"
opacity=".9">${author}</text></svg>`;
}

function lostNote({ session, machine }: View): Html {
  if (session?.lostAt === undefined || session.lostAt === null) return html``;
  const at = session.lostAt;
  const where = at === machine ? `${at}, which was started anew` : `${at}, which does not answer`;
  return html`<div class="note" role="alert"><p><b>Your cart was lost.</b> It was kept by ${where}.
We are sorry. ${machine} has begun a new cart for you.</p>
<form method="post" action="/told"><button class="quiet">I see</button></form></div>`;
}

function page(view: View, title: string, body: Html): string {
  const { machine, address, session } = view;
  const copies = session === null ? 0 : copiesIn(session);
  const count = copies === 0 ? html`` : html`<span class="count">${copies}</span>`;
  const kept = session === null ? '' : `Your cart is in the memory of ${machine}.`;
  const document = html`<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – The Paper Lantern</title><link rel="icon" href="data:,">
<style>${new Html(SHOP_STYLE)}</style></head><body>
<header><a class="name" href="/">The Paper Lantern<small>Books, and a cluster</small></a>
<nav><a href="/cart">Cart ${count}</a></nav></header>
<main>${lostNote(view)}${body}</main>
<footer><div><span>Served by <b id="machine">${machine}</b> (${address}). ${kept}</span>
<span><a href="/work">Keep this machine busy</a> · <a href="/backhand/">Cluster status</a></span>
</div></footer></body></html>
`;
  return `<!DOCTYPE html>\n${document}`;
}
