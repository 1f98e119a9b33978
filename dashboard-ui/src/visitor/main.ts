// The visitor's own page: shows, replays, hands out, restricts and erases the recordings that this tab or a receipt opens. What opens them came
// behind the `#` of the address, which no browser sends; it is taken out of the address at once and kept with this entry of the history.
import { dateTime, duration } from '../formats';
import * as api from './api';
import { button, element } from './element';
import { idOf, type Proof, proofsIn, readReceipt, writeReceipt } from './proofs';
import { Stage } from './stage';
import { language, words } from './words';

const mine = document.getElementById('mine') as HTMLElement;
const site = mine.dataset.site ?? '';
const body = element('div', { className: 'own' });
const status = element('p', { className: 'status' });
status.setAttribute('role', 'status');
mine.append(body, status);

let proofs: Proof[] = [];
let stage: Stage | null = null;

/** Do what the network may refuse, and say so if it does. */
async function attempt(work: () => Promise<void>): Promise<void> {
  status.textContent = '';
  try {
    await work();
  } catch (error) {
    status.textContent = error instanceof api.Refused && error.status === 429 ? words.too_often : words.failed;
  }
}

function remember(found: Proof[]): void {
  proofs = found;
  history.replaceState(proofs.join(','), '', location.pathname + location.search);
}

function save(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  element('a', { href: address, download: name }).click();
  // The browser has taken it over once the click is done with.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

function load(): void {
  const file = element('input', { type: 'file', accept: 'application/json,.json' });
  file.onchange = () =>
    attempt(async () => {
      const read = readReceipt(site, (await file.files?.[0]?.text()) ?? '');
      if (!read) {
        status.textContent = words.unreadable;
        return;
      }
      remember(proofsIn([...proofs, ...read].join(' ')));
      await show();
    });
  file.click();
}

/** Ask before what cannot be undone. */
function sure(): Promise<boolean> {
  return new Promise((resolve) => {
    const question = element('p', { id: 'question' }, words.sure);
    const dialog = element('dialog', { onclose: () => (dialog.remove(), resolve(dialog.returnValue === 'yes')) }, question);
    dialog.setAttribute('aria-labelledby', question.id);
    dialog.append(element('div', { className: 'acts' }, button(words.no, () => dialog.close()), button(words.yes, () => dialog.close('yes'), 'danger')));
    body.append(dialog);
    dialog.showModal();
  });
}

async function erase(which: readonly Proof[]): Promise<void> {
  if (!(await sure())) return;
  await attempt(async () => {
    for (const proof of which) {
      await api.erase(site, proof);
      remember(proofs.filter((other) => other !== proof));
    }
    await show();
    status.textContent = words.erased;
  });
}

/** Have it kept and not used. */
const restrict = (proof: Proof): Promise<void> => attempt(() => tell(api.restrict(site, proof), words.now_restricted));

/** Take that back; one whose storage period is over is then gone at once. */
async function lift(proof: Proof, over: boolean): Promise<void> {
  if (over && !(await sure())) return;
  await attempt(() => tell(api.lift(site, proof), over ? words.erased : words.now_lifted));
}

async function tell(done: Promise<unknown>, said: string): Promise<void> {
  await done;
  await show();
  status.textContent = said;
}

function watch(proof: Proof, row: HTMLElement): Promise<void> {
  return attempt(async () => {
    stage?.close();
    const shown = (stage = new Stage(() => (status.textContent = words.failed)));
    row.append(shown.box);
    shown.box.scrollIntoView({ block: 'nearest' });
    shown.dress(await api.assets(site, proof));
    await api.events(site, proof, (events) => shown.take(events));
    shown.finish();
  });
}

function fact(name: string, value: string): HTMLElement {
  return element('div', {}, element('dt', {}, name), element('dd', {}, value));
}

const date = (at: number): string => new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' }).format(at);

function row(recording: api.Recording, proof: Proof): HTMLLIElement {
  const acts = element('div', { className: 'acts' });
  const held = recording.restricted_at;
  const item = element(
    'li',
    { id: recording.id },
    element(
      'dl',
      {},
      fact(words.started, dateTime(language, recording.started_at)),
      fact(words.pages, String(recording.pages)),
      fact(words.length, duration(language, recording.duration_ms)),
      held === null ? fact(words.until, date(recording.expires_at)) : fact(words.restricted, dateTime(language, held)),
      ...(recording.identified.length > 0 ? [fact(words.identified, recording.identified.join(', '))] : []),
    ),
    ...(recording.linked ? [element('p', { className: 'linked' }, recording.linked === 'visit' ? words.linked_visit : words.linked_visitor)] : []),
    ...(held === null ? [] : [element('p', { className: 'held' }, recording.restricted_by_visitor ? words.restricted_by_you : words.restricted_by_site)]),
    acts,
  );
  acts.append(
    button(words.watch, () => watch(proof, item), 'primary'),
    button(words.download, () => attempt(async () => save(`hushreel-${recording.id}.json`, await api.download(site, proof)))),
    ...(recording.restricted_by_visitor ? [button(words.lift, () => lift(proof, recording.expires_at <= Date.now()))] : held === null ? [button(words.restrict, () => restrict(proof))] : []),
    button(words.erase, () => erase([proof]), 'danger'),
  );
  return item;
}

/** Ask the server what is there, and show it. */
async function show(): Promise<void> {
  stage?.close();
  stage = null;
  const recordings = proofs.length > 0 ? await api.list(site, proofs) : [];
  const there = (proof: Proof) => recordings.some(({ id }) => id === idOf(proof));
  const open = proofs.filter(there);
  const acts = element('div', { className: 'acts' });
  const rows = recordings.map((recording) => row(recording, open.find((proof) => idOf(proof) === recording.id) ?? ''));
  const lead = element('p', {}, open.length > 0 ? words.lead : proofs.length > 0 ? words.gone : words.none);
  body.replaceChildren(lead, ...(rows.length > 0 ? [element('ul', { className: 'recordings' }, ...rows)] : []), acts);
  if (open.length > 0) {
    acts.append(button(words.save, () => save(`hushreel-receipt-${site}.json`, new Blob([writeReceipt(site, location.origin, open)], { type: 'application/json' }))));
  }
  acts.append(button(words.load, load));
  if (open.length > 1) acts.append(button(words.erase_all, () => erase(open), 'danger'));
}

function begin(): void {
  const said = location.hash.length > 1 ? location.hash : String(history.state ?? '');
  remember(proofsIn(said));
  void attempt(show);
}

// Another language is another page, for the same recordings.
document.addEventListener('click', ({ target }) => {
  const link = target instanceof Element ? target.closest<HTMLAnchorElement>('a[hreflang]') : null;
  if (link) link.hash = proofs.join(',');
});
addEventListener('hashchange', () => location.hash.length > 1 && begin());
begin();
