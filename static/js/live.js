/**
 * Live parts of a page. The server sends rendered public fragments; each replaces the inside of the element with its topic.
 *
 *   <main data-live-url="/live/polls/14">  <div data-live="poll.14.turnout">…</div>
 *
 * Events: `fragment` with {"topic", "html"}; `stale` with {"topic"}: what differs for each person is fetched again, after a random pause.
 * The browser resumes at Last-Event-ID by itself. Without EventSource, or after it failed three times, the page is asked every ten seconds.
 * A form somebody is writing in is never touched: its news waits until the hands are off it.
 * @module live
 */
import { busy, jitter } from './page.js'

const EVERY = 10_000

/** @type {Map<string, string>} fragments that wait for a form */
const waiting = new Map()

/** @param {string} topic @param {string} html */
function apply(topic, html) {
  for (const element of document.querySelectorAll(`[data-live="${CSS.escape(topic)}"]`)) {
    if (busy(element)) waiting.set(topic, html)
    else if (element.innerHTML !== html) {
      element.innerHTML = html
      waiting.delete(topic)
      import('./app.js').then(app => app.enhance(element))
    }
  }
}

/** Ask for the page itself and take its live parts, or only one of them. @param {string} [only] */
async function refetch(only) {
  const answer = await fetch(location.href, { credentials: 'same-origin', headers: { 'X-Requested-With': 'fetch' } })
  if (!answer.ok) return
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
  for (const element of page.querySelectorAll('[data-live]')) {
    const topic = element.getAttribute('data-live') ?? ''
    if (!only || only === topic) apply(topic, element.innerHTML)
  }
}

function poll() {
  setTimeout(async () => {
    if (!document.hidden) await refetch().catch(() => {})
    poll()
  }, jitter(EVERY))
}

/** @param {string} url */
function listen(url) {
  let failed = 0
  const source = new EventSource(url)
  source.addEventListener('open', () => { failed = 0 })
  source.addEventListener('fragment', event => {
    const { topic, html } = JSON.parse(event.data)
    apply(topic, html)
  })
  source.addEventListener('stale', event => {
    const { topic } = JSON.parse(event.data)
    setTimeout(() => refetch(topic).catch(() => {}), jitter(3000, 0.9))
  })
  source.addEventListener('error', () => {
    failed += 1
    if (failed >= 3 || source.readyState === EventSource.CLOSED) {
      source.close()
      poll()
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
  else poll()
  document.addEventListener('focusout', () => setTimeout(() => waiting.forEach((html, topic) => apply(topic, html)), 50))
}
