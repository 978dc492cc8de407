/**
 * Live parts of a poll's page. The server sends the public state (numbers and words of everybody); what differs for each person
 * is fetched again, after a random pause.
 *
 *   <main data-live-url="/live/polls/ID" data-live-state="open">     with data-live-reload: the whole page is loaded again
 *   <b data-live-field="voted">12</b>   <div data-live-meter>…</div>   <div data-live="actions">…</div>
 *   <p data-live-lost hidden>…</p>   shown while no news can come, so that nobody takes an old number for a new one
 *
 * The browser resumes at Last-Event-ID by itself. Without EventSource, after three failures, or when two heartbeats are missing (a
 * proxy that holds everything back looks like a quiet stream), the state is asked: each second while a poll is open, else every ten.
 * A minute later the stream is tried again. No number ever goes back. A form somebody is writing in is never touched: its news
 * waits until the hands are off it.
 * @module live
 */
import { busy, html, jitter, lang } from './page.js'

const OPEN = 1_000
const QUIET = 10_000
const BEATS = 32_000 // two heartbeats of the server, and a little
const AGAIN = 60_000

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

let entry = -1
let current = ''

/**
 * Whether this event is newer than what is shown; its id is ENTRY-HASH.
 * @param {string} id
 */
function isNews(id) {
  const number = Number.parseInt(id, 10)
  if (Number.isNaN(number) || number < entry) return false
  entry = number
  return true
}

/** @param {boolean} yes */
function lost(yes) {
  for (const element of document.querySelectorAll('[data-live-lost]')) element.toggleAttribute('hidden', !yes)
}

/** Load the page again once the server answers: a hall must never look at a browser's error page. */
async function reload() {
  const there = await fetch(location.href, { credentials: 'same-origin' }).then(answer => answer.ok, () => false)
  if (there) location.reload()
  else setTimeout(reload, jitter(2000))
}

/** @param {{state: string, revision: number, voted: number, roll: number}} state */
function show(state) {
  lost(false)
  for (const element of document.querySelectorAll('[data-live-field]')) {
    const value = state[element.getAttribute('data-live-field') ?? '']
    if (value === undefined) continue
    const written = typeof value === 'number' ? value.toLocaleString(lang) : String(value)
    if (element.textContent !== written) element.textContent = written
  }
  for (const bar of document.querySelectorAll('[data-live-meter] rect.got')) {
    bar.setAttribute('width', `${state.roll ? Math.min(100, 100 * state.voted / state.roll) : 0}%`)
  }
  const main = document.querySelector('[data-live-state]')
  const stands = `${state.state} ${state.revision}`
  const changed = current ? current !== stands : main?.getAttribute('data-live-state') !== state.state
  current = stands
  if (main && changed) {
    main.setAttribute('data-live-state', state.state)
    if (main.hasAttribute('data-live-reload')) reload() // the screen of a hall: one, and nobody types in it
    else setTimeout(() => refetch().catch(() => {}), jitter(1500, 0.9))
  }
}

/** Ask for the state until it is time to try the stream again. @param {string} url */
function poll(url) {
  const until = 'EventSource' in window ? Date.now() + AGAIN : Infinity
  let tag = ''
  let failed = 0
  const ask = async () => {
    if (Date.now() > until) return listen(url)
    if (!document.hidden) {
      try {
        const answer = await fetch(`${url}.json`, { credentials: 'omit', headers: tag ? { 'If-None-Match': tag } : {} })
        if (answer.status === 200) {
          tag = answer.headers.get('ETag') ?? ''
          const state = await answer.json()
          if (isNews(tag.replace('"', ''))) show(state)
        } else if (answer.status !== 304) throw new Error(String(answer.status))
        failed = 0
        lost(false)
      } catch {
        failed += 1
        if (failed > 1) lost(true)
      }
    }
    const pause = failed ? Math.min(QUIET, OPEN * 2 ** failed) : current.startsWith('open') ? OPEN : QUIET
    setTimeout(ask, jitter(pause))
  }
  ask()
}

/** @param {string} url */
function listen(url) {
  let failed = 0
  let quiet = 0
  const source = new EventSource(url)
  const giveUp = () => {
    clearTimeout(quiet)
    source.close()
    poll(url)
  }
  const alive = () => {
    failed = 0
    lost(false)
    clearTimeout(quiet)
    quiet = setTimeout(giveUp, BEATS)
  }
  alive()
  source.addEventListener('open', alive)
  source.addEventListener('beat', alive)
  source.addEventListener('state', event => {
    alive()
    if (isNews(event.lastEventId)) show(JSON.parse(event.data))
  })
  source.addEventListener('error', () => {
    failed += 1
    if (failed > 1) lost(true)
    if (failed >= 3 || source.readyState === EventSource.CLOSED) giveUp()
  })
}

/** One key, or a presenter's clicker, steps the screen through the rounds. @param {KeyboardEvent} event */
function turn(event) {
  const wanted = { ArrowRight: 'next', PageDown: 'next', ArrowLeft: 'prev', PageUp: 'prev' }[event.key]
  const link = wanted && document.querySelector(`link[rel="${wanted}"]`)
  if (link instanceof HTMLLinkElement) location.assign(link.href)
}

let started = false

/** @param {ParentNode} root */
export function enhance(root) {
  const url = root.querySelector('[data-live-url]')?.getAttribute('data-live-url')
  if (started || !url) return
  started = true
  document.addEventListener('keydown', turn)
  if ('EventSource' in window) listen(url)
  else poll(url)
  document.addEventListener('focusout', () => setTimeout(() => waiting.forEach((fresh, old) => replace(old, fresh)), 50))
}
