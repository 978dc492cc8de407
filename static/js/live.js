/**
 * Live parts of a poll's page. The server sends the public state (numbers and words of everybody); what differs for each person
 * is fetched again, after a random pause.
 *
 *   <main data-live-url="/live/polls/ID" data-live-state="open">     with data-live-reload: the whole page is loaded again
 *   <b data-live-field="voted">12</b>   <div data-live-meter>…</div>   <div data-live="actions">…</div>
 *
 * The browser resumes at Last-Event-ID by itself. Without EventSource, or after it failed three times, the state is asked every ten
 * seconds. A form somebody is writing in is never touched: its news waits until the hands are off it.
 * @module live
 */
import { busy, html, jitter } from './page.js'

const EVERY = 10_000

/** @type {Map<Element, Element>} live elements whose news waits for a form */
const waiting = new Map()

/** @param {Element} old @param {Element} fresh */
function replace(old, fresh) {
  if (busy(old)) waiting.set(old, fresh)
  else if (old.innerHTML !== fresh.innerHTML) {
    old.replaceChildren(...fresh.childNodes)
    waiting.delete(old)
    old.dispatchEvent(new CustomEvent('arrived', { bubbles: true })) // app.js enhances it
  }
}

/** Fetch this page again and take its live elements. */
async function refetch() {
  const answer = await fetch(location.href, { credentials: 'same-origin', headers: { 'X-Requested-With': 'fetch' } })
  if (!answer.ok) return
  const page = new DOMParser().parseFromString(html(await answer.text()), 'text/html')
  for (const fresh of page.querySelectorAll('[data-live]')) {
    const old = document.querySelector(`[data-live="${CSS.escape(fresh.getAttribute('data-live') ?? '')}"]`)
    if (old) replace(old, fresh)
  }
}

/** @param {{state: string, voted: number, roll: number}} state */
function show(state) {
  for (const element of document.querySelectorAll('[data-live-field]')) {
    const value = state[element.getAttribute('data-live-field') ?? '']
    if (value !== undefined && element.textContent !== String(value)) element.textContent = String(value)
  }
  for (const bar of document.querySelectorAll('[data-live-meter] rect.got')) {
    bar.setAttribute('width', `${state.roll ? Math.min(100, 100 * state.voted / state.roll) : 0}%`)
  }
  const main = document.querySelector('[data-live-state]')
  if (main && main.getAttribute('data-live-state') !== state.state) {
    main.setAttribute('data-live-state', state.state)
    if (main.hasAttribute('data-live-reload')) return location.reload() // the screen of a hall: one, and nobody types in it
    setTimeout(() => refetch().catch(() => {}), jitter(1500, 0.9))
  }
}

/** @param {string} url */
async function ask(url) {
  const answer = await fetch(`${url}.json`, { credentials: 'omit' })
  if (answer.ok) show(await answer.json())
}

/** @param {string} url */
function poll(url) {
  setTimeout(async () => {
    if (!document.hidden) await ask(url).catch(() => {})
    poll(url)
  }, jitter(EVERY))
}

/** @param {string} url */
function listen(url) {
  let failed = 0
  const source = new EventSource(url)
  source.addEventListener('open', () => { failed = 0 })
  source.addEventListener('state', event => show(JSON.parse(event.data)))
  source.addEventListener('error', () => {
    failed += 1
    if (failed >= 3 || source.readyState === EventSource.CLOSED) {
      source.close()
      poll(url)
    }
  })
}

let started = false

/** @param {ParentNode} root */
export function enhance(root) {
  const url = root.querySelector('[data-live-url]')?.getAttribute('data-live-url')
  if (started || !url) return
  started = true
  if ('EventSource' in window) listen(url)
  else poll(url)
  document.addEventListener('focusout', () => setTimeout(() => waiting.forEach((fresh, old) => replace(old, fresh)), 50))
}
